"""What new rows hold that the rows a function was found in did not: counted by column, predicted all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from thetastar.arrays import Flags
from thetastar.data import Column
from thetastar.data.convert import as_labels, as_measured, is_missing
from thetastar.data.encoding import BooleanPart, CategoryPart, CyclePart, NumberPart, Part
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.reach import beyond, span

__all__ = ["NewRows", "Unfamiliar", "absent_columns", "joined", "look_at", "unfamiliar_frame"]


_CODES = ("unreadable", "infinite", "far", "category", "missing")  # in the order in which they are told


@dataclass(frozen=True)
class Unfamiliar:
    """Values of one column that are unlike those that the function was found in.

    The code says how, and with it what becomes of them:

    - ``category``: no row had this category; it goes with the rare ones, or counts for nothing.
    - ``unreadable``: no number, date, time or boolean; counts as missing.
    - ``infinite``: counts as missing.
    - ``missing``: no value, though every row had one; the average stands in.
    - ``far``: outside the range of all rows by more than a tenth of its width; the function extrapolates.
    """

    column: Column
    code: str
    rows: int
    first: int  # the first of the rows, counted from 1
    example: str
    span: tuple[float, ...]  # the range, in days since 1970-01-01 for a date; empty but for numbers and dates


@dataclass(frozen=True)
class NewRows:
    """What there is to say of rows before they are predicted."""

    rows: int
    affected: int  # rows with at least one unfamiliar value
    not_read: tuple[str, ...]  # columns that the function does not know
    found: tuple[Unfamiliar, ...]
    far: int = 0  # rows with at least one value far outside, which have no prediction interval


def absent_columns(function: FoundFunction, table: pl.DataFrame) -> tuple[str, ...]:
    """Return the columns that the function reads and the table lacks."""
    return tuple(column.name for column in function.columns if column.used and column.name not in table.columns)


def look_at(function: FoundFunction, table: pl.DataFrame, *, ready: Flags | None = None) -> NewRows:
    """Compare new rows with those that the function was found in.

    A column whose rare categories are too many to be remembered knows no unseen one.

    Args:
        function: What will predict them.
        table: With all columns that the function reads, in any order.
        ready: Which rows of their source they are for, by which they are numbered; None for all.
    """
    numbers = np.arange(1, table.height + 1) if ready is None else np.flatnonzero(ready) + 1
    found = []
    affected, far = np.zeros((2, table.height), dtype=bool)
    for column in function.columns:
        parts = [part for encoding in function.encodings for part in encoding.parts if part.column == column.name]
        for code, rows in _unfamiliar(column, parts, table[column.name]) if parts else ():
            if rows.any():
                first = int(rows.argmax())
                example = "" if code == "missing" else str(table[column.name][first])
                found.append(Unfamiliar(column, code, int(rows.sum()), int(numbers[first]), example, span(parts)))
                affected |= rows
                if code == "far":
                    far |= rows
    known = {function.target.name, *(column.name for column in function.columns)}
    extra = tuple(name for name in table.columns if name not in known)
    return NewRows(table.height, int(affected.sum()), extra, tuple(found), int(far.sum()))


def joined(function: FoundFunction, parts: Sequence[NewRows]) -> NewRows:
    """Return what there is to say of blocks of rows as of one table.

    Args:
        function: What predicts them.
        parts: What ``look_at`` returned of each block, in their order.
    """
    found: dict[tuple[str, str], Unfamiliar] = {}
    rows = 0
    for part in parts:
        for one in part.found:
            key = (one.column.name, one.code)
            before = found.get(key, replace(one, rows=0, first=rows + one.first))
            found[key] = replace(before, rows=before.rows + one.rows)
        rows += part.rows
    place = {column.name: place for place, column in enumerate(function.columns)}
    ordered = sorted(found.values(), key=lambda one: (place[one.column.name], _CODES.index(one.code)))
    affected, far = sum(part.affected for part in parts), sum(part.far for part in parts)
    return NewRows(rows, affected, parts[0].not_read, tuple(ordered), far)


def unfamiliar_frame(new: NewRows) -> pl.DataFrame:
    """Return a row for each column and code: how many rows, the first of them (counted from 1) and what it holds."""
    columns = {"column": pl.String, "code": pl.String, "rows": pl.Int64, "first": pl.Int64, "example": pl.String}
    rows = [(one.column.name, one.code, one.rows, one.first, one.example) for one in new.found]
    return pl.DataFrame(rows, schema=columns, orient="row")


def _unfamiliar(column: Column, parts: Sequence[Part], series: pl.Series) -> Iterator[tuple[str, Flags]]:
    """Yield each code and the rows that it is true of, [rows]."""
    missing = is_missing(series).to_numpy()
    if isinstance(parts[0], NumberPart | CyclePart):
        values = as_measured(series, parts[0].kind)
        yield "unreadable", np.isnan(values) & ~missing
        yield "infinite", np.isinf(values)
        yield "far", beyond(values, span(parts))
    else:
        code = "category" if isinstance(parts[0], CategoryPart) else "unreadable"
        yield code, _unknown(parts, series) & ~missing
    if not column.missing and not any(part.missing for part in parts):
        yield "missing", missing


def _unknown(parts: Sequence[Part], series: pl.Series) -> Flags:
    """Return which labels no member has seen, [rows]."""
    if any(isinstance(part, CategoryPart) and part.other and not part.rare for part in parts):
        return np.zeros(len(series), dtype=bool)
    labels = as_labels(series)
    if isinstance(parts[0], BooleanPart):
        labels = labels.str.to_lowercase()
    known = sorted({label for part in parts for label in _labels(part)})
    return np.asarray(~labels.is_in(known).fill_null(False).to_numpy())


def _labels(part: Part) -> tuple[str, ...]:
    if isinstance(part, CategoryPart):
        return (*part.categories, *part.rare)
    return (part.false, part.true) if isinstance(part, BooleanPart) else ()
