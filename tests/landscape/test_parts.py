"""Parts of the rows are disjoint, together all rows, and stand where the whole stands."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import thetastar as ts


def line(rows: int, *, memory: float | None = None) -> ts.Objective:
    torch.manual_seed(0)
    X = torch.randn(rows, 3, dtype=torch.float64)
    return ts.Objective(nn.Linear(3, 1, dtype=torch.float64), nn.MSELoss(), (X, X[:, :1] ** 2), memory=memory)


@pytest.mark.parametrize("memory", [None, 1500.0], ids=["one chunk", "many chunks"])
@pytest.mark.parametrize(("rows", "count"), [(20, 2), (20, 3), (7, 7), (50, 4), (5, 1)])
def test_parts_hold_all_rows_once(rows: int, count: int, memory: float | None) -> None:
    whole = line(rows, memory=memory)
    parts = whole.parts(count)
    sizes = [part.rows for part in parts]
    assert sum(sizes) == rows
    assert max(sizes) - min(sizes) <= 1
    mean = sum(part.rows * part.gradient() for part in parts) / rows
    assert torch.allclose(mean, whole.gradient())
    vector = torch.ones(4, dtype=torch.float64)
    assert torch.allclose(
        sum(part.rows * part.hessian_product(vector) for part in parts) / rows, whole.hessian_product(vector)
    )
    assert all(torch.equal(part.theta, whole.theta) for part in parts)


def test_seed_deals_the_rows() -> None:
    whole = line(40)
    one, again, other = (whole.parts(2, seed=seed)[0].gradient() for seed in (0, 0, 1))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("count", [0, 6])
def test_more_parts_than_rows(count: int) -> None:
    with pytest.raises(ts.UserError, match=f"{count} parts were asked for of 5 rows"):
        line(5).parts(count)
