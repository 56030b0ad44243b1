"""The lines of a text file: which character separates the cells, and where the table begins."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import accumulate, repeat

import polars as pl

from thetastar.data.reading import Note
from thetastar.data.text.blanks import set_apart_by_blanks
from thetastar.data.text.missing import without
from thetastar.data.text.number_text import split_numbers
from thetastar.errors import DataError

__all__ = [
    "SAMPLE",
    "cells_of",
    "find_delimiter",
    "is_quoted",
    "lines_above",
    "plain_line_ends",
    "plain_lines",
    "quoted_by_single_marks",
    "with_double_quotes",
    "without_blank_lines",
    "without_title",
]

SAMPLE = 1000  # lines that the delimiter, the title and the header are judged by
_DELIMITERS = (",", ";", "\t", "|")
_FEW_LINES = 100  # whose numbers are counted
_REGULAR = 0.99  # share of lines that have as many cells as each other where nothing is amiss
_SAMPLE_CHARACTERS = 1 << 20
_TITLE_LINES = 20  # a table that begins later than that isn't found
_TABLE = 0.9  # share of the lines under a title that must have as many cells as each other
_WIDE = 3  # cells; a table of two columns could be one column of texts with a comma in it, one of three a few pairs
_NOTHING = ("",)  # as a word for a missing value
_BLANK_LINE = re.compile(r"\n[ \t]*\n")  # eight times as fast as one that begins with where a line begins


def plain_lines(text: str) -> tuple[str, str | None]:
    r"""Return the text with one kind of line end, and the delimiter that a first line ``sep=;`` names (as Excel does).

    Example:
        >>> plain_lines("sep=;\r\na;b\r\n")
        ('a;b', ';')
    """
    text = plain_line_ends(text.removeprefix("\ufeff")).strip("\n")
    named = re.match(r'"?sep=(.)"?(?:\n|$)', text)
    return (text[named.end() :].lstrip("\n"), named[1]) if named else (text, None)


def plain_line_ends(text: str) -> str:
    """Return the text with one kind of line end, whichever of the three usual ones it has."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def find_delimiter(text: str) -> str:
    """Return the one of comma, semicolon, tab and bar that separates the cells; a blank where blanks do it better.

    It gives most lines as many cells as each other. Where several do, it gives the first line as many too (a header has
    no decimal commas), then leaves most cells that are numbers (a comma would cut 1,5;2,5 into 1, 5;2 and 5), then most
    cells; then it is not the comma, as that has other uses.
    """
    lines = _sample(text)

    def fit(delimiter: str) -> tuple[float, bool, float, int, bool]:
        width, share = _usual_width(lines, delimiter)
        if width < 2:
            return 0.0, False, 0.0, width, False
        if share < _REGULAR:
            return share, False, 0.0, width, False
        return 1.0, _width(lines[0], delimiter) == width, _numeric(lines, delimiter), width, delimiter != ","

    best = max(_DELIMITERS, key=fit)
    return " " if set_apart_by_blanks(lines[:_FEW_LINES], numeric=fit(best)[2]) else best


def _numeric(lines: Sequence[str], delimiter: str) -> float:
    """Return the share of the cells that are numbers."""
    cells = [cell.strip() for row in _rows(lines[:_FEW_LINES], delimiter) for cell in row]
    return float(split_numbers(pl.Series(cells, dtype=pl.String))["body"].count()) / max(len(cells), 1)


def without_title(text: str, delimiter: str) -> tuple[str, tuple[Note, ...]]:
    """Return the text from the table's first line on: titles and remarks above it have one cell, the table has more.

    Above a blank line they may have two, a label and its value (``Station,Berlin``), where the table is wide.
    """
    lines = text.split("\n", _TITLE_LINES)[:_TITLE_LINES]
    width, _ = _usual_width(_sample(text), delimiter)
    above = lines_above([_cell_count(line, delimiter) for line in lines], width=width)
    blank = any(not line.strip() for line in lines[:above])
    if not 0 < above < len(lines) or width < 2 or not (blank or width >= _WIDE):
        return text, ()
    rest = text.split("\n", above)[above]
    below, share = _usual_width(_sample(rest), delimiter)
    if below != width or share < _TABLE or _width(lines[above], delimiter) != width:
        return text, ()
    return rest, (Note("title_lines", text=lines[0].strip(delimiter + " \t"), rows=above),)


def lines_above(filled: Sequence[int], *, width: int) -> int:
    """Return how many lines stand above a table, if there is one.

    Args:
        filled: How many cells of each of the first lines hold anything.
        width: Of the table.

    Example:
        >>> lines_above([1, 5, 5], width=5), lines_above([2, 0, 2, 0, 5], width=5), lines_above([2, 5, 5], width=5)
        (1, 4, 0)
    """
    titles, pairs = (
        next((place for place, cells in enumerate(filled) if cells > most), len(filled)) for most in (1, 2)
    )
    blanks = [place + 1 for place in range(pairs) if not filled[place]]
    return max([titles, *blanks[-1:]]) if width > _WIDE else titles


def quoted_by_single_marks(text: str, delimiter: str) -> bool:
    """Say whether cells are quoted by single marks, as they are if all names are and there is no double mark."""
    names = text.split("\n", 1)[0].split(delimiter)
    return '"' not in text and len(names) > 1 and all(re.fullmatch(r"\s*'.*'\s*", name) for name in names)


