"""A column cut into few cells: intervals of numbers, or categories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.data import Column
from thetastar.data.convert import as_labels, as_measured
from thetastar.fitting.explain.sample import grid_of, levels_of
from thetastar.fitting.problem import Problem

__all__ = ["Axis", "axis_of"]

Floats = npt.NDArray[np.float64]

_INTERVALS = 8
_LEVELS = 8


@dataclass(frozen=True)
class Axis:
    """The cells of one column.

    Attributes:
        column: What it is.
        places: Edges of the intervals, ascending; empty for categories.
        levels: The most frequent categories; empty for numbers.
    """

    column: Column
    places: tuple[float, ...]
    levels: tuple[str, ...]

    @property
    def cells(self) -> int:
        """Return how many cells there are."""
        return len(self.levels) or len(self.places) - 1

    def cell_of(self, table: pl.DataFrame) -> npt.NDArray[np.int64]:
        """Return each row's cell, −1 for values that are missing, rarer or farther out."""
        series = table[self.column.name]
        if self.levels:
            codes = as_labels(series).cast(pl.Enum(self.levels), strict=False).to_physical().cast(pl.Int64)
            return np.asarray(codes.fill_null(-1).to_numpy(), dtype=np.int64)
        values = as_measured(series, self.column.kind)
        inside = (values >= self.places[0]) & (values <= self.places[-1])
        cells = np.clip(np.searchsorted(self.places, values, side="left") - 1, 0, self.cells - 1)
        return np.where(inside, cells, -1)

    def states(self, cells: npt.NDArray[np.int64]) -> list[pl.Series]:
        """Return what rows are given in turn: the two edges of their own interval, or every category."""
        name = self.column.name
        if self.levels:
            return [pl.Series(name, [level] * len(cells), dtype=pl.String) for level in self.levels]
        edges = np.asarray(self.places)
        return [pl.Series(name, edges[cells + step], dtype=pl.Float64) for step in (0, 1)]


def axis_of(problem: Problem, column: Column) -> Axis | None:
    """Return a column's cells; None if it has only one."""
    series = problem.table[column.name]
    if column.kind.ordered:
        grid = grid_of(as_measured(series, column.kind), problem.weights, intervals=_INTERVALS)
        return Axis(column, tuple(grid.places.tolist()), ()) if grid is not None and len(grid.places) > 2 else None
    levels, _ = levels_of(series, problem.weights, most=_LEVELS)
    return Axis(column, (), levels) if len(levels) > 1 else None
