"""Whether the first row names the columns, and the names."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from thetastar.data.date_text import ORDERS, parse_dates
from thetastar.data.missing import ALWAYS_MISSING, MISSING_BESIDE_VALUES
from thetastar.data.names import array_names, unique_names
from thetastar.data.number_text import split_numbers
from thetastar.data.reading import Note

__all__ = ["has_header", "name_columns"]

_SAMPLE = 1000  # rows that the header is judged by


def name_columns(
    cells: pl.DataFrame, *, header: bool | None, known: Collection[str] = ()
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Return the rows below the header, if there is one, with the columns named; and what was done to the names.

    Args:
        cells: All rows as trimmed texts.
        header: Whether the first row names the columns; None to find it out.
        known: Names of an earlier file: a first row that holds one of them is a header.
    """
    if header is None:
        first = {cell for cell in cells.row(0) if cell}
        header = bool(first & set(known)) or has_header(cells.head(_SAMPLE))
    if not header:
        names = array_names(cells.width)
        return cells.rename(dict(zip(cells.columns, names, strict=True))), (Note("no_header"),)
    given = [cell or "" for cell in cells.row(0)]
    names = unique_names(given)
    return cells[1:].rename(dict(zip(cells.columns, names, strict=True))), _name_notes(given, names)


def _name_notes(given: Sequence[str], names: Sequence[str]) -> tuple[Note, ...]:
    pairs = list(zip(given, names, strict=True))
    blank = tuple(name for before, name in pairs if not before.strip())
    repeated = tuple(name for before, name in pairs if before.strip() not in ("", name))
    notes = (Note("unnamed", blank), Note("renamed", repeated))
    return tuple(note for note in notes if note.columns)


def has_header(cells: pl.DataFrame) -> bool:
    """Say whether the first row names the columns.

    It does if a cell that isn't a number stands above nothing but numbers. Otherwise the cells vote: one that
    appears again below it in its column, that is a number with more than digits, or that is a date, is data; a text
    that doesn't appear again is a name. Without any vote (whole numbers only) they are names if they count up by
    one, like hours 0, 1, 2, ….
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
        again = bool((column == cell).any()) or _is_date(cell)
        names, data = names + (not again), data + again
    if names or data:
        return names >= data
    return below.height > 0 and _counts_up(first)


def _numbers(texts: pl.Series) -> pl.Series:
    return split_numbers(texts)["body"].is_not_null()


def _is_date(cell: str) -> bool:
    return any(parse_dates(pl.Series([cell]), order)[0] is not None for order in ORDERS if order != "compact")


def _all_numbers(column: pl.Series) -> bool:
    values = column.drop_nulls()
    values = values.filter(~values.str.to_lowercase().is_in(MISSING_BESIDE_VALUES))
    return len(values) > 0 and bool(_numbers(values).all())


def _counts_up(cells: Sequence[str | None]) -> bool:
    present = [int(cell) for cell in cells if cell is not None and cell.lstrip("+-").isdigit()]
    return len(present) == len(cells) > 1 and present == list(range(present[0], present[0] + len(present)))
