"""How much less rows tell that go together: design effects, by which intervals of shares count clusters.

A share's interval counts rows as if each told something of its own. Where whole groups, or blocks of neighbours, are
right or wrong together, n rows tell as much as n / d independent ones, d being the design effect: the variance between
clusters by the variance that rows would have (Kish, Survey Sampling, 1965, section 8.2; for intervals of shares Korn
and Graubard, Confidence intervals for proportions with small expected number of positive counts, 1998, with their
quantile of Student's t for few clusters).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from thetastar.arrays import Floats, Integers

__all__ = ["Clusters", "effects", "group_effects"]


_MOST = 1_000  # clusters; of more, several are taken together, which leaves what is between them as it is
_LEVEL = 0.95  # of the intervals that count them


@dataclass(frozen=True)
class Clusters:
    """Which rows go together.

    Attributes:
        code: Each row's cluster, from 0, [rows].
        count: How many there are.
    """

    code: Integers
    count: int

    @classmethod
    def of(cls, cluster: Integers) -> Clusters:
        """Return clusters by any whole numbers, [rows]."""
        distinct, code = np.unique(cluster, return_inverse=True)
        return cls(code % _MOST, min(len(distinct), _MOST))

    def sums(self, values: Floats, places: Integers, *, among: int) -> Floats:
        """Return the sums of values in each cluster and place, [clusters, among]."""
        found = np.bincount(self.code * among + places, values, self.count * among)
        return np.asarray(found.reshape(self.count, among), dtype=np.float64)

    @property
    def widening(self) -> float:
        """Return by how much an interval that ignores the few clusters has to be widened."""
        if self.count < 2:
            return 1.0
        return float(stats.t.ppf((1 + _LEVEL) / 2, self.count - 1) / stats.norm.ppf((1 + _LEVEL) / 2))


def effects(inside: Floats, outside: Floats, *, inside_squares: Floats, outside_squares: Floats) -> Floats:
    """Return the design effects of the shares Σ inside / Σ (inside + outside) over clusters, at least 1, [shares].

    At most as if all rows told no more than one; and where all rows are inside or all outside, as if those of a cluster
    told no more than one.

    Args:
        inside: Weights of the rows that count, by cluster, [clusters, shares].
        outside: Weights of the rows that don't, [clusters, shares].
        inside_squares: Sums of squared weights of the rows that count, [shares].
        outside_squares: Of those that don't, [shares].

    Example:
        >>> rows = np.array([[10.0], [0.0]])  # ten rows of one cluster are right, ten of another wrong
        >>> effects(rows, rows[::-1], inside_squares=np.array([10.0]), outside_squares=np.array([10.0])).tolist()
        [20.0]
    """
    whole, squares = inside + outside, inside_squares + outside_squares
    total = whole.sum(0)
    share = np.divide(inside.sum(0), total, out=np.zeros_like(total), where=total > 0)
    rows = inside_squares * (1 - share) ** 2 + outside_squares * share**2
    between = ((inside * (1 - share) - outside * share) ** 2).sum(0)
    none, count = rows <= 0, (whole > 0).sum(0)
    ratio = np.where(none, (whole**2).sum(0), between) / np.where(none, np.maximum(squares, 1e-300), rows)
    freedom = np.maximum(count - 1, 1)
    student = (stats.t.ppf((1 + _LEVEL) / 2, freedom) / stats.norm.ppf((1 + _LEVEL) / 2)) ** 2
    most = np.divide(total**2, squares, out=np.ones_like(total), where=squares > 0)
    found = np.where(none, ratio, ratio * count / freedom) * student
    return np.asarray(np.clip(np.where(count > 1, found, most), 1.0, np.maximum(most, 1.0)))


def group_effects(group: Integers, counted: Floats, weights: Floats, *, groups: int, clusters: Clusters) -> Floats:
    """Return the design effect of the share of each group's rows that count, [groups].

    Args:
        group: Each row's group, [rows].
        counted: 1 for a row that counts, 0 for another, [rows].
        weights: [rows].
        groups: How many there are.
        clusters: Which rows go together.
    """
    parts = weights * counted, weights * (1 - counted)
    inside, outside = (clusters.sums(part, group, among=groups) for part in parts)
    squares = [np.bincount(group, part**2, groups).astype(np.float64) for part in parts]
    return effects(inside, outside, inside_squares=squares[0], outside_squares=squares[1])
