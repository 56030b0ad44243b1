"""How many eigenvalues are positive, zero and negative, for a stated tolerance and with an error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.errors import UserError
from thetastar.landscape.density import Density, spectral_density
from thetastar.landscape.measure import mass_below, mass_error
from thetastar.landscape.operator import Counted, HasHessian, Operator, dense
from thetastar.landscape.quadrature import Quadrature

__all__ = ["CURVED", "EXACT_SIGNS", "Signs", "signs"]

EXACT_SIGNS = 3000  # parameters up to which all eigenvalues are computed to count signs
CURVED = 1e-3  # of the largest |λ|: less curvature counts as none


@dataclass(frozen=True)
class Signs:
    """Shares of the eigenvalues by sign.

    Attributes:
        positive: Share with λ > tolerance: the minimum ratio.
        zero: Share with |λ| ≤ tolerance.
        negative: Share with λ < −tolerance.
        errors: How far each of the three may be off, with 95 %; 0 where all eigenvalues were computed.
        tolerance: What counts as zero.
        size: Number of eigenvalues.
        products: Counted with a vector that were used.
    """

    positive: float
    zero: float
    negative: float
    errors: tuple[float, float, float]
    tolerance: float
    size: int
    products: int

    def __str__(self) -> str:
        """Return the three shares with their errors, and the tolerance."""
        shares = zip(
            ("positive", "zero", "negative"), (self.positive, self.zero, self.negative), self.errors, strict=True
        )
        written = [f"{name} {share:.1%}" + (f" ± {error:.1%}" if error else "") for name, share, error in shares]
        return f"{', '.join(written)} of {self.size:,} eigenvalues (zero: |λ| ≤ {self.tolerance:.2g})"


def signs(objective: HasHessian | Operator, *, tolerance: float | None = None, density: Density | None = None) -> Signs:
    """Return the shares of positive, zero and negative eigenvalues.

    Exact up to 3,000 parameters, by computing all eigenvalues; beyond that from their density, whose error is that of
    few probes and of few nodes: a density can't tell a small eigenvalue from 0, and then says how many it can't tell.

    Args:
        objective: Whose Hessian, or a symmetric operator.
        tolerance: What counts as zero; by default 1e-3 of the largest |λ|, far above rounding in single precision too.
        density: If it has been found already.

    Raises:
        UserError: if the tolerance is negative or not a number, or the products aren't finite.

    Example:
        >>> diagonal = torch.tensor([3.0, 2.0, 0.0, -1.0])[:, None]
        >>> print(signs(Operator(lambda V: diagonal * V, size=4)))
        positive 50.0%, zero 25.0%, negative 25.0% of 4 eigenvalues (zero: |λ| ≤ 0.003)
    """
    if tolerance is not None and not tolerance >= 0:
        raise UserError(f"the tolerance is what counts as zero, so at least 0; seen {tolerance}")
    if density is None and objective.size <= EXACT_SIGNS:
        values = torch.linalg.eigvalsh(dense(Counted(objective)))
        return _counted(values, _tolerance(tolerance, values), products=objective.size)
    found = spectral_density(objective) if density is None else density
    least = _tolerance(tolerance, found.nodes)
    if found.quadrature is None:
        return _counted(found.nodes, least, products=found.products)
    return _estimated(found, found.quadrature, tolerance=least)


def _tolerance(asked: float | None, values: Tensor) -> float:
    return asked if asked is not None else CURVED * float(values.abs().max())


def _counted(values: Tensor, tolerance: float, *, products: int) -> Signs:
    count = len(values)
    positive, negative = int((values > tolerance).sum()), int((values < -tolerance).sum())
    return Signs(
        positive=positive / count,
        zero=(count - positive - negative) / count,
        negative=negative / count,
        errors=(0.0, 0.0, 0.0),
        tolerance=tolerance,
        size=count,
        products=products,
    )


def _estimated(density: Density, quadrature: Quadrature, *, tolerance: float) -> Signs:
    """Return the shares from each probe's quadrature and from the eigenvalues that are known."""
    up_to, open_above = mass_below(quadrature, math.nextafter(tolerance, math.inf))
    below, open_below = mass_below(quadrature, -tolerance)
    probed = torch.stack([1 - up_to, up_to - below, below])
    unsure = torch.stack([open_above, torch.maximum(open_above, open_below), open_below]).mean(1)
    left = density.size - len(density.known)
    scatter = mass_error(probed.mean(1), draws=probed.shape[1] * left)
    known = density.known
    listed = torch.stack([known > tolerance, known.abs() <= tolerance, known < -tolerance]).sum(1) / density.size
    others = left / density.size
    shares = (listed + others * probed.mean(1)).tolist()
    errors = (others * (scatter + unsure)).clamp_max(1).tolist()
    return Signs(
        positive=shares[0],
        zero=shares[1],
        negative=shares[2],
        errors=(errors[0], errors[1], errors[2]),
        tolerance=tolerance,
        size=density.size,
        products=density.products,
    )
