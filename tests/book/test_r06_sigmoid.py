"""R6: a sigmoid c·σ(b + w·x) is nearly a hard sigmoid; w is its slope, b its shift, c its height."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from thetastar.functions.piecewise import (
    SIGMOID_ERROR,
    SigmoidCurve,
    as_sigmoid,
    hard_sigmoid,
    piecewise_linear,
)

GRID = torch.linspace(-20, 20, 4001, dtype=torch.float64)


def number(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)


@pytest.mark.parametrize(("start", "end", "height"), [(0.0, 1.0, 1.0), (-3.0, 5.0, 10.0), (2.0, 2.5, -4.0)])
def test_close_to_the_hard_sigmoid(start: float, end: float, height: float) -> None:
    """The two are nowhere further apart than 5.61 % of the height."""
    corners = (number(start), number(end), number(height))
    error = (as_sigmoid(*corners)(GRID) - hard_sigmoid(GRID, *corners)).abs().max().item()
    assert 0.9 * SIGMOID_ERROR * abs(height) < error <= (SIGMOID_ERROR + 1e-6) * abs(height)
    assert round(SIGMOID_ERROR, 4) == 0.0561


def test_w_is_the_slope_b_the_shift_c_the_height() -> None:
    """Each of the three parameters changes one thing of the curve."""
    plain = SigmoidCurve(b=number(0), w=number(1), c=number(1))
    steeper = SigmoidCurve(b=number(0), w=number(3), c=number(1))
    shifted = SigmoidCurve(b=number(2), w=number(1), c=number(1))
    higher = SigmoidCurve(b=number(0), w=number(1), c=number(5))
    torch.testing.assert_close(steeper(GRID), plain(3 * GRID))
    torch.testing.assert_close(shifted(GRID), plain(GRID + 2))
    torch.testing.assert_close(higher(GRID), 5 * plain(GRID))


def test_a_sum_of_sigmoids_follows_a_piecewise_linear_curve() -> None:
    """Constant + Σ c·σ(b + w·x) stays within the sum of what each sigmoid misses."""
    x = torch.tensor([-6.0, -1.0, 3.0, 8.0], dtype=torch.float64)
    y = torch.tensor([1.0, 4.0, 2.0, 3.0], dtype=torch.float64)
    curve = piecewise_linear(x, y)
    smooth = curve.constant + as_sigmoid(curve.starts, curve.ends, curve.heights)(GRID[:, None]).sum(-1)
    bound = SIGMOID_ERROR * curve.heights.abs().sum().item()
    assert (smooth - curve(GRID)).abs().max().item() <= bound
