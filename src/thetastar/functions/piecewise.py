"""Any piecewise linear curve as a constant plus hard sigmoids; a hard sigmoid as two ReLUs or one sigmoid.

This is why a sum of hard sigmoids per column, and then a layer of ReLUs, can follow any curve: enough knots
bring a piecewise linear curve as close to a continuous one as wanted.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.errors import UserError

__all__ = [
    "SIGMOID_ERROR",
    "PiecewiseLinear",
    "SigmoidCurve",
    "as_sigmoid",
    "as_two_relus",
    "hard_sigmoid",
    "piecewise_linear",
]

# The slope w of σ(w·u) that comes nearest to clip(u + 1/2, 0, 1) in the largest error, and that error: there
# the error at the corner, 1 − σ(w/2), equals the overshoot inside, where w·σ′ = 1. Found by bisection.
SIGMOID_SLOPE = 5.6476436
SIGMOID_ERROR = 0.0560504


@dataclass(frozen=True, eq=False)
class PiecewiseLinear:
    """y(x) = constant + Σ hard_sigmoid(x, start, end, height): constant outside the knots.

    Attributes:
        constant: The value left of the first knot.
        starts: Where each hard sigmoid leaves 0, [segments].
        ends: Where it arrives at its height, [segments].
        heights: What it adds, in the unit of y, [segments].
    """

    constant: float
    starts: Tensor
    ends: Tensor
    heights: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Return y at every x, [...]."""
        steps = hard_sigmoid(x.unsqueeze(-1), self.starts, self.ends, self.heights)
        return self.constant + steps.sum(-1)


def piecewise_linear(x: Tensor, y: Tensor) -> PiecewiseLinear:
    """Build the curve through the knots (x, y) from hard sigmoids, one a segment.

    The constant is the value at the first knot; segment i rises by yᵢ₊₁ − yᵢ between xᵢ and xᵢ₊₁ and stays
    there, so that the sum goes through every knot and is straight between two. Computed in float64.

    Args:
        x: Where the knots lie, [knots], strictly rising.
        y: Their values, [knots].

    Raises:
        UserError: x and y are not two equally long lists of finite numbers, or x doesn't rise.

    Example:
        >>> curve = piecewise_linear(torch.tensor([0.0, 1.0, 3.0]), torch.tensor([5.0, 7.0, 1.0]))
        >>> curve(torch.tensor([-1.0, 0.5, 2.0, 9.0])).tolist()
        [5.0, 6.0, 4.0, 1.0]
    """
    x, y = x.to(torch.float64), y.to(torch.float64)
    if x.ndim != 1 or x.shape != y.shape or len(x) == 0:
        raise UserError(f"knots need as many x as y; got x of shape {tuple(x.shape)}, y of {tuple(y.shape)}")
    if not (x.isfinite().all() and y.isfinite().all()):
        raise UserError("knots must be finite numbers")
    flat = (x[1:] <= x[:-1]).nonzero()
    if len(flat):
        first = int(flat[0])
        raise UserError(
            f"the knots' x must rise; knot {first + 2} at {x[first + 1].item()} does not lie right of "
            f"knot {first + 1} at {x[first].item()}"
        )
    return PiecewiseLinear(constant=y[0].item(), starts=x[:-1], ends=x[1:], heights=y[1:] - y[:-1])


def hard_sigmoid(x: Tensor, start: Tensor, end: Tensor, height: Tensor) -> Tensor:
    """Return height · clip((x − start)/(end − start), 0, 1), all broadcast: flat, a slope, flat.

    Example:
        >>> zero, two, ten = torch.tensor(0.0), torch.tensor(2.0), torch.tensor(10.0)
        >>> hard_sigmoid(torch.tensor([-1.0, 0.5, 3.0]), zero, two, ten).tolist()
        [0.0, 2.5, 10.0]
    """
    return height * ((x - start) / (end - start)).clamp(0.0, 1.0)


def as_two_relus(start: Tensor, end: Tensor, height: Tensor) -> tuple[Tensor, Tensor]:
    """Write hard sigmoids as two ReLUs each: h/(b−a)·ReLU(x − a) − h/(b−a)·ReLU(x − b).

    The first starts the slope and the second, from the end on, cancels it. So a layer of ReLUs with two units
    a hard sigmoid holds every sum of hard sigmoids.

    Returns:
        The biases (−a, −b) and the weights ±h/(b−a) after the ReLU, both [..., 2]: the hard sigmoid is
        Σ weight · ReLU(x + bias).

    Example:
        >>> bias, weight = as_two_relus(torch.tensor(1.0), torch.tensor(3.0), torch.tensor(4.0))
        >>> (weight * torch.relu(torch.tensor([[0.0], [2.0], [9.0]]) + bias)).sum(-1).tolist()
        [0.0, 2.0, 4.0]
    """
    slope = height / (end - start)
    return torch.stack([-start, -end], -1), torch.stack([slope, -slope], -1)


@dataclass(frozen=True, eq=False)
class SigmoidCurve:
    """c·σ(b + w·x): w sets the slope, b shifts it, c is its height. All three broadcast."""

    b: Tensor
    w: Tensor
    c: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Return the curve at every x."""
        return self.c * torch.sigmoid(self.b + self.w * x)


def as_sigmoid(start: Tensor, end: Tensor, height: Tensor) -> SigmoidCurve:
    """Return the sigmoid c·σ(b + w·x) nearest to a hard sigmoid; it is at most SIGMOID_ERROR · |height| off.

    Both go through half the height in the middle, so b = −w·(start + end)/2; w is the one that makes the
    largest distance smallest.

    Example:
        >>> curve = as_sigmoid(torch.tensor(0.0), torch.tensor(2.0), torch.tensor(10.0))
        >>> curve(torch.tensor([-9.0, 1.0, 11.0])).round(decimals=3).tolist()
        [0.0, 5.0, 10.0]
    """
    w = SIGMOID_SLOPE / (end - start)
    return SigmoidCurve(b=-w * (start + end) / 2, w=w, c=height)
