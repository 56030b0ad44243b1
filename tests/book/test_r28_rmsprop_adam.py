"""R28: RMSProp forgets old gradients, Adam adds momentum; all are one rule, θ ← θ − (η_t/σ_t)·m_t."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from thetastar.descent import RULES, Hyper, InverseRoot, Rule, coefficients, start, step

ETA, LAMBDA, ALPHA = 0.1, 0.8, 0.9
HYPER = Hyper(*(torch.full((1, 1), value, dtype=torch.float64) for value in (ETA, LAMBDA, ALPHA, 0.0, math.inf)))


def moves(rule: Rule, gradients: list[float], *, factors: list[float] | None = None) -> list[float]:
    """Return how far each update moves one parameter."""
    theta = torch.zeros(1, 1, dtype=torch.float64)
    state, path = start(rule, theta, hyper=HYPER), [0.0]
    rates = torch.tensor(factors or [1.0] * len(gradients), dtype=torch.float64).view(-1, 1, 1)
    for g, now in zip(gradients, zip(*coefficients(rule, HYPER, updates=0, factors=rates), strict=True), strict=True):
        step(rule, theta, torch.full((1, 1), g, dtype=torch.float64), state=state, hyper=HYPER, now=now)
        path.append(theta.item())
    return [later - earlier for earlier, later in pairwise(path)]


def test_sigma_of_rmsprop() -> None:
    """σ_0 = |g_0|, σ_t = √(α·σ²_{t−1} + (1 − α)·g_t²), with g = 3, −4, 0.5."""
    sigmas = [3.0, math.sqrt(0.9 * 9 + 0.1 * 16), math.sqrt(0.9 * (0.9 * 9 + 0.1 * 16) + 0.1 * 0.25)]
    expected = [-ETA / sigma * g for sigma, g in zip(sigmas, [3.0, -4.0, 0.5], strict=True)]
    assert moves(RULES["rmsprop_course"], [3.0, -4.0, 0.5]) == pytest.approx(expected, rel=1e-12)


def test_rmsprop_recovers_from_a_steep_stretch_and_adagrad_does_not() -> None:
    """After ten gradients of 100, gradients of 1: RMSProp forgets, and goes back to steps of about η."""
    gradients = [100.0] * 10 + [1.0] * 200
    forgetting, remembering = (abs(moves(RULES[f"{name}_course"], gradients)[-1]) for name in ("rmsprop", "adagrad"))
    assert forgetting == pytest.approx(ETA, rel=0.01)
    assert remembering < ETA / 10


def test_the_summary_is_one_rule() -> None:
    """Any direction m with any scale σ and any schedule η_t: here momentum, the mean root and 1/√(t + 1)."""
    gradients = [2.0, -1.0, 3.0, 0.5]
    schedule = [InverseRoot().factor(t, 4) for t in range(4)]
    found = moves(Rule("momentum", "root_mean"), gradients, factors=schedule)
    m, expected = 0.0, []
    for t, g in enumerate(gradients):
        m = LAMBDA * m + g
        sigma = math.sqrt(sum(each**2 for each in gradients[: t + 1]) / (t + 1))
        expected.append(-ETA * schedule[t] / sigma * m)
    assert found == pytest.approx(expected, rel=1e-12)


LIBRARY: dict[str, Callable[[list[Tensor]], torch.optim.Optimizer]] = {
    "rmsprop": lambda theta: torch.optim.RMSprop(theta, lr=ETA, alpha=ALPHA),
    "adam": lambda theta: torch.optim.Adam(theta, lr=ETA, betas=(LAMBDA, ALPHA)),
    "adagrad": lambda theta: torch.optim.Adagrad(theta, lr=ETA),
    "momentum": lambda theta: torch.optim.SGD(theta, lr=ETA, momentum=LAMBDA),
    "gradient_descent": lambda theta: torch.optim.SGD(theta, lr=ETA),
}


@pytest.mark.parametrize("name", list(LIBRARY))
def test_the_library_forms_are_torchs(name: str) -> None:
    gradients = torch.randn(50, generator=torch.Generator().manual_seed(0), dtype=torch.float64).tolist()
    theta = torch.nn.Parameter(torch.zeros(1, 1, dtype=torch.float64))
    optimizer, path = LIBRARY[name]([theta]), [0.0]
    for g in gradients:
        theta.grad = torch.full((1, 1), g, dtype=torch.float64)
        optimizer.step()
        path.append(theta.item())
    expected = [later - earlier for earlier, later in pairwise(path)]
    assert moves(RULES[name], gradients) == pytest.approx(expected, rel=1e-9, abs=1e-13)
