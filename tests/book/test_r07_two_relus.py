"""R7: a hard sigmoid is two ReLUs: hs(x; a, b, h) = h/(b − a) · (ReLU(x − a) − ReLU(x − b))."""

from __future__ import annotations

import torch
from torch import Tensor

from thetastar.functions.piecewise import as_two_relus, hard_sigmoid, piecewise_linear

GRID = torch.linspace(-10, 10, 2001, dtype=torch.float64)


def number(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)


def test_the_formula() -> None:
    """The two units' biases are −a and −b, and their weights ±h/(b − a)."""
    bias, weight = as_two_relus(number(1.0), number(3.0), number(4.0))
    assert bias.tolist() == [-1.0, -3.0]
    assert weight.tolist() == [2.0, -2.0]


def test_equal_everywhere() -> None:
    """Left of a, between, and right of b the two ReLUs add up to the hard sigmoid."""
    a, b, h = number(1.0), number(3.0), number(4.0)
    two = h / (b - a) * (torch.relu(GRID - a) - torch.relu(GRID - b))
    bias, weight = as_two_relus(a, b, h)
    torch.testing.assert_close(two, hard_sigmoid(GRID, a, b, h), rtol=0, atol=1e-14)
    torch.testing.assert_close((weight * torch.relu(GRID[:, None] + bias)).sum(-1), two, rtol=0, atol=1e-14)


def test_a_layer_of_relus_holds_every_piecewise_linear_curve() -> None:
    """With R5: constant + two ReLUs a segment is the curve, which nests the rungs of the ladder."""
    x = torch.tensor([-4.0, 0.0, 1.0, 7.0], dtype=torch.float64)
    curve = piecewise_linear(x, torch.tensor([2.0, -1.0, 5.0, 5.5], dtype=torch.float64))
    bias, weight = as_two_relus(curve.starts, curve.ends, curve.heights)
    layer = torch.relu(GRID[:, None] + bias.flatten()) @ weight.flatten()
    torch.testing.assert_close(curve.constant + layer, curve(GRID), rtol=0, atol=1e-12)
