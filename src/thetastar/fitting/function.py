"""The function that was found: θ*, and everything it takes to use it on new rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import torch
from torch import Tensor

from thetastar.arrays import Floats
from thetastar.data import Column, Encoding, Target, encode
from thetastar.descent import outputs_for
from thetastar.errors import UserError
from thetastar.fitting.history import History
from thetastar.fitting.intervals import Intervals
from thetastar.fitting.marks import RowMarks
from thetastar.fitting.problem import Scale, in_unit, pad
from thetastar.fitting.reach import far_rows
from thetastar.functions import FunctionSet

__all__ = ["FoundFunction"]

_AT_ONCE = 1 << 13  # rows: encoded, each takes as many kilobytes as it has columns, or more


@dataclass(frozen=True)
class FoundFunction:
    """A function found in data: the mean over its members, each with its own encoding and θ*.

    Attributes:
        functions: The set of functions that all members belong to.
        state: Each member's θ (and running averages), [members, functions.state_size], float32.
        encodings: One per member.
        scales: The target's mean and deviation, one per member.
        plain: Plain inputs of the padded rows, before the pieces.
        target: What is predicted.
        columns: What the columns of a table must be.
        intervals: What prediction intervals are made of; None for classes, or if there were no rows to learn them from.
        history: How its series goes on, if the columns are windows of one.
        marks: Of the rows that it was found in; None if they aren't kept.
    """

    functions: FunctionSet
    state: Tensor
    encodings: tuple[Encoding, ...]
    scales: tuple[Scale, ...]
    plain: int
    target: Target
    columns: tuple[Column, ...]
    intervals: Intervals | None = None
    history: History | None = None
    marks: RowMarks | None = None

    def predict(self, table: pl.DataFrame) -> npt.NDArray[np.generic]:
        """Return the predicted values [rows] in the target's unit, or the most probable classes.

        Raises:
            DataError: if a column is missing.
        """
        outputs = self.outputs(table)
        if not self.target.classes:
            return outputs[:, 0]
        labels: npt.NDArray[np.generic] = np.asarray(self.target.classes)[outputs.argmax(1)]
        return labels

    def outputs(self, table: pl.DataFrame) -> Floats:
        """Return predicted values [rows, 1], or the probability of every class [rows, classes].

        Computed in float64, so that a row's prediction does not depend on the rows that it comes with.

        Raises:
            DataError: if a column is missing.
        """
        total = np.zeros((table.height, len(self.target.classes) or 1))
        for member in range(len(self.encodings)):
            total += self.member_outputs(table, member)
        return total / len(self.encodings)

    def predict_interval(self, table: pl.DataFrame, *, level: float) -> Floats:
        """Return the ends between which the truth lies with a probability of ``level``, [rows, 2].

        NaN for rows with a number or date far outside of those that it was found in: there none is known.

        Raises:
            DataError: if a column is missing.
            UserError: for classes, or if the level can't be had.
        """
        return self.ends_around(self.outputs(table), table, level=level)

    def ends_around(self, outputs: Floats, table: pl.DataFrame, *, level: float) -> Floats:
        """Return the ends of the intervals around what ``outputs`` gave for a table, [rows, 2]; NaN far outside.

        Raises:
            UserError: for classes, or if the level can't be had.
        """
        if self.intervals is None:
            why = (
                "it has classes, whose probabilities say how sure it is" if self.target.classes else "none were learnt"
            )
            raise UserError(f"there are no intervals for {self.target.name!r}: {why}")
        spread = self.intervals.by_inputs
        size = None if spread is None else spread.of(table, outputs[:, 0])
        ends = np.stack(self.intervals.around(outputs[:, 0], level=level, size=size), axis=1)
        ends[far_rows(self.encodings, table)] = np.nan
        return ends

    def member_outputs(self, table: pl.DataFrame, member: int) -> Floats:
        """Return one member's predicted values [rows, 1] or class probabilities [rows, classes]."""
        parts = [self._some_outputs(some, member) for some in table.iter_slices(_AT_ONCE)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.target.classes) or 1))

    def _some_outputs(self, table: pl.DataFrame, member: int) -> Floats:
        encoding, scale = self.encodings[member], self.scales[member]
        inputs = torch.empty(table.height, self.functions.inputs, dtype=torch.float64)
        pad(torch.from_numpy(encode(encoding, table)), encoding, into=inputs, plain=self.plain)
        state = self.state[member : member + 1].double()
        outputs = outputs_for(self.functions, state, inputs.unsqueeze(0))[0]
        return np.asarray(in_unit(outputs, self.target, scale).numpy())
