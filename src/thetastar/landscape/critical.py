"""Is this a critical point of the loss, and of which kind."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Literal

import torch

from thetastar.landscape.certificate import Certificate, certify
from thetastar.landscape.density import spectral_density
from thetastar.landscape.objective import Objective
from thetastar.landscape.operator import Counted, stream
from thetastar.landscape.signs import CURVED, EXACT_SIGNS, Signs, signs
from thetastar.landscape.slope import Slope, find_slope
from thetastar.landscape.spectrum import Spectrum, spectrum

__all__ = ["CriticalPoint", "Kind", "critical_point"]

# not_critical: the gradient isn't small.
# degenerate: flat to second order where the loss falls, or nowhere curved upwards, or nowhere curved at all.
Kind = Literal["minimum", "maximum", "saddle", "degenerate", "undetermined", "not_critical"]
_EACH = 3  # eigenvalues at each end
_RANDOM = 3  # random directions in which a minimum is tried, beside the flattest
_NEAREST, _FURTHEST = 1e-3, 0.1  # of the length of θ: how far from it
_CHANGE = 0.01  # of the loss, that the least curvature would make there


@dataclass(frozen=True)
class CriticalPoint:
    """What the loss looks like where an objective stands.

    Attributes:
        kind: The verdict.
        slope: How steep it is, and whether that is small.
        spectrum: Eigenvalues at both ends; all of them for few parameters.
        tolerance: Curvature that counts as none.
        certificate: Of negative curvature; None if none was found.
        lowered: By how much the loss fell at most, beyond the slope, a small way from where curvature is none; 0 if it
            fell nowhere, not a number if that was not tried.
        signs: Shares of positive, zero and negative eigenvalues.
        products: Products with a vector that were used.
        seconds: Time taken.
    """

    kind: Kind
    slope: Slope
    spectrum: Spectrum
    tolerance: float
    certificate: Certificate | None
    lowered: float
    signs: Signs
    products: int
    seconds: float

    def __str__(self) -> str:
        """Return the verdict and what it rests on, a line each."""
        slope, values = self.slope, self.spectrum.values
        noise = "" if math.isnan(slope.noise) else f" ± {slope.noise:.2g}"
        lines = [
            self.kind.replace("_", " "),
            f"loss {slope.loss:.6g}, gradient {slope.norm:.2g}{noise}, a Newton step would gain {slope.decrease:.2g}",
            f"eigenvalues from {float(values[-1]):.4g} to {float(values[0]):.4g}{self._certified()}",
            *([f"flat, and nearby the loss falls by {self.lowered:.2g}"] if self.lowered > 0 else []),
            str(self.signs),
            f"{self.products} products, {self.seconds:.2g} s",
        ]
        return "\n".join(lines)

    def _certified(self) -> str:
        found = self.certificate
        if found is None:
            searched = float(self.spectrum.values[-1]) >= -self.tolerance
            return f"; none found below −{self.tolerance:.2g}" if searched else ""
        held_out = (
            "" if not found.rows else f", {found.held_out:.3g} ± {found.error:.1g} on {found.rows:,} held-out rows"
        )
        return f"; negative curvature {found.curvature:.4g}{held_out}{'' if found.holds else ', not certain'}"


def critical_point(objective: Objective, *, seed: int = 0) -> CriticalPoint:
    """Tell whether an objective stands at a critical point of its loss, and at which kind.

    A saddle is only called so when its negative curvature is certified: recomputed on all rows, and found again on rows
    that had no say in its direction, by three standard errors. A minimum is only called so when the loss falls nowhere
    nearby where curvature is too small to tell; for many parameters it means that no negative curvature was found.

    Args:
        objective: Where to look.
        seed: Of the search.

    Raises:
        UserError: The gradient or a product isn't finite.

    Example:
        >>> def loss(theta: torch.Tensor) -> torch.Tensor:
        ...     return (1 - theta[0] * theta[1]) ** 2
        >>> critical_point(Objective.of(loss, torch.zeros(2))).kind
        'saddle'
        >>> critical_point(Objective.of(loss, torch.ones(2))).kind
        'minimum'
    """
    begin, products = time.perf_counter(), Counted(objective)
    found = spectrum(objective, objective.size if objective.size <= EXACT_SIGNS else _EACH, seed=seed)
    tolerance = CURVED * found.scale
    slope = find_slope(objective, found, damping=tolerance, products=products)
    certificate = None
    if slope.small and float(found.values[-1]) < -tolerance:
        certificate = certify(objective, found, threshold=tolerance, products=products)
    lowered = math.nan
    if slope.small and certificate is None:
        lowered = _lowered(objective, found, slope, tolerance=tolerance, seed=seed)
    shares = signs(objective, tolerance=tolerance, density=spectral_density(objective, known=found, seed=seed))
    return CriticalPoint(
        kind=_kind(slope, found, certificate, lowered, tolerance=tolerance),
        slope=slope,
        spectrum=found,
        tolerance=tolerance,
        certificate=certificate,
        lowered=lowered,
        signs=shares,
        products=found.products + products.used + shares.products,
        seconds=time.perf_counter() - begin,
    )


def _kind(slope: Slope, found: Spectrum, certificate: Certificate | None, lowered: float, *, tolerance: float) -> Kind:
    """Return the verdict."""
    if not slope.small:
        return "not_critical"
    if certificate is not None:
        if not certificate.holds:
            return "undetermined"
        if float(found.values[0]) < -tolerance:
            return "maximum"
        return "saddle" if float(found.values[0]) > tolerance else "degenerate"
    if not bool(found.converged.all()):
        return "undetermined"
    return "degenerate" if lowered > 0 or not found.scale else "minimum"


def _lowered(objective: Objective, found: Spectrum, slope: Slope, *, tolerance: float, seed: int) -> float:
    """Return by how much the loss falls at most, beyond what slope and rounding explain, in flat and random directions.

    Both ways along the eigenvectors of the smallest eigenvalues, as far as the least curvature would need to change the
    loss noticeably, but not far.
    """
    theta = objective.theta
    length = max(1.0, float(theta.norm()))
    reach = math.sqrt(2 * _CHANGE * abs(slope.loss) / tolerance) if tolerance else math.inf
    step = min(max(reach, _NEAREST * length), _FURTHEST * length)
    drawn = Counted(objective).normal(_RANDOM, random=stream("directions", seed))
    directions = torch.cat([found.vectors[:, -_EACH:].to(theta), drawn], dim=1)
    directions = torch.nn.functional.normalize(directions, dim=0)
    losses = [objective.loss(theta + sign * step * each) for each in directions.T for sign in (1, -1)]
    least = min((loss for loss in losses if math.isfinite(loss)), default=slope.loss)
    rounding = torch.finfo(theta.dtype).eps * (abs(slope.loss) + found.scale * length**2)
    fall = slope.loss - least - 2 * slope.decrease - rounding
    return fall if fall > 0 else 0.0
