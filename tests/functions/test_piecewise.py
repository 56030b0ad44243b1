from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from thetastar.errors import UserError
from thetastar.functions.piecewise import (
    SIGMOID_ERROR,
    PiecewiseLinear,
    as_sigmoid,
    as_two_relus,
    hard_sigmoid,
    piecewise_linear,
)

KNOTS = st.lists(
    st.tuples(st.integers(-50, 50), st.integers(-50, 50)),
    min_size=1,
    max_size=12,
    unique_by=lambda knot: knot[0],
)
GRID = torch.linspace(-60, 60, 961, dtype=torch.float64)


def numbers(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def curve_through(knots: list[tuple[int, int]]) -> tuple[PiecewiseLinear, np.ndarray]:
    """Return our curve and numpy's interpolation of the same knots on the grid."""
    x, y = zip(*sorted(knots), strict=True)
    return piecewise_linear(numbers(*x), numbers(*y)), np.interp(GRID.numpy(), x, y)


@given(KNOTS)
def test_equals_interpolation_everywhere(knots: list[tuple[int, int]]) -> None:
    curve, expected = curve_through(knots)
    np.testing.assert_allclose(curve(GRID).numpy(), expected, atol=1e-12)


def test_one_knot_is_a_constant() -> None:
    assert piecewise_linear(numbers(3.0), numbers(7.0))(numbers(-1.0, 5.0)).tolist() == [7.0, 7.0]


def test_any_shape_of_x() -> None:
    curve = piecewise_linear(numbers(0, 1, 2), numbers(0, 1, 0))
    assert curve(torch.zeros(2, 5, 3, dtype=torch.float64)).shape == (2, 5, 3)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ((0, 1), (1,), "as many x as y"),
        ((), (), "as many x as y"),
        ((0, float("nan")), (0, 1), "finite"),
        ((0, 2, 2), (0, 1, 5), r"knot 3 at 2.0 does not lie right of knot 2 at 2.0"),
    ],
)
def test_refuses_knots_without_a_curve(x: tuple[float, ...], y: tuple[float, ...], message: str) -> None:
    with pytest.raises(UserError, match=message):
        piecewise_linear(numbers(*x), numbers(*y))


@given(st.floats(-20, 20), st.floats(0.01, 20), st.floats(-100, 100))
def test_two_relus_are_the_hard_sigmoid(start: float, width: float, height: float) -> None:
    a, b, h = numbers(start), numbers(start + width), numbers(height)
    bias, weight = as_two_relus(a, b, h)
    two = (weight * torch.relu(GRID[:, None, None] + bias)).sum(-1)
    torch.testing.assert_close(two, hard_sigmoid(GRID[:, None], a, b, h), rtol=0, atol=1e-9)


def distance(width_factor: float = 1.0) -> float:
    """Return the largest distance of the sigmoid, its slope changed by a factor, from hs(x; 0, 1, 1)."""
    x = torch.linspace(-3, 4, 70_001, dtype=torch.float64)
    sigmoid = as_sigmoid(numbers(0), numbers(1), numbers(1))
    w = sigmoid.w * width_factor
    other = sigmoid.c * torch.sigmoid(w * (x - 0.5))
    return (other - hard_sigmoid(x, numbers(0), numbers(1), numbers(1))).abs().max().item()


def test_no_other_slope_is_nearer() -> None:
    assert distance() == pytest.approx(SIGMOID_ERROR, abs=1e-6)
    assert distance(0.99) > SIGMOID_ERROR + 1e-4
    assert distance(1.01) > SIGMOID_ERROR + 1e-4
