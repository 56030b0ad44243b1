"""R5: any piecewise linear curve is a constant plus hard sigmoids, exactly."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from thetastar.functions.piecewise import hard_sigmoid, piecewise_linear

X = torch.tensor([0.0, 1.0, 2.0, 4.0], dtype=torch.float64)
Y = torch.tensor([1.0, 3.0, 2.0, 2.5], dtype=torch.float64)
GRID = torch.linspace(-2, 6, 801, dtype=torch.float64)


def test_constant_and_one_hard_sigmoid_a_segment() -> None:
    """The constant is the value at the first knot, and each segment adds its own rise."""
    curve = piecewise_linear(X, Y)
    assert curve.constant == 1.0
    assert curve.starts.tolist() == [0.0, 1.0, 2.0]
    assert curve.ends.tolist() == [1.0, 2.0, 4.0]
    assert curve.heights.tolist() == [2.0, -1.0, 0.5]


def test_maximal_error_zero() -> None:
    """The sum of constant and hard sigmoids is the curve: its largest error is 0."""
    assert np.abs(piecewise_linear(X, Y)(GRID).numpy() - np.interp(GRID, X, Y)).max() == 0.0


def test_every_segment_is_needed() -> None:
    """Without the second hard sigmoid the sum is no longer the curve."""
    curve = piecewise_linear(X, Y)
    rest = curve(GRID) - hard_sigmoid(GRID, curve.starts[1], curve.ends[1], curve.heights[1])
    assert np.abs(rest.numpy() - np.interp(GRID, X, Y)).max() == pytest.approx(1.0)


@pytest.mark.parametrize("knots", [10, 20, 40])
def test_a_bent_curve_is_approached_with_enough_knots(knots: int) -> None:
    """Twice the knots, a quarter of the error: the bound is step² · max|y″| / 8."""
    x = torch.linspace(0, 2 * torch.pi, knots + 1, dtype=torch.float64)
    fine = torch.linspace(0, 2 * torch.pi, 5001, dtype=torch.float64)
    error = (piecewise_linear(x, x.sin())(fine) - fine.sin()).abs().max().item()
    bound = (2 * np.pi / knots) ** 2 / 8
    assert 0.9 * bound < error <= bound
