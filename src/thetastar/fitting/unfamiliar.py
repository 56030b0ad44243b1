"""What in new rows a function can't read as it read the rows that it was found in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.data import Column, Kind
from thetastar.data.convert import as_days, as_labels, as_numbers, is_missing
from thetastar.data.encoding import BooleanPart, CategoryPart, Part
from thetastar.fitting.function import FoundFunction

__all__ = ["Unfamiliar", "absent_columns", "unfamiliar"]


@dataclass(frozen=True)
class Unfamiliar:
    """Values of one column that count for nothing, or as missing."""

    column: Column
    code: str  # category: no row had it when the function was found; unreadable: no number, date or boolean
    rows: int
    first: int  # the first of the rows, counted from 1
    example: str


def absent_columns(function: FoundFunction, table: pl.DataFrame) -> tuple[str, ...]:
    """Return the columns that the function reads and the table lacks."""
    return tuple(column.name for column in function.columns if column.used and column.name not in table.columns)


def unfamiliar(function: FoundFunction, table: pl.DataFrame) -> tuple[Unfamiliar, ...]:
    """Return the values that the function can't read, by column. Such rows are predicted all the same.

    A column whose rarer categories share one output knows no unseen category: it counts as rare.
    """
    found = []
    for column in function.columns:
        parts = [part for encoding in function.encodings for part in encoding.parts if part.column == column.name]
        if parts:
            code = "category" if column.kind is Kind.category else "unreadable"
            odd = np.flatnonzero(_odd(parts, table[column.name]) & ~is_missing(table[column.name]).to_numpy())
            if odd.size:
                first = int(odd[0])
                found.append(Unfamiliar(column, code, int(odd.size), first + 1, str(table[column.name][first])))
    return tuple(found)


def _odd(parts: Sequence[Part], series: pl.Series) -> npt.NDArray[np.bool_]:
    """Return which values no member can read, [rows]."""
    if any(isinstance(part, CategoryPart) and part.other for part in parts):
        return np.zeros(len(series), dtype=bool)
    if isinstance(parts[0], CategoryPart | BooleanPart):
        labels = as_labels(series)
        if isinstance(parts[0], BooleanPart):
            labels = labels.str.to_lowercase()
        known = sorted({label for part in parts for label in _labels(part)})
        return np.asarray(~labels.is_in(known).fill_null(False).to_numpy())
    values = as_days(series) if parts[0].kind is Kind.date else as_numbers(series)
    return np.isnan(values)


def _labels(part: Part) -> tuple[str, ...]:
    if isinstance(part, CategoryPart):
        return part.categories
    return (part.false, part.true) if isinstance(part, BooleanPart) else ()
