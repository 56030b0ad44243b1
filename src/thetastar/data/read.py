"""Any source of rows and columns as one polars table."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import polars as pl

from thetastar.data.files import read_file
from thetastar.data.frames import from_array, from_frame, tidy
from thetastar.data.reading import ReadOptions
from thetastar.errors import DataError

__all__ = ["read", "read_series"]


def read(source: Any, *, options: ReadOptions | None = None) -> pl.DataFrame:
    """Return a table as polars, with unique names, plain columns, and null for every missing value.

    Args:
        source: path of a file, as ``read_file`` takes it; a dataframe of pandas, polars, pyarrow or another
            library that narwhals knows; or a numpy array of one or two axes (its columns are x0, x1, …).
        options: what not to find out from a file.

    Raises:
        DataError: if there is no such file, it isn't a table, or it holds no rows.

    Example:
        >>> import numpy as np
        >>> read(np.array([[1.0, 2.0], [3.0, 4.0]])).columns
        ['x0', 'x1']
    """
    if isinstance(source, (str, os.PathLike)):
        return read_file(source, options=options)[0]
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
