"""Any source of rows and columns as one polars table."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import polars as pl

from thetastar.data.files import read_file
from thetastar.data.frames import from_array, from_frame, tidy
from thetastar.data.reading import Reading, ReadOptions, together
from thetastar.data.text.known_formats import overruled
from thetastar.data.text.typed import with_typed_texts
from thetastar.errors import DataError

__all__ = ["read", "read_series", "read_table"]


def read(source: Any, *, options: ReadOptions | None = None) -> pl.DataFrame:
    """Return what ``read_table`` does, without how it was read.

    Example:
        >>> import numpy as np
        >>> read(np.array([[1.0, 2.0], [3.0, 4.0]])).columns
        ['x0', 'x1']
    """
    return read_table(source, options=options)[0]


def read_table(
    source: Any, *, options: ReadOptions | None = None, like: Reading | None = None
) -> tuple[pl.DataFrame, Reading]:
    """Return a table as polars, with unique names, plain columns and null for every missing value; and how it was read.

    Texts in a dataframe are read as those in a text file are: a column that holds nothing but numbers (``"12.5"``,
    ``"$1,200"``, ``"12 %"``), dates (``"3/4/2024"``) and words for missing values is one of numbers or dates. It stays
    text where a number has leading zeros (``"01234"`` is a postcode) or where it is declared to be categories
    (``pandas.Categorical``, ``polars.Enum``). Other numbers that only name something, such as ``"94103"``, can't be
    told from amounts: say that they are a category, in a dataframe as in a file.

    Args:
        source: path of a file, as ``read_file`` takes it; a dataframe of pandas, polars, pyarrow or another
            library that narwhals knows; or a numpy array of one or two axes (its columns are x0, x1, …).
        options: what not to find out.
        like: how an earlier table was read: columns of the same names are written in the same way.

    Raises:
        DataError: if there is no such file, it isn't a table, or it holds no rows.

    Example:
        >>> table, reading = read_table(pl.DataFrame({"price": ["$1,200", "$950"], "zip": ["01234", "94103"]}))
        >>> table.rows(), reading.formats[0].unit
        ([(1200, '01234'), (950, '94103')], '$')
    """
    if isinstance(source, (str, os.PathLike)):
        return read_file(source, options=options, like=like)
    before = like or Reading()
    asked = (options or ReadOptions()).over(before.options)
    known = overruled(before.formats, options or ReadOptions())
    table, formats, notes = with_typed_texts(_as_it_is(source), options=asked, known=known)
    return table, Reading(asked, formats, together(notes))


def _as_it_is(source: Any) -> pl.DataFrame:
    """Return a dataframe or an array as polars, with its texts as texts."""
    if isinstance(source, np.ndarray):
        return from_array(source)
    if isinstance(source, (list, tuple)):
        return from_array(_as_array(source))
    return from_frame(source)


def read_series(values: Any, *, name: str = "y") -> pl.Series:
    """Return one column (array, list, series of any library, or table of one column) as polars, its texts unread.

    Raises:
        DataError: if there isn't exactly one column, or a value isn't plain.
    """
    if isinstance(values, pl.Series):
        return tidy(values.to_frame()).to_series().alias(values.name or name)
    if hasattr(values, "to_frame"):  # a pandas-like series
        frame = values.to_frame() if getattr(values, "name", None) is not None else values.to_frame(name=name)
        table = _as_it_is(frame)
    elif isinstance(values, (list, tuple, np.ndarray)) or hasattr(values, "columns"):
        table = _as_it_is(values)
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
