"""R19: the minimum ratio, the share of positive eigenvalues, told with those that are zero and negative."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

import thetastar as ts
from thetastar.landscape import Signs, signs

SEEDS = 4
RELATIVE = 1e-5  # of the largest eigenvalue: below it a curvature counts as zero


def ratios(seed: int) -> Signs:
    """The network 1 → 128 ReLU → 1 on sin(5πx)/(5πx), as it is initialised."""
    x = torch.linspace(0, 1, 257, dtype=torch.float64)[1:, None]
    y = torch.sin(5 * math.pi * x) / (5 * math.pi * x)
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(1, 128), nn.ReLU(), nn.Linear(128, 1)).double()
    objective = ts.Objective(network, nn.MSELoss(), (x, y))
    return signs(objective, tolerance=RELATIVE * ts.spectrum(objective, objective.size).scale)


def test_the_shares_of_the_book() -> None:
    found = [ratios(seed) for seed in range(SEEDS)]
    assert all(each.errors == (0.0, 0.0, 0.0) and each.size == 385 for each in found)  # of the exact Hessian
    assert 0.21 <= sum(each.positive for each in found) / SEEDS <= 0.24
    assert 0.18 <= sum(each.negative for each in found) / SEEDS <= 0.23
    assert 0.52 <= sum(each.zero for each in found) / SEEDS <= 0.62


def test_it_is_told_with_its_tolerance() -> None:
    found = ratios(0)
    assert found.positive + found.zero + found.negative == pytest.approx(1)
    assert str(found).startswith(f"positive {found.positive:.1%}, zero {found.zero:.1%}, negative {found.negative:.1%}")
    assert f"(zero: |λ| ≤ {found.tolerance:.2g})" in str(found)
