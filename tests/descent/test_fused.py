"""Adam in one pass: the same updates as the rule written out, and as torch's optimiser."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from thetastar.descent import RULES, Hyper, coefficients, start, step
from thetastar.descent.fused import fused_adam

SIZE = 37  # not a multiple of the processor's vectors
RATES = [0.1, 0.01, 0.1]  # two members share a call, one has its own


def hyper(weight_decay: float = 0.0) -> Hyper:
    rates = torch.tensor([RATES], dtype=torch.float64).t()
    ones = torch.ones_like(rates)
    return Hyper(rates, ones * 0.9, ones * 0.99, ones * weight_decay, ones * torch.inf)


def gradients(updates: int) -> torch.Tensor:
    stream = torch.Generator().manual_seed(1)
    return torch.randn(updates, len(RATES), SIZE, generator=stream, dtype=torch.float64)


def fused_path(factors: torch.Tensor, own: Hyper) -> torch.Tensor:
    theta, gradient = torch.ones(len(RATES), SIZE, dtype=torch.float64), torch.zeros(len(RATES), SIZE).double()
    state = start(RULES["adam"], theta, hyper=own)
    adam = fused_adam(RULES["adam"], theta, gradient, state=state, hyper=own, totals=[0] * len(RATES))
    assert adam is not None
    for factor, slope in zip(factors, gradients(len(factors)), strict=True):
        gradient.copy_(slope)
        adam.step(factor * own.learning_rate)
    assert state.updates == len(factors)
    return theta


@pytest.mark.parametrize("weight_decay", [0.0, 0.05])
def test_the_same_as_the_rule_written_out(weight_decay: float) -> None:
    own, factors = hyper(weight_decay), torch.linspace(1, 0.1, 20, dtype=torch.float64).view(-1, 1, 1).expand(-1, 3, 1)
    theta = torch.ones(len(RATES), SIZE, dtype=torch.float64)
    state = start(RULES["adam"], theta, hyper=own)
    now = zip(*coefficients(RULES["adam"], own, updates=0, factors=factors), strict=True)
    for numbers, slope in zip(now, gradients(20), strict=True):
        step(RULES["adam"], theta, slope, state=state, hyper=own, now=numbers)
    torch.testing.assert_close(fused_path(factors, own), theta, rtol=1e-12, atol=1e-12)


def test_the_same_as_torchs_optimiser() -> None:
    rows = [torch.ones(SIZE, dtype=torch.float64, requires_grad=True) for _ in RATES]
    settings = {"betas": (0.9, 0.99), "eps": 1e-8}
    for row, rate, slopes in zip(rows, RATES, gradients(20).unbind(1), strict=True):
        optimiser = torch.optim.Adam([row], lr=rate, **settings)
        for slope in slopes:
            row.grad = slope.clone()
            optimiser.step()
    ones = torch.ones(20, 3, 1, dtype=torch.float64)
    torch.testing.assert_close(fused_path(ones, hyper()), torch.stack([row.detach() for row in rows]))


def test_other_rules_are_written_out() -> None:
    theta, own = torch.ones(3, SIZE, dtype=torch.float64), hyper()
    for rule in (RULES["momentum"], RULES["rmsprop"], replace(RULES["adam"], direction="momentum")):
        state = start(rule, theta, hyper=own)
        assert fused_adam(rule, theta, torch.zeros_like(theta), state=state, hyper=own, totals=[0, 0, 0]) is None
