"""What each column does to the answer of the function that was found, and how far the folds agree on it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from thetastar.arrays import Floats, Integers
from thetastar.data import Column, Kind
from thetastar.data.calendar import calendar
from thetastar.data.convert import as_labels, as_measured
from thetastar.data.distribution import bar_weights
from thetastar.descent import Deadline, side_by_side
from thetastar.errors import BudgetError
from thetastar.fitting.evidence import Effect
from thetastar.fitting.explain.local import Asked, accumulated, at_level
from thetastar.fitting.explain.reader import Reader, fold_readers, member_readers, parts_read
from thetastar.fitting.explain.sample import grid_of, levels_of, sample_of
from thetastar.fitting.explain.subject import Subject
from thetastar.fitting.function import FoundFunction

__all__ = ["effects"]


_COLUMNS = 12  # the most important ones
_OUTPUTS = 8  # the most frequent classes
_BARS = 32  # of the histogram under a curve


def effects(
    subject: Subject, function: FoundFunction, *, columns: Sequence[str], deadline: Deadline
) -> tuple[Effect, ...]:
    """Return the effects of the first few columns, for the function that was kept and for each fold's member.

    Effects are in the target's unit, or in leads of logits for classes, and 0 on average over the rows.

    Args:
        subject: The chosen rung.
        function: What was kept of it.
        columns: In order of their importance.
        deadline: Columns that are not finished by then are left out.
    """
    if subject.constant:
        return ()
    single = member_readers(function) if len(function.encodings) == 1 else ()
    sample = sample_of(subject.problem, seed=subject.seed)
    known = {column.name: column for column in subject.problem.columns}
    found: list[Effect] = []

    def ask(reader: Reader) -> Asked:
        deadline.check()
        return Asked(reader, sample, reader.encode(sample.table), deadline)

    try:
        asked = side_by_side(ask, (*fold_readers(subject), *single))
        for name in columns[:_COLUMNS]:
            found += _effects_of(asked, known[name], subject)
    except BudgetError:
        pass  # what is finished is shown; the report says of how many columns
    return tuple(found)


def _effects_of(asked: Sequence[Asked], column: Column, subject: Subject) -> list[Effect]:
    """Return one effect an output; none for a column of one value."""
    if column.kind is Kind.date:
        parts = parts_read([one.reader for one in asked], column.name)
        return [effect for of in parts for effect in _along_numbers(asked, column, subject, of=of)]
    if column.kind.ordered:
        return _along_numbers(asked, column, subject)
    return _by_category(asked, column, subject)


def _bars(values: Floats, low: float, high: float) -> int:
    """Return into how many bars values are counted: whole numbers equally many a bar, or some would look empty."""
    known = values[np.isfinite(values)]
    if not np.array_equal(known, np.round(known)):
        return _BARS
    each = math.ceil((high - low + 1) / _BARS)
    return math.ceil((high - low + 1) / each)


def _along_numbers(asked: Sequence[Asked], column: Column, subject: Subject, *, of: str | None = None) -> list[Effect]:
    sample = asked[0].sample
    grid = grid_of(_numbers(sample.table, column, of), sample.weights)
    if grid is None:
        return []
    curves = side_by_side(lambda one: accumulated(one, column.name, grid, of=of), asked)
    gaps = [] if of else _gaps(asked, column, grid.rows)
    counted = subject.counted
    every, ends = _numbers(counted.table, column, of), (grid.places[0], grid.places[-1])
    bars = bar_weights(every, counted.weights, ends=ends, bars=_bars(every, *ends)) / counted.weights.sum()
    places, shares, kind = tuple(grid.places.tolist()), tuple(bars.tolist()), "number" if of else column.kind.value
    return [
        Effect(column.name, kind, places, (), shares, *_values(curves, output, subject), gap, output, of or "")
        for output, gap in _shown(gaps, subject)
    ]


def _numbers(table: pl.DataFrame, column: Column, of: str | None) -> Floats:
    """Return a column's numbers, days, or parts of its dates."""
    values = as_measured(table[column.name], column.kind)
    return calendar(values, of) if of else values


def _by_category(asked: Sequence[Asked], column: Column, subject: Subject) -> list[Effect]:
    sample = asked[0].sample
    levels, shares = levels_of(subject.counted.table[column.name], subject.counted.weights)
    rows = np.flatnonzero(as_labels(sample.table[column.name]).is_not_null().to_numpy())
    if len(levels) < 2 or not len(rows):
        return []

    def curve(one: Asked) -> Floats:
        return np.stack([at_level(one, _same(column.name, level, len(rows)), rows) for level in levels])

    curves, gaps = side_by_side(curve, asked), _gaps(asked, column, rows)
    return [
        Effect(column.name, column.kind.value, (), levels, shares, *_values(curves, output, subject), gap, output)
        for output, gap in _shown(gaps, subject)
    ]


def _gaps(asked: Sequence[Asked], column: Column, rows: Integers) -> list[Floats]:
    """Return what a missing value does under each member, [outputs] each; nothing if no value is missing."""
    if not column.missing:
        return []
    return side_by_side(lambda one: at_level(one, _same(column.name, None, len(rows)), rows), asked)


def _same(name: str, level: str | None, rows: int) -> pl.Series:
    """Return a column in which every row has the same category, or none."""
    return pl.Series(name, [level] * rows, dtype=pl.String)


def _values(
    curves: Sequence[Floats], output: int, subject: Subject
) -> tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]:
    """Return the kept function's curve and the folds'; a function of several members is their mean."""
    folds = [curve[:, output] for curve in curves[: subject.folds]]
    own = curves[subject.folds][:, output] if len(curves) > subject.folds else np.mean(folds, axis=0)
    return tuple(own.tolist()), tuple(tuple(fold.tolist()) for fold in folds)


def _shown(gaps: Sequence[Floats], subject: Subject) -> list[tuple[int, tuple[float, ...]]]:
    """Return the outputs that are shown, the most frequent classes where there are many, and the folds' gaps of each.

    Two classes have one output: the second one's lead.
    """
    classes = len(subject.problem.target.classes)
    if classes <= 2:
        outputs = [0]
    else:
        counts = np.bincount(subject.counted.y.astype(np.int64), weights=subject.counted.weights, minlength=classes)
        outputs = sorted(np.argsort(-counts, kind="stable")[:_OUTPUTS].tolist())
    folds = gaps[: subject.folds]
    return [(output, tuple(float(gap[output]) for gap in folds)) for output in outputs]
