"""Any source of rows and columns as one polars table."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from thetastar.data.decode import decode
from thetastar.data.delimited import parse_delimited
from thetastar.data.frames import from_array, from_frame, tidy
from thetastar.errors import DataError

__all__ = ["read", "read_series"]

# A file is told by its first bytes: its name may say anything.
_BINARY: tuple[tuple[bytes, Callable[[io.BytesIO], pl.DataFrame]], ...] = (
    (b"PAR1", pl.read_parquet),
    (b"ARROW1", pl.read_ipc),
    (b"\xff\xff\xff\xff", pl.read_ipc_stream),
)
_UNREADABLE = (
    (b"PK\x03\x04", "a zip archive or a spreadsheet: export the sheet as CSV"),
    (b"\x1f\x8b", "a gzip archive: unpack it first"),
    (b"FEA1", "a Feather file of version 1: write it again with a current pyarrow"),
)


def read(
    source: Any, *, delimiter: str | None = None, header: bool | None = None, encoding: str | None = None
) -> pl.DataFrame:
    """Return a table as polars, with unique names, plain columns, and null for every missing value.

    Args:
        source: path of a CSV-like text, Parquet, or Arrow/Feather file; a dataframe of pandas, polars,
            pyarrow or another library that narwhals knows; or a numpy array of one or two axes (its columns
            are x0, x1, …).
        delimiter: of a text file, instead of finding it out.
        header: whether a text file's first line names its columns, instead of finding it out.
        encoding: of a text file, instead of finding it out.

    Raises:
        DataError: if there is no such file, it isn't a table, or it holds no rows.

    Example:
        >>> import numpy as np
        >>> read(np.array([[1.0, 2.0], [3.0, 4.0]])).columns
        ['x0', 'x1']
    """
    if isinstance(source, (str, os.PathLike)):
        return _read_file(Path(source), delimiter=delimiter, header=header, encoding=encoding)
    if isinstance(source, np.ndarray):
        return from_array(source)
    if isinstance(source, (list, tuple)):
        return from_array(_as_array(source))
    return from_frame(source)


def read_series(values: Any, *, name: str = "y") -> pl.Series:
    """Return one column (array, list, series of any library, or table of one column) as a polars series.

    Raises:
        DataError: if there isn't exactly one column, or a value isn't plain.
    """
    if isinstance(values, pl.Series):
        return tidy(values.to_frame()).to_series().alias(values.name or name)
    if hasattr(values, "to_frame"):  # a pandas-like series
        table = read(values.to_frame() if getattr(values, "name", None) is not None else values.to_frame(name=name))
    elif isinstance(values, (list, tuple, np.ndarray)) or hasattr(values, "columns"):
        table = read(values)
    else:  # an Arrow array, or any other sequence of plain values
        table = from_array(np.asarray(values))
    if table.width != 1:
        raise DataError(f"one column was expected for {name!r}, but there are {table.width}: {table.columns[:5]}")
    series = table.to_series()
    return series.alias(name) if series.name == "x0" else series


def _as_array(rows: list[Any] | tuple[Any, ...]) -> np.ndarray[Any, Any]:
    """Return rows as an array that keeps each cell's own type where they differ."""
    try:
        array = np.asarray(rows)
        return array if array.dtype.kind in "biufc" else np.asarray(rows, dtype=object)
    except ValueError as error:
        raise DataError(f"the rows don't all have the same number of cells ({error})") from error


def _read_file(path: Path, *, delimiter: str | None, header: bool | None, encoding: str | None) -> pl.DataFrame:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror or error}") from error
    for mark, what in _UNREADABLE:
        if data.startswith(mark):
            raise DataError(f"{path} is {what}")
    for mark, reader in _BINARY:
        if data.startswith(mark):
            return _read_binary(path, data, reader)
    text = decode(data, encoding=encoding, source=str(path))
    if "\0" in text:
        raise DataError(f"{path} is neither text nor Parquet nor Arrow: export the table as CSV")
    return tidy(parse_delimited(text, delimiter=delimiter, header=header, source=str(path)))


def _read_binary(path: Path, data: bytes, reader: Callable[[io.BytesIO], pl.DataFrame]) -> pl.DataFrame:
    try:
        table = reader(io.BytesIO(data))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(
            f"{path} begins like a data file but can't be read ({error}): export the table as CSV"
        ) from error
    return tidy(table)
