"""How a member's answers move when one column of some rows is replaced.

Along a column of numbers the effect is accumulated locally (Apley and Zhu, Visualizing the effects of predictor
variables in black box supervised learning models, 2020, equation 15): each row is moved only within its own interval,
so that the function is never asked about rows that can't exist, as it would be by partial dependence where columns go
together. Of a function that adds up one curve a column, the accumulated local effect is that curve. Categories have no
order along which to accumulate: there every row is given each category in turn, which is partial dependence
(Friedman, Greedy function approximation, 2001), and for a sum again the summand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
import torch
from torch import Tensor

from thetastar.arrays import Floats, Integers
from thetastar.data.calendar import dates_with
from thetastar.descent import Deadline
from thetastar.fitting.explain.reader import Reader
from thetastar.fitting.explain.sample import Grid, Sample

__all__ = ["Asked", "Moved", "accumulated", "at_level", "moved"]


@dataclass(frozen=True)
class Moved:
    """What some rows are given in place of a column, or of one part of its dates.

    Attributes:
        column: The column's name, and each row's value.
        of: Which part of a date is moved, empty for the elapsed time; None for the whole column.
    """

    column: pl.Series
    of: str | None = None


def moved(name: str, values: Floats, of: str | None = None) -> Moved:
    """Return what moves a column of numbers, or the part of its dates, to these values."""
    return Moved(pl.Series(name, dates_with(values, of) if of else values, dtype=pl.Float64), of)


@dataclass(frozen=True)
class Asked:
    """One member, the rows on which it is asked, and these rows in its own encoding [rows, inputs]."""

    reader: Reader
    sample: Sample
    inputs: Tensor
    deadline: Deadline

    @cached_property
    def actual(self) -> Floats:
        """Return the answers for the rows as they are, [rows, outputs]."""
        return self.reader.answers(self.inputs)

    def answers(self, rows: Integers, *moves: Moved) -> Floats:
        """Return the answers for some rows with one or more columns, or parts of dates, replaced, [rows, outputs].

        Raises:
            BudgetError: if the time ran out.
        """
        self.deadline.check()
        inputs = self.inputs[torch.from_numpy(rows)]
        for move in moves:
            inputs = self.reader.replaced(inputs, move.column, of=move.of)
        return self.reader.answers(inputs)


def accumulated(asked: Asked, column: str, grid: Grid, *, of: str | None = None) -> Floats:
    """Return the accumulated local effect at the grid's places [places, outputs], 0 on average over the grid's rows.

    Args:
        asked: The member.
        column: What is moved.
        grid: Where to, in the unit of the part of a date that is moved.
        of: Which part of a date; None for a number.

    Raises:
        BudgetError: if the time ran out.
    """
    weights = asked.sample.weights[grid.rows]
    above, below = (asked.answers(grid.rows, moved(column, grid.places[grid.interval + step], of)) for step in (1, 0))
    intervals = len(grid.places) - 1
    mass = np.bincount(grid.interval, weights=weights, minlength=intervals)
    steps = np.zeros((intervals, above.shape[1]))
    np.add.at(steps, grid.interval, weights[:, None] * (above - below))
    curve = np.vstack([np.zeros_like(steps[:1]), np.cumsum(steps / mass[:, None], axis=0)])
    at_rows = np.stack([np.interp(grid.values, grid.places, output) for output in curve.T], axis=1)
    return np.asarray(curve - np.average(at_rows, axis=0, weights=weights))


def at_level(asked: Asked, column: pl.Series, rows: Integers) -> Floats:
    """Return by how much the mean answer over some rows changes when a column of theirs is replaced, [outputs].

    Args:
        asked: The member.
        column: The column's name, and what each row is given instead.
        rows: Which rows of the sample.

    Raises:
        BudgetError: if the time ran out.
    """
    change = asked.answers(rows, Moved(column)) - asked.actual[rows]
    return np.asarray(np.average(change, axis=0, weights=asked.sample.weights[rows]))
