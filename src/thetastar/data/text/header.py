"""Whether the first row names the columns, and the names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from thetastar.data.reading import Note
from thetastar.data.text.date_text import is_date
from thetastar.data.text.missing import ALWAYS_MISSING, MISSING_BESIDE_VALUES
from thetastar.data.text.names import array_names, nameless, unique_names
from thetastar.data.text.number_text import split_numbers
from thetastar.data.text.second_line import with_second_line

__all__ = ["Expected", "has_header", "name_columns", "names_numbers", "same_row"]

_SAMPLE = 1000  # rows that the header is judged by


@dataclass(frozen=True)
class Expected:
    """What is known of a file's header before it is read.

    Attributes:
        names: Of an earlier file's columns: a first row that holds one of them is a header.
        two_lines: Whether a line below the header may be a part of it.
        again: Whether a header that comes again further down is left out; otherwise it is a row like any other.
        target: The column that a file of rows to predict may lack.
    """

    names: tuple[str, ...] = ()
    two_lines: bool = True
    again: bool = True
    target: str = ""

    def places(self, width: int) -> list[str]:
        """Return the names of columns without a header: by their places, but for the target's if it is the one absent.

        Example:
            >>> labelled = Expected(("x0", "x1", "x2"), target="x0")
            >>> labelled.places(3), labelled.places(2)
            (['x0', 'x1', 'x2'], ['x1', 'x2'])
        """
        if self.target in self.names and list(self.names) == array_names(width + 1):
            return [name for name in self.names if name != self.target]
        return array_names(width)


def name_columns(
    cells: pl.DataFrame, *, header: bool | None, expected: Expected
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Return the rows below the header, if there is one, with the columns named; and what was done to the names.

    Args:
        cells: All rows as trimmed texts.
        header: Whether the first row names the columns; None to find it out.
        expected: What is known before.
    """
    once, repeated = (cells, ()) if header is False else _without_repetitions(cells)
    if header is None:
        first = {cell for cell in cells.row(0) if cell}
        known, none_before = set(expected.names), bool(expected.names) and nameless(expected.names)
        header = bool(first & known) or has_header(once.head(_SAMPLE), voting=not none_before)
    if not header:
        names = expected.places(cells.width)
        return cells.rename(dict(zip(cells.columns, names, strict=True))), (Note("no_header"),)
    given, below = tuple(cell or "" for cell in once.row(0)), once[1:]
    second: tuple[Note, ...] = ()
    if expected.two_lines:
        given, below, second = with_second_line(given, below)
    if not expected.again:
        below, repeated = cells[once.height - below.height :], ()
    names = unique_names(given)
    notes = (*repeated, *second, *_name_notes(given, names))
    return below.rename(dict(zip(cells.columns, names, strict=True))), notes


def _without_repetitions(cells: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Return the rows without those that repeat the first one, if it holds words above columns of numbers.

    Files that were put together from several have their header several times.
    """
    first = cells.row(0)
    again = cells.select(same_row(first)).to_series()
    again[0] = False
    once = cells.filter(~again)
    if not again.any() or not names_numbers(first, once[1:]):
        return cells, ()
    return once, (Note("repeated_header", rows=int(again.sum())),)


def same_row(cells: Sequence[str | None]) -> pl.Expr:
    """Return which rows are the same as one row of cells; of the first columns, as many as there are cells."""
    return pl.all_horizontal(pl.nth(place).eq_missing(pl.lit(cell)) for place, cell in enumerate(cells))


def names_numbers(first: Sequence[str | None], below: pl.DataFrame) -> bool:
    """Say whether a first row holds a word above a column of numbers, so that it is no row where it comes again."""
    return any(
        bool(cell) and not _numbers(pl.Series([cell]))[0] and _all_numbers(column)
        for cell, column in zip(first, below, strict=True)
    )


def _name_notes(given: Sequence[str], names: Sequence[str]) -> tuple[Note, ...]:
    pairs = list(zip(given, names, strict=True))
    blank = tuple(name for before, name in pairs if not before.strip())
    repeated = tuple(name for before, name in pairs if before.strip() not in ("", name))
    notes = (Note("unnamed", blank), Note("renamed", repeated))
    return tuple(note for note in notes if note.columns)


def has_header(cells: pl.DataFrame, *, voting: bool = True) -> bool:
    """Say whether the first row names the columns.

    It does if a cell that isn't a number stands above nothing but numbers. Otherwise the cells vote: one that
    appears again below it in its column, that is a number with more than digits, or that is a date, is data; a text
    that doesn't appear again is a name. Without any vote (whole numbers only) they are names if they count up by
    one, like hours 0, 1, 2, ….

    Args:
        cells: All rows as trimmed texts.
        voting: Whether to let them vote; of a file that goes with one that had no header, the first row is data
            unless it can't be.
    """
    first, below = cells.row(0), cells[1:]
    names = data = 0
    for cell, column in zip(first, below, strict=True):
        if cell is None or cell in ALWAYS_MISSING:
            continue
        if _numbers(pl.Series([cell])).all():
            data += not cell.lstrip("+-").isdigit()
            continue
        if _all_numbers(column):
            return True
        again = bool((column == cell).any()) or is_date(cell)
        names, data = names + (not again), data + again
    if not voting:
        return False
    if names or data:
        return names >= data
    return below.height > 0 and _counts_up(first)


def _numbers(texts: pl.Series) -> pl.Series:
    return split_numbers(texts)["body"].is_not_null()


def _all_numbers(column: pl.Series) -> bool:
    values = column.drop_nulls()
    values = values.filter(~values.str.to_lowercase().is_in(MISSING_BESIDE_VALUES))
    return len(values) > 0 and bool(_numbers(values).all())


def _counts_up(cells: Sequence[str | None]) -> bool:
    present = [int(cell) for cell in cells if cell is not None and cell.lstrip("+-").isdigit()]
    return len(present) == len(cells) > 1 and present == list(range(present[0], present[0] + len(present)))
