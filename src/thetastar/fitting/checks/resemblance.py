"""Are neighbouring rows alike beyond what the table is sorted by?"""

from __future__ import annotations

import numpy as np

from thetastar.arrays import Floats, Integers

__all__ = ["resemblance"]

_TAIL = 0.01  # of a column's values on each side count as the quantile there: a few far ones must not decide alone
_TINY = 1e-9  # deviation of a column that the stretch explains completely


def resemblance(columns: Floats, stretches: Integers, places: Integers) -> float:
    """Return by how many standard errors neighbouring rows are alike, given the stretch that they lie in.

    Within each stretch of rows that are equal, or nearly so, in what the table is sorted by, the columns lose their
    mean and their trend, and are scaled. The statistic is the sum over neighbours in row order of the inner products
    of their columns: the lag-one serial covariance of Wald and Wolfowitz (An exact test for randomness, 1943), summed
    over columns. With G the rows' inner products, its variance under shuffling is (rows − 1) times the mean of G² over
    pairs of different rows.
    Under shuffling the mean is slightly below 0, because of the mean and trend, so that the test is on the safe side.

    Args:
        columns: [rows, columns].
        stretches: Which stretch each row lies in, from 0, [rows].
        places: Each row's place in the order of what the table is sorted by, [rows].

    Returns:
        About standard normal if the rows of a stretch were put in random order; 0 if nothing is left to compare.

    Example:
        >>> walk = np.cumsum(np.random.default_rng(0).normal(size=(500, 1)), 0)
        >>> resemblance(walk, np.arange(500) // 50, np.arange(500)) > 5
        True
    """
    values = _scaled(_detrended(_without_tails(columns), stretches, places))
    products = (values[1:] * values[:-1]).sum()
    own = (values**2).sum(1)
    pairs = len(values) * (len(values) - 1)
    squares = ((values.T @ values) ** 2).sum() - (own**2).sum()
    return float(products / np.sqrt(squares / pairs * (len(values) - 1))) if squares > 0 else 0.0


def _detrended(columns: Floats, stretches: Integers, places: Integers) -> Floats:
    """Return the columns without each stretch's straight line over the places."""
    ramp = places[:, None].astype(np.float64)
    ramp -= _means(ramp, stretches)
    centred: Floats = columns - _means(columns, stretches)
    spread = _means(ramp**2, stretches)
    slope = _means(ramp * centred, stretches) / np.where(spread > 0, spread, 1.0)
    centred -= slope * ramp
    return centred


def _means(columns: Floats, stretches: Integers) -> Floats:
    """Return each row's mean over its stretch, [rows, columns]."""
    counts = np.maximum(np.bincount(stretches), 1)
    sums = [np.bincount(stretches, weights=column) for column in columns.T]
    means: Floats = (np.stack(sums, 1) / counts[:, None])[stretches]
    return means


def _without_tails(columns: Floats) -> Floats:
    """Return the columns with their farthest values moved in."""
    low, high = np.quantile(columns, [_TAIL, 1 - _TAIL], axis=0)
    clipped: Floats = np.clip(columns, low, high)
    return clipped


def _scaled(columns: Floats) -> Floats:
    """Return the columns that vary, at deviation 1."""
    deviation = columns.std(0)
    kept = deviation > _TINY
    scaled: Floats = columns[:, kept] / deviation[kept]
    return scaled
