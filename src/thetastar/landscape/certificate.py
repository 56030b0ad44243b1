"""Negative curvature that holds whatever the search did: recomputed, and tried on rows that had no say in it."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.landscape.objective import Objective
from thetastar.landscape.operator import Counted
from thetastar.landscape.spectrum import Spectrum, spectrum

__all__ = ["Certificate", "certify"]

ERRORS = 3  # standard errors that a curvature on held-out rows has to lie below 0
_PARTS = 16  # of the held-out rows, that the standard error is from
LEAST_ROWS = 32  # with fewer there is nothing to hold out


@dataclass(frozen=True)
class Certificate:
    """Curvature along the most negative direction that was found.

    Attributes:
        direction: Of length 1, [size].
        curvature: uᵀHu on all rows, recomputed.
        threshold: How far below 0 it has to lie: a share of the largest |λ|, which is far above rounding.
        held_out: Curvature, on one half of the rows, of the direction that the other half found; not a number if
            there are too few rows.
        error: Its standard error.
        rows: How many rows were held out; 0 if there are too few.
    """

    direction: Tensor
    curvature: float
    threshold: float
    held_out: float
    error: float
    rows: int

    @property
    def holds(self) -> bool:
        """Whether the loss certainly curves down: on these rows, and on others unless there are too few."""
        here = self.curvature < -self.threshold
        return here and (self.rows == 0 or self.held_out < -max(self.threshold, ERRORS * self.error))


def certify(objective: Objective, found: Spectrum, *, threshold: float, products: Counted) -> Certificate:
    """Recompute the lowest curvature, and find out whether rows show it that were not used to find its direction.

    Args:
        objective: Whose Hessian.
        found: Its spectrum.
        threshold: How far below 0 curvature has to lie.
        products: Of its Hessian, where they are counted.
    """
    direction = torch.nn.functional.normalize(found.vectors[:, -1], dim=0).to(objective.dtype)
    curvature = _curvature(products(direction[:, None])[:, 0], direction)
    if objective.rows < LEAST_ROWS:
        return Certificate(direction, curvature, threshold, held_out=math.nan, error=math.nan, rows=0)
    seen, unseen = objective.parts(2)
    search = spectrum(seen, 1)
    products.used += search.products // 2  # of half the rows
    lowest = torch.nn.functional.normalize(search.vectors[:, -1], dim=0).to(objective.dtype)
    parts = unseen.parts(_PARTS)
    curvatures = [_curvature(part.hessian_product(lowest), lowest) for part in parts]
    return Certificate(
        direction,
        curvature,
        threshold,
        held_out=statistics.fmean(curvatures),
        error=statistics.stdev(curvatures) / math.sqrt(len(curvatures)),
        rows=unseen.rows,
    )


def _curvature(image: Tensor, direction: Tensor) -> float:
    return float(image.double() @ direction.double() / (direction.double() @ direction.double()))
