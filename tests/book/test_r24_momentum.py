"""R24: momentum, m_t = λ·m_{t−1} − η·g_{t−1}, θ_t = θ_{t−1} + m_t, carries over a bump where gradient descent stops."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from thetastar.descent import RULES, Hyper, coefficients, start, step

ETA, LAMBDA = 0.01, 0.9
HYPER = Hyper(*(torch.full((1, 1), value, dtype=torch.float64) for value in (ETA, LAMBDA, 0.0, 0.0, torch.inf)))


def bump(theta: Tensor) -> Tensor:
    """A slope down to 0 with a bump on it: L = θ²/4 + exp(−4(θ − 2)²)."""
    return theta.square() / 4 + torch.exp(-4 * (theta - 2).square())


def slope(theta: Tensor) -> Tensor:
    return theta / 2 - 8 * (theta - 2) * torch.exp(-4 * (theta - 2).square())


def descend(rule: str, gradient: Callable[[Tensor], Tensor], *, begin: float, updates: int) -> tuple[Tensor, Tensor]:
    """Return the path, [updates + 1], and the gradients on it, [updates]."""
    theta = torch.tensor([[begin]], dtype=torch.float64)
    state, path, seen = start(RULES[rule], theta, hyper=HYPER), [begin], []
    factors = torch.ones(updates, 1, 1, dtype=torch.float64)
    for now in zip(*coefficients(RULES[rule], HYPER, updates=0, factors=factors), strict=True):
        seen.append(gradient(theta).item())
        step(RULES[rule], theta, torch.tensor([[seen[-1]]], dtype=torch.float64), state=state, hyper=HYPER, now=now)
        path.append(theta.item())
    return torch.tensor(path, dtype=torch.float64), torch.tensor(seen, dtype=torch.float64)


def test_a_movement_is_the_weighted_sum_of_all_past_gradients() -> None:
    """m_t = −η·(g_{t−1} + λ·g_{t−2} + λ²·g_{t−3} + …)."""
    path, seen = descend("momentum", slope, begin=3.5, updates=50)
    for t in range(1, 51):
        powers = LAMBDA ** torch.arange(t - 1, -1, -1, dtype=torch.float64)
        assert (path[t] - path[t - 1]).item() == pytest.approx(-ETA * (powers @ seen[:t]).item(), rel=1e-9)


def test_gradient_descent_stops_before_the_bump_and_momentum_crosses_it() -> None:
    plain, gradients = descend("gradient_descent", slope, begin=4.5, updates=3000)
    carried, _ = descend("momentum", slope, begin=4.5, updates=3000)
    assert plain.min() > 2.0  # the bump's top
    assert abs(gradients[-1].item()) < 1e-6  # it stopped: no gradient is left
    assert carried[-1].item() == pytest.approx(0.0, abs=1e-5)
    assert bump(carried[-1]) < bump(plain[-1]) - 0.5
