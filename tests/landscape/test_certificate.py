"""A certificate of negative curvature is never false: neither by rounding nor by the chance of the rows."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import thetastar as ts
from thetastar.landscape import Certificate
from thetastar.landscape.certificate import certify
from thetastar.landscape.operator import Counted


def certified(objective: ts.Objective) -> Certificate:
    found = ts.spectrum(objective, 1)
    return certify(objective, found, threshold=1e-3 * found.scale, products=Counted(objective))


def of_rows(mean: float, *, rows: int, size: int, seed: int) -> ts.Objective:
    """Each row's Hessian is diagonal and random, all with the same mean."""
    random = torch.Generator().manual_seed(seed)
    bends = mean + torch.randn(rows, size, generator=random, dtype=torch.float64)

    def loss(theta: Tensor, X: Tensor, _y: Tensor) -> Tensor:
        return (X * theta**2).sum(1).mean() / 2

    return ts.Objective.of(loss, torch.zeros(size, dtype=torch.float64), (bends, bends[:, :1]))


def test_curvature_by_chance_of_the_rows_is_not_certified() -> None:
    found = [certified(of_rows(0.02, rows=100, size=40, seed=seed)) for seed in range(100)]
    assert all(each.curvature < -each.threshold for each in found)  # these rows do curve down
    assert sum(each.holds for each in found) <= 2  # others don't: 0.2 % each


def test_true_curvature_is_certified() -> None:
    found = [certified(of_rows(-0.6, rows=200, size=40, seed=seed)) for seed in range(20)]
    assert all(each.holds for each in found)
    away = torch.tensor([(each.held_out + 0.6) / each.error for each in found])
    assert 0.5 < float(away.square().mean().sqrt()) < 2  # as far off as the standard error says


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), width=st.integers(1, 6), dtype=st.sampled_from([torch.float32, torch.float64]))
def test_never_false_on_random_networks(seed: int, width: int, dtype: torch.dtype) -> None:
    torch.manual_seed(seed)
    X, y = torch.randn(40, 3, dtype=dtype), torch.randint(3, (40,))
    module = nn.Sequential(nn.Linear(3, width), nn.Tanh(), nn.Linear(width, 3)).to(dtype)
    found = certified(ts.Objective(module, nn.functional.cross_entropy, (X, y)))
    exact = ts.Objective(module.double(), nn.functional.cross_entropy, (X.double(), y))
    matrix = exact.hessian_product(torch.eye(exact.size, dtype=torch.float64))
    lowest = float(torch.linalg.eigvalsh(matrix)[0])
    assert found.curvature >= lowest - 1e-5
    assert not found.holds or lowest < -found.threshold / 2


@given(seed=st.integers(0, 10_000))
def test_convex_losses_have_none(seed: int) -> None:
    torch.manual_seed(seed)
    X, y = torch.randn(50, 4), torch.randint(3, (50,))
    assert not certified(ts.Objective(nn.Linear(4, 3), nn.functional.cross_entropy, (X, y))).holds


@pytest.mark.parametrize(("held_out", "error", "holds"), [(-0.5, 0.1, True), (-0.2, 0.1, False), (0.3, 0.01, False)])
def test_held_out_rows_decide(held_out: float, error: float, holds: bool) -> None:
    direction = torch.ones(1)
    assert Certificate(direction, -0.5, 1e-3, held_out, error, rows=100).holds == holds
    assert not Certificate(direction, -1e-4, 1e-3, held_out, error, rows=100).holds
