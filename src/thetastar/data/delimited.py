"""Tables in text files: which character separates, whether there is a header, which columns are numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import cast

import polars as pl

from thetastar.data.convert import MISSING_AMONG_NUMBERS, MISSING_WORDS
from thetastar.data.names import array_names, unique_names
from thetastar.errors import DataError

__all__ = ["parse_delimited"]

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 1000  # lines that the delimiter and the header are judged by
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_CODE = r"^[+-]?0\d+$"  # leading zeros mean a postcode or a product number, which 1 instead of 01 would destroy


def parse_delimited(
    text: str, *, delimiter: str | None = None, header: bool | None = None, source: str = "the file"
) -> pl.DataFrame:
    """Return the table in a text: cells trimmed, missing values null, columns of numbers as Int64 or Float64.

    The delimiter is the one of comma, semicolon, tab and bar that gives most lines as many cells as the
    first. The first line is data instead of a header if its cells look like the ones below (see
    ``has_header``).

    Raises:
        DataError: if there is no row, or a row has more cells than the first line.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if not text.strip():
        raise DataError(f"{source} is empty: a table needs a header and at least one row")
    delimiter = delimiter or _find_delimiter(text)
    cells = _cells(text, delimiter, source)
    sample = cells.head(_SAMPLE)
    with_header = has_header(sample) if header is None else header
    names = unique_names(cells.row(0)) if with_header else array_names(cells.width)
    cells = cells[1:] if with_header else cells
    if cells.height == 0:
        raise DataError(f"{source} has a header ({', '.join(names[:5])}, …) but no rows below it")
    return pl.DataFrame([_typed(column.alias(name)) for column, name in zip(cells, names, strict=True)])


def _find_delimiter(text: str) -> str:
    lines = [line for line in text[: 1 << 20].split("\n", _SAMPLE)[:_SAMPLE] if line.strip()]

    def fit(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        return (sum(count == counts[0] for count in counts) / len(counts) if counts[0] > 1 else 0.0), counts[0]

    return max(_DELIMITERS, key=fit)


def _cells(text: str, delimiter: str, source: str) -> pl.DataFrame:
    """Return every cell as trimmed text, null where nothing is written."""
    several = delimiter in text.partition("\n")[0]
    if several and '"' not in text:  # a blank line is no row, except between quotes, or where it may be a missing value
        text = "\n".join(line for line in text.split("\n") if line.strip(" \t") or delimiter in line)
    try:
        cells = pl.read_csv(io.BytesIO(text.encode()), separator=delimiter, has_header=False, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise DataError(f"{source}: {_long_row(text, delimiter) or error}") from error
    trimmed = cells.select(pl.all().str.strip_chars())
    return trimmed.select(pl.when(pl.all() == "").then(None).otherwise(pl.all()).name.keep())


def _long_row(text: str, delimiter: str) -> str:
    """Say which row has more cells than the first line, or nothing if none has."""
    width = 0
    for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), start=1):
        width = width or len(row)
        if len(row) > width:
            return (
                f"line {number} has {len(row)} cells, the first line has {width} (separated by {delimiter!r}): "
                "quote cells that contain the separator, or name every column in the header"
            )
    return ""


def has_header(cells: pl.DataFrame) -> bool:
    """Say whether the first row names the columns.

    It does if a cell that isn't a number stands above nothing but numbers. Otherwise the cells vote: one that
    appears again below it in its column, or that is a number with a decimal point, is data; a text that
    doesn't appear again is a name. Without any vote (whole numbers only) they are names if they count up by
    one, like hours 0, 1, 2, ….
    """
    first, below = cells.row(0), cells[1:]
    names = data = 0
    for cell, column in zip(first, below, strict=True):
        if cell is None or cell in MISSING_WORDS:
            continue
        if _is_number(cell):
            data += not cell.lstrip("+-").isdigit()
            continue
        if _all_numbers(column):
            return True
        again = bool((column == cell).any())
        names, data = names + (not again), data + again
    if names or data:
        return names >= data
    return below.height > 0 and _counts_up(first)


def _is_number(cell: str) -> bool:
    return bool(pl.Series([cell]).str.contains(_NUMBER)[0])


def _all_numbers(column: pl.Series) -> bool:
    values = column.filter(~column.is_in(MISSING_AMONG_NUMBERS)).drop_nulls()
    return len(values) > 0 and bool(values.str.contains(_NUMBER).all())


def _counts_up(cells: Sequence[str | None]) -> bool:
    present = [int(cell) for cell in cells if cell is not None and cell.lstrip("+-").isdigit()]
    return len(present) == len(cells) > 1 and present == list(range(present[0], present[0] + len(present)))


def _typed(column: pl.Series) -> pl.Series:
    """Return a column of texts as Int64 or Float64 if all that isn't missing are numbers, otherwise as String."""
    values = column.set(column.is_in(MISSING_AMONG_NUMBERS), None)
    present = values.drop_nulls()
    if len(present) and not present.str.contains(_CODE).any():
        for dtype in (pl.Int64, pl.Float64):
            numbers = present.cast(dtype, strict=False)
            if numbers.null_count() == 0:
                return cast("pl.Series", values.cast(dtype))
    return column.set(column.is_in(MISSING_WORDS), None)
