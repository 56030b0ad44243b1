"""Rows to predict that a function was found in: what it makes of them says nothing about rows that it never saw."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from thetastar.arrays import Flags
from thetastar.data import readable_targets, row_hashes, with_value
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.marks import RowMarks

__all__ = ["MetAgain", "SharedRows", "Tally", "met_again", "met_frame", "shared_rows", "tally"]


_SHOWN = 5  # row numbers
_BEYOND_CHANCE = 3.0  # standard errors


@dataclass(frozen=True, eq=False)
class MetAgain:
    """What is known of each new row, [rows] each.

    Attributes:
        decided: Whether it can be told if its inputs were there.
        inputs: Whether they were.
        decided_row: Whether it can be told if its inputs and target were; nowhere without a target.
        row: Whether they were.
    """

    decided: Flags
    inputs: Flags
    decided_row: Flags
    row: Flags


@dataclass(frozen=True)
class Tally:
    """How many new rows are among those that a function was found in.

    Attributes:
        rows: New rows.
        compared: Of these, rows that could be compared: all, unless the function was found in very many.
        inputs: Compared rows whose inputs were there.
        compared_rows: Rows with a target that could be compared with it.
        same: Of these, rows that were there with the same target.
        first: Numbers of the first rows whose inputs were there, counted from 1.
    """

    rows: int
    compared: int
    inputs: int
    compared_rows: int
    same: int
    first: tuple[int, ...]

    def __add__(self, later: Tally) -> Tally:
        """Return what is true of these rows and those that come after them."""
        return Tally(
            rows=self.rows + later.rows,
            compared=self.compared + later.compared,
            inputs=self.inputs + later.inputs,
            compared_rows=self.compared_rows + later.compared_rows,
            same=self.same + later.same,
            first=(*self.first, *(self.rows + row for row in later.first))[:_SHOWN],
        )


@dataclass(frozen=True)
class SharedRows:
    """How many new rows are among those that a function was found in, and how many would be by chance.

    Attributes:
        rows: As in ``Tally``, and so are those up to ``first``.
        compared: Rows that could be compared.
        inputs: Compared rows whose inputs were there.
        compared_rows: Rows with a target that could be compared with it.
        same: Of these, rows that were there with the same target.
        first: Numbers of the first rows whose inputs were there.
        repeated: The share of rows whose inputs would be there by chance.
        chance_error: Standard error of ``inputs / compared`` if they were there by chance.
    """

    rows: int
    compared: int
    inputs: int
    compared_rows: int
    same: int
    first: tuple[int, ...]
    repeated: float
    chance_error: float

    @property
    def beyond_chance(self) -> bool:
        """Tell whether more rows were there than rows of the table repeat each other's inputs."""
        return self.inputs > self.compared * (self.repeated + _BEYOND_CHANCE * self.chance_error)

    @property
    def share(self) -> float:
        """Return the share of the new rows whose inputs were there."""
        return self.inputs / self.compared if self.compared else math.nan

    @property
    def standard_error(self) -> float:
        """Return the standard error of the share: 0 if all rows could be compared."""
        if self.compared == self.rows or not self.compared:
            return 0.0
        return math.sqrt(self.share * (1 - self.share) / self.compared)


def met_again(function: FoundFunction, table: pl.DataFrame, y: pl.Series | None) -> MetAgain | None:
    """Compare new rows with those that a function was found in; None if it doesn't remember any.

    Args:
        function: What predicts them.
        table: With all columns that the function reads, in any order.
        y: Their target, values may be missing; None if there is none.
    """
    marks = function.marks
    if marks is None:
        return None
    hashes = row_hashes(table, function.columns)
    decided, inputs = marks.inputs.decides(hashes), marks.inputs.holds(hashes)
    if y is None:
        none = np.zeros(len(hashes), dtype=np.bool_)
        return MetAgain(decided, inputs, none, none)
    values = readable_targets(function.target, y)
    both, known = with_value(hashes, values), np.isfinite(values)
    return MetAgain(decided, inputs, known & marks.rows.decides(both), known & marks.rows.holds(both))


def met_frame(met: MetAgain) -> pl.DataFrame:
    """Return whether each row's inputs, and whether these with its target, were there; null where that isn't known."""
    columns = {"inputs": (met.decided, met.inputs), "row": (met.decided_row, met.row)}
    return pl.DataFrame({name: pl.Series(was).set(pl.Series(~known), None) for name, (known, was) in columns.items()})


def tally(met: MetAgain, *, ready: Flags | None = None) -> Tally:
    """Count the rows that were met before.

    Args:
        met: What is known of each row.
        ready: Which rows of their source they are for, by which they are numbered; None for all.
    """
    places = np.flatnonzero(np.ones(len(met.inputs), dtype=np.bool_) if ready is None else ready)
    return Tally(
        rows=len(met.decided),
        compared=int(met.decided.sum()),
        inputs=int(met.inputs.sum()),
        compared_rows=int(met.decided_row.sum()),
        same=int(met.row.sum()),
        first=tuple((places[met.inputs][:_SHOWN] + 1).tolist()),
    )


def shared_rows(counted: Tally, marks: RowMarks) -> SharedRows:
    """Compare the rows that were met before with what chance would bring.

    How many of them chance would bring is known as well as the table of training is large; its equal rows come in pairs
    at least, so that the variance of their share is twice that of independent rows.

    Args:
        counted: What was counted in the new rows.
        marks: Of the rows that the function was found in.
    """
    repeated = marks.repeated
    variance = repeated * (1 - repeated) * (1 / max(1, counted.compared) + 2 / marks.inputs.distinct)
    return SharedRows(**vars(counted), repeated=repeated, chance_error=math.sqrt(variance))
