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
import numpy.typing as npt
import polars as pl
import torch
from torch import Tensor

from thetastar.data.calendar import dates_with
from thetastar.descent import Deadline
from thetastar.fitting.explain.reader import Reader
from thetastar.fitting.explain.sample import Grid, Sample

__all__ = ["Asked", "accumulated", "at_level"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


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

    def answers(self, rows: Rows, *columns: pl.Series, of: str | None = None) -> Floats:
        """Return the answers for some rows with one or more columns (or a part of a date) replaced, [rows, outputs].

        Raises:
            BudgetError: if the time ran out.
        """
        self.deadline.check()
        inputs = self.inputs[torch.from_numpy(rows)]
        for column in columns:
            inputs = self.reader.replaced(inputs, column, of=of)
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
    above, below = (
        asked.answers(grid.rows, pl.Series(column, _given(grid.places[grid.interval + step], of)), of=of)
        for step in (1, 0)
    )
    intervals = len(grid.places) - 1
    mass = np.bincount(grid.interval, weights=weights, minlength=intervals)
    steps = np.zeros((intervals, above.shape[1]))
    np.add.at(steps, grid.interval, weights[:, None] * (above - below))
    curve = np.vstack([np.zeros_like(steps[:1]), np.cumsum(steps / mass[:, None], axis=0)])
    at_rows = np.stack([np.interp(grid.values, grid.places, output) for output in curve.T], axis=1)
    return np.asarray(curve - np.average(at_rows, axis=0, weights=weights))


def _given(values: Floats, of: str | None) -> Floats:
    """Return what the column is replaced by, so that the part of it that is moved has these values."""
    return dates_with(values, of) if of else values


def at_level(asked: Asked, column: pl.Series, rows: Rows) -> Floats:
    """Return by how much the mean answer over some rows changes when a column of theirs is replaced, [outputs].

    Args:
        asked: The member.
        column: The column's name, and what each row is given instead.
        rows: Which rows of the sample.

    Raises:
        BudgetError: if the time ran out.
    """
    change = asked.answers(rows, column) - asked.actual[rows]
    return np.asarray(np.average(change, axis=0, weights=asked.sample.weights[rows]))
