"""Tables in text files: from one text, or from its parts one after the other, to named columns of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from thetastar.data.reading import Note, ReadOptions, together
from thetastar.data.text.blanks import blanks_as_tabs
from thetastar.data.text.header import Expected, name_columns, names_numbers, same_row
from thetastar.data.text.lines import (
    cells_of,
    find_delimiter,
    is_quoted,
    plain_line_ends,
    plain_lines,
    quoted_by_single_marks,
    with_double_quotes,
    without_blank_lines,
    without_title,
)
from thetastar.errors import DataError

__all__ = ["Delimited", "Layout", "of_all_parts", "parse_delimited", "parse_further", "quotes_span_lines"]

_BLANK = " "
_NAMES_SHOWN = 5


@dataclass(frozen=True)
class Layout:
    """How the cells of a text stand.

    Attributes:
        delimiter: Between cells: a tab where any number of blanks sets them apart.
        blanks: Whether blanks do.
        single: Whether single marks quote them.
        first: The first row.
        header: Whether it names the columns.
        names: Of the columns.
    """

    delimiter: str
    blanks: bool
    single: bool
    first: tuple[str | None, ...]
    header: bool
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Delimited:
    """The table in a text: trimmed texts under the columns' names; how its cells stand, and what was noticed."""

    table: pl.DataFrame
    layout: Layout
    notes: tuple[Note, ...]

    def names_numbers(self) -> bool:
        """Return whether the header is no row where it comes again."""
        return self.layout.header and names_numbers(self.layout.first, self.table)


def parse_delimited(text: str, *, options: ReadOptions, expected: Expected, source: str = "the file") -> Delimited:
    """Return the cells of a text.

    Args:
        text: The whole file, or as much of its beginning as tells how the rest is laid out.
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
    blanks = delimiter == _BLANK
    if blanks:
        text, delimiter = blanks_as_tabs(text), "\t"
    text, title = without_title(text, delimiter)
    single = quoted_by_single_marks(text, delimiter)
    text, blank = _plain_rows(text, delimiter, single=single, several=delimiter in text[: text.find("\n")])
    cells, short = cells_of(text, delimiter, source)
    table, names = name_columns(cells, header=options.header, expected=expected)
    if table.height == 0:
        shown = ", ".join(table.columns[:_NAMES_SHOWN]) + (", …" if table.width > _NAMES_SHOWN else "")
        raise DataError(
            f"{source} has a header ({shown}) but no rows below it: give rows, or say --no-header if this is one"
        )
    separated = Note("blanks") if blanks else Note("delimiter", text=delimiter)
    told = (separated,) if delimiter != "," and table.width > 1 else ()
    header = all(note.code != "no_header" for note in names)
    layout = Layout(delimiter, blanks, single, cells.row(0), header, tuple(table.columns))
    return Delimited(table, layout, (*title, *told, *names, *blank, *short))


def quotes_span_lines(text: str, options: ReadOptions) -> bool:
    """Say whether a line end of a text may stand inside of a quoted cell."""
    text, named = plain_lines(text)
    delimiter = options.delimiter or named or find_delimiter(text)
    return delimiter != _BLANK and is_quoted(text, delimiter)


def parse_further(
    text: str, layout: Layout, *, again: bool, above: int, source: str
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    r"""Return the rows of a part of a file that begins and ends with a line, and what was noticed.

    Args:
        text: Of a part that isn't the first one.
        layout: Of the first one.
        again: Whether the header is left out where it comes again.
        above: Lines of the file above this part.
        source: What errors call the file.

    Raises:
        DataError: if a row has more cells than the first line of the file.

    Example:
        >>> begun = parse_delimited("a;b\n1;2\n", options=ReadOptions(), expected=Expected())
        >>> parse_further("3;4\n\na;b\n", begun.layout, again=True, above=2, source="the file")[0].rows()
        [('3', '4')]
    """
    text = plain_line_ends(text).removesuffix("\n")
    if layout.blanks:
        text = blanks_as_tabs(text)
    several = len(layout.names) > 1
    text, blank = _plain_rows(text, layout.delimiter, single=layout.single, several=several)
    width = layout.delimiter.join(["-"] * len(layout.names))  # a line in front that says how many cells a row has
    cells, short = cells_of(f"{width}\n{text}", layout.delimiter, source, above=above - 1)
    rows = cells[1:].rename(dict(zip(cells.columns, layout.names, strict=True)))
    if not again:
        return rows, (*blank, *short)
    once = rows.filter(~same_row(layout.first))
    repeated = (Note("repeated_header", rows=rows.height - once.height),) if once.height < rows.height else ()
    return once, (*repeated, *blank, *short)


def of_all_parts(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Join what was noticed in the parts of a file; of short rows, the first one is named."""
    first = min((int(note.text) for note in notes if note.code == "short_rows"), default=0)
    return together(replace(note, text=str(first)) if note.code == "short_rows" else note for note in notes)


def _plain_rows(text: str, delimiter: str, *, single: bool, several: bool) -> tuple[str, tuple[Note, ...]]:
    """Return the lines that are rows, quoted by double marks if at all."""
    if single:
        text = with_double_quotes(text, delimiter)
    return without_blank_lines(text, delimiter) if several else (text, ())
