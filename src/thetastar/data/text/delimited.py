"""Tables in text files: from one text to named columns of texts."""

from __future__ import annotations

import polars as pl

from thetastar.data.reading import Note, ReadOptions
from thetastar.data.text.blanks import blanks_as_tabs
from thetastar.data.text.header import Expected, name_columns
from thetastar.data.text.lines import (
    cells_of,
    find_delimiter,
    plain_lines,
    with_double_quotes,
    without_blank_lines,
    without_title,
)
from thetastar.errors import DataError

__all__ = ["parse_delimited"]

_NAMES_SHOWN = 5


def parse_delimited(
    text: str, *, options: ReadOptions, expected: Expected, source: str = "the file"
) -> tuple[pl.DataFrame, str, tuple[Note, ...]]:
    """Return the cells of a text as trimmed texts under the columns' names, the delimiter, and what was noticed.

    Args:
        text: The whole file.
        options: Delimiter and header, if asked for.
        expected: What is known of the header before.
        source: What errors call the file.

    Raises:
        DataError: if there is no row, or a row has more cells than the first line.
    """
    text, named = plain_lines(text)
    if not text.strip():
        raise DataError(f"{source} is empty: a table needs a header and at least one row")
    delimiter = options.delimiter or named or find_delimiter(text)
    blanks = delimiter == " "
    if blanks:
        text, delimiter = blanks_as_tabs(text), "\t"
    text, title = without_title(text, delimiter)
    text = with_double_quotes(text, delimiter)
    text, blank = without_blank_lines(text, delimiter)
    cells, short = cells_of(text, delimiter, source)
    table, names = name_columns(cells, header=options.header, expected=expected)
    if table.height == 0:
        shown = ", ".join(table.columns[:_NAMES_SHOWN]) + (", …" if table.width > _NAMES_SHOWN else "")
        raise DataError(
            f"{source} has a header ({shown}) but no rows below it: give rows, or say --no-header if this is one"
        )
    separated = Note("blanks") if blanks else Note("delimiter", text=delimiter)
    told = delimiter != "," and table.width > 1
    return table, delimiter, (*title, *((separated,) if told else ()), *names, *blank, *short)
