"""The weighted distribution of a column: mean, deviation, quantiles, and the knots of its pieces.

Everything is computed from the distinct values and the weight of each. So a weight of 2 and a row that occurs
twice are the same thing by construction, and the order of the rows can't matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thetastar.arrays import Floats

__all__ = ["Distribution", "bar_weights", "deviation", "distribution", "knots", "mean", "quantiles"]


_SLACK = 1e-12  # relative; weights that aren't whole add up to their total only to rounding
_FINER = 8  # pieces beside a heavy value hold at least this part of an even share of the weight


@dataclass(frozen=True)
class Distribution:
    """Distinct values, ascending, and the positive weight of each."""

    values: Floats
    weights: Floats


def distribution(values: Floats, weights: Floats) -> Distribution:
    """Return the distribution of the values that aren't NaN and have a positive weight."""
    counted = ~np.isnan(values) & (weights > 0)
    distinct, position = np.unique(values[counted], return_inverse=True)
    weight = np.bincount(position, weights=weights[counted], minlength=len(distinct)).astype(np.float64)
    return Distribution(distinct + 0.0, weight)  # −0.0 becomes 0.0


def bar_weights(values: Floats, weights: Floats, *, ends: tuple[float, float], bars: int) -> Floats:
    """Return the weight of the values in each of so many equal bars between two ends; what lies beyond isn't counted.

    Numbers that differ in their last digits only (account numbers of 16 digits) have bars narrower than the step from
    one floating-point number to the next. So bars are cut on the distance from the lower end: it has digits to spare.

    Example:
        >>> far = 4e15
        >>> bar_weights(np.array([far, far + 1, far + 1]), np.ones(3), ends=(far, far + 1), bars=4)
        array([1., 0., 0., 2.])
    """
    low, high = ends
    inside = (values >= low) & (values <= high)
    counted, _ = np.histogram(values[inside] - low, bars, range=(0.0, high - low), weights=weights[inside])
    return counted.astype(np.float64)


def mean(data: Distribution) -> float:
    """Return the weighted mean, 0 if there is no value."""
    if not len(data.values):
        return 0.0
    unit = _unit(data.values)
    return float(np.average(data.values / unit, weights=data.weights) * unit)


def deviation(data: Distribution) -> float:
    """Return the weighted standard deviation (of the population, no n − 1); 1 where it is 0 or can't be told from 0."""
    if len(data.values) < 2:
        return 1.0
    distance = data.values - mean(data)
    unit = _unit(distance)
    value = float(np.sqrt(np.average((distance / unit) ** 2, weights=data.weights)) * unit)
    return value if value > 0 else 1.0


def quantiles(data: Distribution, shares: Sequence[float] | Floats) -> Floats:
    """Return for each share the smallest value at or below which that share of the weight lies.

    This is the inverse of the empirical distribution function: always a value that occurs (numpy's
    ``method="inverted_cdf"``).

    Example:
        >>> quantiles(distribution(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0])), [0.0, 0.5, 1.0])
        array([1., 2., 3.])
    """
    cumulative = np.cumsum(data.weights)
    target = np.asarray(shares, dtype=np.float64) * cumulative[-1] * (1 - _SLACK)
    position = np.searchsorted(cumulative, target, side="left")
    values: Floats = data.values[np.minimum(position, len(data.values) - 1)]
    return values


def knots(data: Distribution, pieces: int) -> Floats:
    """Return the ascending knots between which the hard sigmoids of a column climb, none if it needs no pieces.

    Up to ``pieces`` + 1 distinct values are the knots themselves. Otherwise values that hold more than an
    even share of the weight get a knot each (most rows of a column may be 0), and the other knots are the
    quantiles of the other values, so that the pieces share what is spread out. Two distinct values need none:
    a line joins them already.
    """
    values, weights = data.values, data.weights
    if len(values) <= 2 or pieces < 1:
        return np.empty(0)
    if len(values) <= pieces + 1:
        return values
    heavy = weights * pieces > weights.sum()
    rest = Distribution(values[~heavy], weights[~heavy])
    share = rest.weights.sum() / weights.sum()
    count = min(pieces + 1 - int(heavy.sum()), 2 + int(_FINER * pieces * share))
    return np.union1d(values[heavy], quantiles(rest, np.linspace(0.0, 1.0, count)))


def _unit(values: Floats) -> float:
    """Return a power of two near the largest magnitude.

    Squares and sums of values divided by it neither overflow nor vanish, and dividing by it doesn't round.
    """
    return float(2.0 ** (np.frexp(np.abs(values).max())[1] - 1))
