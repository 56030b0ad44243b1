"""A table of texts as a table of values: each column is read as it is written."""

from __future__ import annotations

import polars as pl

from thetastar.data.reading import ColumnFormat, Note, ReadOptions
from thetastar.data.text.apply_format import apply_format
from thetastar.data.text.guess import guess
from thetastar.data.text.missing import without
from thetastar.data.text.settle import settle

__all__ = ["typed", "with_typed_texts"]


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


def with_typed_texts(
    table: pl.DataFrame, *, options: ReadOptions, known: tuple[ColumnFormat, ...] = ()
) -> tuple[pl.DataFrame, tuple[ColumnFormat, ...], tuple[Note, ...]]:
    """Return a table whose columns of text are read as those of a text file are, and what ``typed`` returns beside it.

    Columns of every other type stay as they are, categories that are declared as such too; they have no format.

    Args:
        table: Columns of any plain type, with unique names.
        options: Decimal mark and order of dates, if asked for.
        known: How columns of an earlier table were written: those of these names are read alike.
    """
    cells = pl.DataFrame([_trimmed(column) for column in table if column.dtype == pl.String])
    read, formats, notes = typed(cells, options=options, known=known)
    return table.with_columns(read.get_columns()), formats, notes


def _trimmed(texts: pl.Series) -> pl.Series:
    """Return texts without blanks around them, null for nothing; the same series if there are none to take away."""
    trimmed = without(texts.str.strip_chars(), [""])
    return texts if trimmed.equals(texts) else trimmed
