"""A column, or one part of its dates, cut into few cells: intervals of numbers, or categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from thetastar.arrays import Floats, Integers
from thetastar.data import Column, Kind
from thetastar.data.calendar import calendar
from thetastar.data.convert import as_labels, as_measured
from thetastar.fitting.explain.local import Moved, moved
from thetastar.fitting.explain.sample import grid_of, levels_of
from thetastar.fitting.problem import Problem

__all__ = ["Axis", "axes_of"]


_INTERVALS = 8
_MONTHS = 12  # distinct values of the longest cycle of whole numbers: all are edges of intervals
_LEVELS = 8


@dataclass(frozen=True)
class Axis:
    """The cells of one column.

    Attributes:
        column: What it is.
        places: Edges of the intervals, ascending; empty for categories.
        levels: The most frequent categories; empty for numbers.
        of: Which part of a date, empty for the elapsed time; None for a whole column.
    """

    column: Column
    places: tuple[float, ...]
    levels: tuple[str, ...]
    of: str | None = None

    @property
    def cells(self) -> int:
        """Return how many cells there are."""
        return len(self.levels) or len(self.places) - 1

    def cell_of(self, table: pl.DataFrame) -> Integers:
        """Return each row's cell, −1 for values that are missing, rarer or farther out."""
        series = table[self.column.name]
        if self.levels:
            codes = as_labels(series).cast(pl.Enum(self.levels), strict=False).to_physical().cast(pl.Int64)
            return np.asarray(codes.fill_null(-1).to_numpy(), dtype=np.int64)
        values = _measured(series, self.column, self.of)
        inside = (values >= self.places[0]) & (values <= self.places[-1])
        cells = np.clip(np.searchsorted(self.places, values, side="left") - 1, 0, self.cells - 1)
        return np.where(inside, cells, -1)

    def states(self, cells: Integers) -> list[Moved]:
        """Return what rows are given in turn: the two edges of their own interval, or every category."""
        name = self.column.name
        if self.levels:
            return [Moved(pl.Series(name, [level] * len(cells), dtype=pl.String)) for level in self.levels]
        edges = np.asarray(self.places)
        return [moved(name, edges[cells + step], self.of) for step in (0, 1)]


def axes_of(problem: Problem, column: Column, *, parts: Sequence[str] = ()) -> tuple[Axis, ...]:
    """Return a column's cells, for a date those of the elapsed time and of each cycle; nothing that has only one cell.

    The year says hardly more than the elapsed time does.

    Args:
        problem: The table.
        column: What it is.
        parts: Of a date, which are read.
    """
    if column.kind is Kind.date:
        found = [_along(problem, column, of) for of in parts if of != "year"]
    elif column.kind.ordered:
        found = [_along(problem, column, None)]
    else:
        levels, _ = levels_of(problem.table[column.name], problem.weights, most=_LEVELS)
        found = [Axis(column, (), levels) if len(levels) > 1 else None]
    return tuple(axis for axis in found if axis is not None)


def _along(problem: Problem, column: Column, of: str | None) -> Axis | None:
    intervals = _MONTHS if of in ("month", "weekday") else _INTERVALS
    grid = grid_of(_measured(problem.table[column.name], column, of), problem.weights, intervals=intervals)
    return None if grid is None or len(grid.places) <= 2 else Axis(column, tuple(grid.places.tolist()), (), of)


def _measured(series: pl.Series, column: Column, of: str | None) -> Floats:
    values = as_measured(series, column.kind)
    return calendar(values, of) if of else values
