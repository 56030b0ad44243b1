"""Whether probabilities come true: bins of equal mass, and the error that probabilities which are right would show."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from thetastar.fitting.classes.design import Clusters, group_effects
from thetastar.fitting.classes.intervals import Floats, shares
from thetastar.fitting.classes.quality import Reliability, ReliabilityBin

__all__ = ["reliability"]

_BINS = 10
_ROWS = 20  # a bin wants so many rows
_DRAWS = 2000  # of the errors that chance makes
_RARELY = 0.95


def reliability(
    probability: Floats,
    came_true: Floats,
    weights: Floats,
    *,
    position: int,
    clusters: Clusters | None = None,
    seed: int,
) -> Reliability:
    """Compare probabilities with what happened, in bins of equal mass.

    Args:
        probability: Of what each row was said to be, [rows].
        came_true: 1 where it was, 0 where it wasn't, [rows].
        weights: [rows], positive.
        position: Of the class in question; −1 for the most probable one.
        clusters: Which rows go together; None if each is its own.
        seed: Of the draws that say what chance does.
    """
    place = _places(probability, weights)
    mass: Floats = np.bincount(place, weights).astype(np.float64)
    predicted = np.bincount(place, weights * probability) / mass
    hits = np.bincount(place, weights * came_true)
    observed = shares(place, came_true, weights, groups=len(mass), clusters=clusters)
    variance: Floats = np.bincount(place, weights**2 * probability * (1 - probability)).astype(np.float64)
    if clusters is not None:
        variance = variance * group_effects(place, came_true, weights, groups=len(mass), clusters=clusters)
    chance = _by_chance(variance, mass, seed=seed)
    bins = zip(mass.tolist(), predicted.tolist(), observed, strict=True)
    return Reliability(
        position=position,
        bins=tuple(ReliabilityBin(*one) for one in bins),
        error=float((np.abs(hits / mass - predicted) * mass).sum() / mass.sum()),
        by_chance=float(chance.mean()),
        by_chance_most=float(np.quantile(chance, _RARELY)),
    )


def _places(probability: Floats, weights: Floats) -> npt.NDArray[np.intp]:
    """Return each row's bin; rows of the same probability share one, and bins that stay empty are dropped."""
    bins = max(2, min(_BINS, len(probability) // _ROWS))
    distinct, which = np.unique(probability, return_inverse=True)
    mass = np.bincount(which, weights, minlength=len(distinct))
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    place = np.minimum((bins * middle).astype(int), bins - 1)[which]
    return np.unique(place, return_inverse=True)[1]


def _by_chance(variance: Floats, mass: Floats, *, seed: int) -> Floats:
    """Return the calibration errors of right probabilities: each bin's share then varies with the rows' variances."""
    random = np.random.default_rng(seed)
    missed = np.abs(random.normal(size=(_DRAWS, len(mass)))) * np.sqrt(variance)
    return np.asarray(missed.sum(1) / mass.sum())
