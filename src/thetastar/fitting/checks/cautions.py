"""What in a table may make a result look better than it will be: leaking columns, copied and contradicting rows.

Whether a column is known before the target is, only a person can say: the table shows that a column gives the target
away, never why. So these are cautions with their evidence, and nothing is left out for them.

- ``copy``: the column is the target itself, or the target in another unit or under other names.
- ``gives_away``: the column alone leaves almost nothing unexplained, all the others together leave much.
- ``known_after``: the column is the same (or missing) in nearly all rows of one class and hardly ever elsewhere.
- ``few_of_class``: classes with so few rows that what is said of them is luck.
- ``shared``: rows that stand in the training and the validation part of a fold.
- ``duplicates``: rows that occur again, inputs and target.
- ``conflicts``: rows with the same inputs and different targets: noise that no function of these columns removes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from thetastar.arrays import Floats, Integers
from thetastar.data import Column, Fold, content_numbers
from thetastar.descent import Deadline
from thetastar.fitting.checks.known_after import known_after
from thetastar.fitting.checks.one_column import is_copy, left_by_column, left_by_columns, scored_target
from thetastar.fitting.checks.rare_classes import rare_classes
from thetastar.fitting.checks.repeated import conflicts, duplicates, shared
from thetastar.fitting.problem import Problem
from thetastar.fitting.record import Caution

__all__ = ["find_cautions"]

_FEWEST = 30  # rows: with fewer, a column can tell the target by chance
_SCREENED = 4_000  # rows that every column is looked at in,
_SCREEN = 0.1  # and what it may leave unexplained there to be looked at in more rows
_JUDGED = 20_000
_REFERENCE = 5_000  # rows for what the other columns tell
# Measured on 350 random clean tables and 17 real ones: no false alarm; what a column left came down to .024 (one cause,
# 2 % noise) and .029 (covid, yesterday's cases), where the others left .02 too.
_LITTLE = 0.02  # share of the target that a column must leave unexplained at most,
_MUCH = 0.05  # while the others leave at least this much,
_RATIO = 10.0  # and so many times as much
_COMPARED = 300_000  # rows that are compared with each other
_SHARE = 0.1  # of the time left may go into this


@dataclass(frozen=True)
class _Sample:
    """Some rows: the used columns, the target, and the target as it is scored."""

    table: pl.DataFrame
    y: Floats | Integers
    scored: Floats | Integers


def find_cautions(problem: Problem, folds: Sequence[Fold], *, seed: int, deadline: Deadline) -> tuple[Caution, ...]:
    """Return what a person should look at before believing the result, gravest first.

    Args:
        problem: What is to be learned.
        folds: How its rows are split.
        seed: Of the sampling of rows.
        deadline: Of the whole fit; at most a tenth of the time left is used, and columns not looked at by then aren't.
    """
    until = deadline.sooner(max(deadline.left(), 0.0) * _SHARE)
    columns = [column for column in problem.columns if column.used]
    about_columns: list[Caution] = []
    if problem.rows >= _FEWEST and problem.y.min() < problem.y.max():
        screened, judged = (_sample(problem, rows, seed) for rows in (_SCREENED, _JUDGED))
        told = {column.name: _left((screened, judged), column, seed) for column in columns if until.left() > 0}
        about_columns = [*_giving_away(problem, columns, told, seed)]
        suspects = {caution.column for caution in about_columns}
        about_columns += [
            caution
            for column in columns
            if column.name not in suspects and until.left() > 0
            for caution in known_after(column, judged.table[column.name], judged.y)
        ]
    few, seen, times = _compared(problem, folds)
    repeated = (*shared(few, seen), *duplicates(problem), *conflicts(few))
    return (*about_columns, *rare_classes(problem), *(_of_all(caution, times) for caution in repeated))


def _compared(problem: Problem, folds: Sequence[Fold]) -> tuple[Problem, Sequence[Fold], int]:
    """Return the rows that are compared with each other, and of how many times as many rows they are a sample.

    Of very many rows, those whose content falls on one in so many numbers: all the rows of the same inputs, or none.
    """
    times = math.ceil(problem.rows / _COMPARED)
    if times == 1:
        return problem, folds, 1
    kept = np.flatnonzero(content_numbers(problem.table) % np.uint64(times) == 0)
    place = np.full(problem.rows, -1)
    place[kept] = np.arange(len(kept))
    seen = [Fold(*(place[rows][place[rows] >= 0] for rows in (fold.train, fold.validation))) for fold in folds]
    few = replace(problem, table=problem.table[kept], y=problem.y[kept], weights=problem.weights[kept])
    return few, seen, times


def _of_all(caution: Caution, times: int) -> Caution:
    """Return a caution about a sample with its numbers of rows as those of all."""
    if times == 1 or caution.code == "duplicates":
        return caution
    counts = {name: float(times) * value for name, value in caution.numbers.items() if name in ("rows", "all")}
    return replace(caution, numbers={**caution.numbers, **counts})


def _left(samples: tuple[_Sample, _Sample], column: Column, seed: int) -> float:
    """Return what a column alone leaves unexplained; on the few rows only, unless it leaves little there."""
    few, many = samples
    left = left_by_column(column, few.table[column.name], few.scored, seed=seed)
    if left > _SCREEN or len(many.y) == len(few.y):
        return left
    return left_by_column(column, many.table[column.name], many.scored, seed=seed)


def _giving_away(problem: Problem, columns: Sequence[Column], told: dict[str, float], seed: int) -> Iterator[Caution]:
    """Yield the columns that tell the target by themselves and are the only ones that do."""
    suspects = [column for column in columns if told.get(column.name, 1.0) <= _LITTLE]
    others = tuple(column for column in columns if column not in suspects)
    copies = [column for column in suspects if is_copy(column, problem.table[column.name], problem.y, problem.target)]
    for column in copies if len(columns) > 1 else ():
        yield Caution("copy", column.name, {"alone": told[column.name]})
    rest = [column for column in suspects if column not in copies]
    if rest and others:
        sample = _sample(problem, _REFERENCE, seed)
        much = left_by_columns(sample.table, others, sample.scored, seed=seed)
        for column in rest:
            if much >= max(_MUCH, _RATIO * told[column.name]):
                yield Caution("gives_away", column.name, {"alone": told[column.name], "others": much})


def _sample(problem: Problem, rows: int, seed: int) -> _Sample:
    """Return at most so many rows, drawn at random."""
    table, y = problem.table, problem.y
    if problem.rows > rows:
        drawn = np.sort(np.random.default_rng(seed).permutation(problem.rows)[:rows])
        table, y = table[drawn], y[drawn]
    return _Sample(table, y, scored_target(y, classes=bool(problem.target.classes)))
