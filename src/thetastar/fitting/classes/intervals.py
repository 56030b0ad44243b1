"""Intervals over rows: for shares and means in closed form, for whole curves by the Bayesian bootstrap.

Weights enter through their sum W and the sum of their squares V: W² / V rows of weight V / W carry as much
information. A row that stood in the table several times counts as one draw, which errs on the wide side. Where rows go
together, V grows by the design effect, and whole clusters are drawn again.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from thetastar.arrays import Floats, Integers
from thetastar.fitting.classes.design import Clusters, group_effects
from thetastar.fitting.classes.quality import Measured
from thetastar.fitting.clusters import clustered_mean

__all__ = ["LEVEL", "NOT_MEASURED", "Floats", "around", "limits", "mean", "share", "shares", "totals"]


LEVEL = 0.95
TAILS = (100 * (1 - LEVEL) / 2, 100 * (1 + LEVEL) / 2)  # percentiles
NOT_MEASURED = Measured(math.nan, math.nan, math.nan)


def share(hits: float, misses: float, squares: float) -> Measured:
    """Return hits / (hits + misses) with its Jeffreys interval; arguments as in ``limits``.

    Example:
        >>> share(5, 0, 5)
        Measured(value=1.0, low=0.6206..., high=1.0)
    """
    total = hits + misses
    if total <= 0:
        return NOT_MEASURED
    low, high = limits(np.array(hits), np.array(misses), np.array(squares))
    return Measured(hits / total, float(low), float(high))


def limits(hits: Floats, misses: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """Return the ends of the Jeffreys intervals of hits / (hits + misses) (Brown, Cai, DasGupta 2001).

    Args:
        hits: Sums of weights of the rows that count.
        misses: Sums of weights of the rows that don't; a sum of both may not be 0.
        squares: Sums of squared weights over both.
    """
    total = hits + misses
    worth = total / squares  # rows that a unit of weight is worth
    low, high = (stats.beta.ppf(tail / 100, hits * worth + 0.5, misses.clip(0) * worth + 0.5) for tail in TAILS)
    value = hits / total
    return np.where(hits <= 0, 0, np.minimum(low, value)), np.where(misses <= 0, 1, np.maximum(high, value))


def shares(
    group: Integers, counted: Floats, weights: Floats, *, groups: int, clusters: Clusters | None
) -> list[Measured]:
    """Return the share of the rows that count in each group, with its Jeffreys interval.

    Args:
        group: Each row's group, [rows].
        counted: 1 for a row that counts, 0 for another, [rows].
        weights: [rows].
        groups: How many there are.
        clusters: Which rows go together; None if each is its own.
    """
    parts = weights * counted, weights * (1 - counted)
    inside, outside = (np.bincount(group, part, groups) for part in parts)
    squares = np.bincount(group, weights**2, groups).astype(np.float64)
    if clusters is not None:
        squares = squares * group_effects(group, counted, weights, groups=groups, clusters=clusters)
    return [share(*one) for one in zip(inside.tolist(), outside.tolist(), squares.tolist(), strict=True)]


def mean(values: Floats, weights: Floats, clusters: Clusters | None = None) -> Measured:
    """Return a weighted mean over rows, or over clusters of them, with its normal interval.

    Of values that are never negative, such as losses, neither is an end of it.

    Example:
        >>> mean(np.array([0.0, 0.0, 0.3]), np.ones(3)).low
        0.0
    """
    if clusters is not None:
        value, error = clustered_mean(values, weights, clusters.code)
        error *= clusters.widening
    else:
        value = float(np.average(values, weights=weights))
        error = math.sqrt(float((weights**2 * (values - value) ** 2).sum())) / float(weights.sum())
    reach = float(stats.norm.ppf((1 + LEVEL) / 2)) * error
    low = value - reach
    return Measured(value, max(low, 0.0) if (values >= 0).all() else low, value + reach)


def totals(sums: Floats, squares: Floats, *, draws: int, random: np.random.Generator) -> Floats:
    """Return resampled sums of weights, [draws, *sums.shape].

    The Bayesian bootstrap (Rubin 1981) gives each row an exponential weight; the total of a cell of rows is then
    gamma distributed, with the cell's sum as mean and its sum of squares as variance. So rows are drawn by the cell,
    however many there are.
    """
    shape = np.divide(sums**2, squares, out=np.zeros_like(sums), where=squares > 0)
    scale = np.divide(squares, sums, out=np.zeros_like(sums), where=sums > 0)
    return random.standard_gamma(shape, (draws, *sums.shape)) * scale


def around(
    value: Floats, drawn: Floats, *, centre: Floats | None = None, widening: float = 1.0
) -> tuple[Floats, Floats]:
    """Return lower and upper limits from draws [draws, …] of shares, within [0, 1] and on either side of the value.

    Args:
        value: The exact value, […].
        drawn: What the resampled rows give.
        centre: What all rows give when computed as the draws are; its distance to the exact value is taken off.
        widening: By how much the limits are farther from the value than those of the draws, as these know nothing of
            how few clusters were drawn from.
    """
    low, high = np.nanpercentile(drawn, TAILS, axis=0) + (0 if centre is None else value - centre)
    low, high = value + widening * (low - value), value + widening * (high - value)
    return np.clip(np.minimum(low, value), 0, 1), np.clip(np.maximum(high, value), 0, 1)
