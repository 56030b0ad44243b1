"""A table of texts as a table of values: each column is read as it is written."""

from __future__ import annotations

import polars as pl

from thetastar.data.apply_format import apply_format
from thetastar.data.guess import guess
from thetastar.data.reading import ColumnFormat, Note, ReadOptions
from thetastar.data.settle import settle

__all__ = ["typed"]


def typed(
    cells: pl.DataFrame, *, options: ReadOptions, delimiter: str = ",", known: tuple[ColumnFormat, ...] = ()
) -> tuple[pl.DataFrame, tuple[ColumnFormat, ...], tuple[Note, ...]]:
    """Return the table, how each column is written, and what a person should know about that.

    Args:
        cells: Trimmed texts, null where nothing is written.
        options: Decimal mark and order of dates, if asked for.
        delimiter: Of the file, which says something about its decimal mark.
        known: How columns of an earlier file were written: those of these names are read alike.
    """
    before = {form.column: form for form in known}
    guesses = {name: guess(cells[name]) for name in cells.columns if name not in before}
    found, notes = settle(list(guesses.values()), options=options, delimiter=delimiter)
    formats = before | {form.column: form for form in found}
    columns = []
    for name in cells.columns:
        numbers = guesses[name].numbers if name in guesses else None
        columns.append(apply_format(cells[name], formats[name], numbers=numbers))
    return pl.DataFrame(columns), tuple(formats[name] for name in cells.columns), notes
