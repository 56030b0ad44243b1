"""Is a gradient small: against what a step along it could gain, and against how far its rows disagree."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.landscape.objective import Objective
from thetastar.landscape.operator import Counted
from thetastar.landscape.quadrature import tridiagonal
from thetastar.landscape.spectrum import Spectrum

__all__ = ["Slope", "find_slope"]

SMALL_DECREASE = 1e-3  # of the loss: what a Newton step would gain where the gradient is small
WITHIN_NOISE = 0.05  # of the loss: the same where the rows don't even agree on the gradient
_STEPS = 30  # of Lanczos from the gradient
_PARTS = 16  # of the rows, whose gradients are compared


@dataclass(frozen=True)
class Slope:
    """How steep a loss is where an objective stands.

    Attributes:
        loss: L.
        norm: ‖g‖.
        noise: Standard error of g as a mean over rows, as a length; not a number for fewer than two rows.
        decrease: ½ gᵀ(|H| + δ)⁻¹g, what a step to where the slope ends is expected to gain.
        rounding: What rounding alone may add to it.
    """

    loss: float
    norm: float
    noise: float
    decrease: float
    rounding: float

    @property
    def small(self) -> bool:
        """Whether the point counts as critical: next to nothing to gain, or little, and that within the noise."""
        if self.decrease <= SMALL_DECREASE * abs(self.loss) + self.rounding:
            return True
        return self.norm <= self.noise and self.decrease <= WITHIN_NOISE * abs(self.loss)


def find_slope(objective: Objective, found: Spectrum, *, damping: float, products: Counted) -> Slope:
    """Return the slope where the objective stands.

    Args:
        objective: It takes its gradient twice, the second time in parts.
        found: Its spectrum.
        damping: δ, what curvature is taken to be at least.
        products: Of its Hessian, where they are counted.
    """
    gradient = objective.gradient()
    norm = float(gradient.norm())
    precision = torch.finfo(objective.dtype).eps
    reach = found.scale * max(1.0, float(objective.theta.norm()))  # of the gradient, if θ is off by as much as it is
    return Slope(
        loss=objective.loss(),
        norm=norm,
        noise=_noise(objective),
        decrease=_decrease(gradient, found, damping=damping, products=products) if norm else 0.0,
        rounding=(precision * reach) ** 2 / (2 * damping) if damping else 0.0,
    )


def _decrease(gradient: Tensor, found: Spectrum, *, damping: float, products: Counted) -> float:
    """Return ½ gᵀ(|H| + δ)⁻¹g: from all eigenvectors, or by quadrature from the gradient."""
    norm = float(gradient.norm())
    if found.complete:
        values, weights = found.values, (found.vectors.T @ gradient.to(found.vectors.dtype)).square().cpu() / norm**2
    else:
        run = tridiagonal(products, gradient[:, None] / norm, steps=_STEPS, locked=products.none())
        quadrature = run.quadrature(_STEPS)
        values, weights = quadrature.nodes[0], quadrature.weights[0]
    damped = values.abs() + damping
    if not damped.min() > 0:
        return math.inf  # a slope where nothing bends
    return norm**2 / 2 * float((weights / damped).sum())


def _noise(objective: Objective) -> float:
    """Return the length of the standard error of the mean gradient, from random parts of the rows."""
    count = min(_PARTS, objective.rows)
    if count < 2:
        return math.nan
    slopes = torch.stack([part.gradient() for part in objective.parts(count)]).double()
    return float((slopes - slopes.mean(0)).square().sum().div(count * (count - 1)).sqrt())