def with_double_quotes(text: str, delimiter: str) -> str:
    r"""Return the text with double marks around cells that are quoted by single ones.

    Example:
        >>> print(with_double_quotes("'name','town'\n'O'Neill','Bath, Avon'", ","))
        "name","town"
        "O'Neill","Bath, Avon"
    """
    inside = rf"[^{re.escape(delimiter)}\n]"
    return re.sub(rf"(?<!{inside})'|'(?!{inside})", '"', text)


def without_blank_lines(text: str, delimiter: str) -> tuple[str, tuple[Note, ...]]:
    r"""Return the text of a table of several columns without its blank lines, except between quotes.

    Example:
        >>> without_blank_lines('a,b\n\n"1\n\n",2\n \n3,4', ",")[0]
        'a,b\n"1\n\n",2\n3,4'
    """
    if not _BLANK_LINE.search(f"\n{text}\n"):
        return text, ()
    lines = text.split("\n")
    marks = accumulate((line.count('"') for line in lines), initial=0) if is_quoted(text, delimiter) else repeat(0)
    held = [
        line for line, before in zip(lines, marks, strict=False) if before % 2 or line.strip(" \t") or delimiter in line
    ]
    return "\n".join(held), (Note("blank_rows", rows=len(lines) - len(held)),) if len(held) < len(lines) else ()


def cells_of(text: str, delimiter: str, source: str, *, above: int = 0) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Return every cell as trimmed text, null where nothing is written; shorter rows are filled with nulls.

    Args:
        text: Lines of one kind of line end.
        delimiter: Between cells.
        source: What errors call the file.
        above: Lines of the file above the first one of the text, by which errors and notes count.

    Raises:
        DataError: if a row has more cells than the first line.
    """
    read = partial(_read_cells, text.encode(), delimiter, quoted=is_quoted(text, delimiter))
    try:
        cells = read(truncate=False)
    except pl.exceptions.PolarsError as error:
        if problem := _long_row(text, delimiter, above):
            raise DataError(f"{source}: {problem}") from error
        try:  # what is too much in the long rows is blank
            cells = read(truncate=True)
        except pl.exceptions.PolarsError as again:
            problem = _open_quote(text, delimiter, above)
            problem = problem or f"it can't be read as cells separated by {delimiter!r} ({again})"
            raise DataError(f"{source}: {problem}") from again
    trimmed = cells.select(pl.all().str.strip_chars())
    cells = pl.DataFrame([without(column, _NOTHING) for column in trimmed])
    return cells, _short_rows(text, cells, delimiter, above)


def is_quoted(text: str, delimiter: str) -> bool:
    """Say whether any cell begins with a quotation mark; elsewhere it is one of inches or seconds (5'11")."""
    return '"' in text and re.search(rf'(?:^|{re.escape(delimiter)})[ \t]*"', text, re.MULTILINE) is not None


def _read_cells(content: bytes, delimiter: str, *, quoted: bool, truncate: bool) -> pl.DataFrame:
    return pl.read_csv(
        io.BytesIO(content),
        separator=delimiter,
        quote_char='"' if quoted else None,
        has_header=False,
        infer_schema=False,
        truncate_ragged_lines=truncate,
    )


def _sample(text: str) -> list[str]:
    return [line for line in text[:_SAMPLE_CHARACTERS].split("\n", SAMPLE)[:SAMPLE] if line.strip()]


def _usual_width(lines: Sequence[str], delimiter: str) -> tuple[int, float]:
    """Return how many cells most lines have, and the share of those lines."""
    counts = Counter(len(row) for row in _rows(lines, delimiter))
    width, times = counts.most_common(1)[0] if counts else (0, 0)
    return width, times / max(counts.total(), 1)


def _width(line: str, delimiter: str) -> int:
    return max((len(row) for row in _rows([line], delimiter)), default=0)


def _cell_count(line: str, delimiter: str) -> int:
    """Return how many cells of a line hold anything."""
    return sum(bool(cell.strip()) for row in _rows([line], delimiter) for cell in row)


def _rows(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:  # a field larger than the module's limit: then no such delimiter makes cells of these lines
        return [[line] for line in lines]


def _long_row(text: str, delimiter: str, above: int) -> str:
    """Say which row has more cells than the first line, with something in them; nothing if none has."""
    width = 0
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    for row in rows:
        width = width or len(row)
        if any(cell.strip() for cell in row[width:]):
            return (
                f"line {above + rows.line_num} has {len(row)} cells, the first line has {width} "
                f"(separated by {delimiter!r}): quote cells that contain the separator, or name another one with "
                "--delimiter"
            )
    return ""


def _open_quote(text: str, delimiter: str, above: int) -> str:
    """Say where a quotation mark opens that nothing closes; nothing if all are closed."""
    try:
        end = 0
        rows = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
        for _ in rows:
            end = rows.line_num
    except csv.Error:
        return (
            f"a quotation mark in line {above + end + 1} opens a cell and isn't closed as it should be: close it "
            "before the next separator, and write one inside of a cell twice"
        )
    return ""


def _short_rows(text: str, cells: pl.DataFrame, delimiter: str, above: int) -> tuple[Note, ...]:
    """Say how many rows have fewer cells than the first line; where cells are quoted, nobody counts."""
    if '"' in text or cells.width < 2 or not cells.to_series(cells.width - 1).null_count():
        return ()
    lines = pl.Series(text.split("\n")).str.count_matches(delimiter, literal=True)
    short = lines < cells.width - 1
    if not short.any():
        return ()
    return (Note("short_rows", text=str(above + int(short.arg_true()[0]) + 1), rows=int(short.sum())),)
