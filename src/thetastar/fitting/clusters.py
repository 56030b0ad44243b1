"""Rows that go together, and the standard error of a mean that knows of it.

Losses of one patient's visits, or of neighbouring hours, go up and down together: a thousand of them tell less than a
thousand independent ones, and a standard error that counts rows is too small. It has to count what is independent:
groups, or blocks of neighbours long enough to hold the dependence.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from thetastar.arrays import Floats, Integers
from thetastar.data.row_codes import group_codes, time_ranks
from thetastar.fitting.splitter import Splitter

__all__ = ["clustered_mean", "clusters"]


def clusters(splitter: Splitter, rows: npt.NDArray[np.signedinteger]) -> Integers:
    """Return which cluster each of some rows belongs to, from 0: whatever the split keeps together.

    Split at random, each row is its own; split by group, the groups are. Along a time, or the rows' own order, about
    √rows blocks of neighbours are, of about √rows rows each: batch means, whose number and length both grow with the
    rows (Flegal, Jones, Batch means and spectral variance estimators in Markov chain Monte Carlo, 2010). Rows of one
    time stay in one block.

    Args:
        splitter: How all rows are split.
        rows: Some of them.

    Example:
        >>> blocked = Splitter("blocked", 2, np.zeros(9), None, None, 0)
        >>> clusters(blocked, np.arange(9)).tolist()
        [0, 0, 0, 1, 1, 1, 2, 2, 2]
    """
    if splitter.how == "group" and splitter.groups is not None:
        return np.unique(group_codes(splitter.groups[rows], len(rows)), return_inverse=True)[1]
    if splitter.how in ("time", "blocked"):
        times = splitter.times[rows] if splitter.times is not None else rows
        ranks = time_ranks(times, len(rows))
        distinct = int(ranks.max()) + 1
        return ranks * min(math.isqrt(len(rows)), distinct) // distinct
    return np.arange(len(rows))


def clustered_mean(values: Floats, weights: Floats, cluster: Integers) -> tuple[float, float]:
    """Return a weighted mean and its standard error over clusters; with a single cluster that is not known: infinite.

    With w a row's share of the weights and C clusters, the error is √(C/(C − 1) Σ over clusters (Σ w·(value − mean))²)
    (Liang, Zeger, Longitudinal data analysis using generalized linear models, 1986; the factor for few clusters is that
    of a variance).

    Args:
        values: [rows].
        weights: [rows], positive.
        cluster: From 0, [rows].

    Example:
        >>> clustered_mean(np.array([1.0, 1.0, 3.0, 3.0]), np.ones(4), np.array([0, 0, 1, 1]))
        (2.0, 1.0)
    """
    mean = float(np.average(values, weights=weights))
    _, cluster = np.unique(cluster, return_inverse=True)
    sums = np.bincount(cluster, weights=weights / weights.sum() * (values - mean))
    count = len(sums)
    return mean, math.sqrt(count / (count - 1) * float((sums**2).sum())) if count > 1 else math.inf
