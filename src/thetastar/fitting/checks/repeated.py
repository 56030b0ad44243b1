"""Rows that occur again: the same inputs with the same target, or with another one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.arrays import Floats, Integers
from thetastar.data import Fold, content_numbers
from thetastar.fitting.problem import Problem
from thetastar.fitting.record import Caution

__all__ = ["conflicts", "duplicates", "shared"]

_SHARE = 0.01  # of the rows: fewer copies or contradictions than this change nothing
_FEWEST = 10  # rows
_TARGET = "the target, beside the inputs"
_TOGETHER = 100.0  # times as many equal rows as of independent columns are to be expected where columns go together


def duplicates(problem: Problem) -> Iterator[Caution]:
    """Yield how many rows were copies of another, unless the columns hold so few values that copies must occur."""
    copies = problem.merged or 0
    rows = problem.rows + copies
    if _are_news(problem, copies, rows):
        yield Caution("duplicates", "", {"rows": float(copies), "all": float(rows)})


def shared(problem: Problem, folds: Sequence[Fold]) -> Iterator[Caution]:
    """Yield how many validation rows stand in their fold's training part too, inputs and target.

    There are none where identical rows were merged, which is what a random split does.
    """
    if problem.merged is not None:
        return
    codes = content_numbers(problem.table.with_columns(pl.Series(_TARGET, problem.y)))
    judged = sum(len(fold.validation) for fold in folds)
    again = sum(int(np.isin(codes[fold.validation], codes[fold.train]).sum()) for fold in folds)
    if _are_news(problem, again, judged):
        yield Caution("shared", "", {"rows": float(again), "all": float(judged)})


def conflicts(problem: Problem) -> Iterator[Caution]:
    """Yield how many rows have the inputs of another row and a different target, and what error that makes certain.

    The floor is the deviation of the target among those rows (pooled, with Σ(n − 1) degrees of freedom), or the share
    of all rows that must be wrong because another class is more frequent among the same inputs. The least error is what
    that comes to over all rows: root mean square of what no function of these columns removes, where rows that don't
    share their inputs add nothing, or the share that must be wrong.
    """
    _, group = np.unique(content_numbers(problem.table), return_inverse=True)
    y = problem.y.astype(np.float64)
    lowest, highest = np.full(group.max() + 1, np.inf), np.full(group.max() + 1, -np.inf)
    np.minimum.at(lowest, group, y)
    np.maximum.at(highest, group, y)
    rows = (lowest < highest)[group]
    if rows.sum() < max(_FEWEST, _SHARE * problem.rows):
        return
    weights = problem.weights[rows]
    of_all = float(problem.weights.sum())
    if problem.target.classes:
        floor = least = _must_be_wrong(group[rows], problem.y[rows], weights) / of_all
    else:
        within = _within(group[rows], y[rows], weights)
        floor, least = within.deviation, math.sqrt(within.variances / of_all) * within.unit
    numbers = {"rows": float(rows.sum()), "all": float(problem.rows), "floor": floor, "least_error": least}
    yield Caution("conflicts", "", numbers)


@dataclass(frozen=True)
class _Within:
    """How a number varies within groups: their pooled deviation, and Σ n·s² over them, in squares of a unit."""

    deviation: float
    variances: float
    unit: float


def _within(group: Integers, y: Floats, weights: Floats) -> _Within:
    """Return how y varies within groups, weights counting as repetitions."""
    _, group, rows = np.unique(group, return_inverse=True, return_counts=True)
    total = np.bincount(group, weights=weights)
    unit = 2.0 ** np.frexp(np.abs(y).max())[1]  # so that no square overflows
    y = y / unit
    centre = np.bincount(group, weights=weights * y) / total
    squares = np.bincount(group, weights=weights * (y - centre[group]) ** 2)
    freedom = float(weights.sum()) - len(total)
    size = np.maximum(total, rows)  # weights may be small: they need not be numbers of rows
    return _Within(
        deviation=math.sqrt(squares.sum() / freedom) * unit if freedom > 0 else 0.0,
        variances=float(np.sum(squares * size / (size - 1))),
        unit=unit,
    )


def _must_be_wrong(group: Integers, y: npt.NDArray[np.generic], weights: Floats) -> float:
    """Return the weight of the rows that are not of their group's most frequent class."""
    pairs, place = np.unique(np.stack([group, y.astype(np.int64)]), axis=1, return_inverse=True)
    weight = np.bincount(place.ravel(), weights=weights)
    most = np.zeros(int(pairs[0].max()) + 1)
    np.maximum.at(most, pairs[0], weight)
    return float(weights.sum() - most.sum())


def _are_news(problem: Problem, copies: int, rows: int) -> bool:
    """Tell whether so many copies are more than few values a column would make: the pairs that independent columns do.

    Columns go together, so that many times as many pairs are to be expected as if they were independent.
    """
    if copies < max(_FEWEST, _SHARE * rows):
        return False
    pairs = rows**2 / 2
    for series in (*problem.table, pl.Series(problem.y)):
        share = series.value_counts()["count"].to_numpy() / len(series)
        pairs *= float((share**2).sum())
    return copies > _TOGETHER * pairs
