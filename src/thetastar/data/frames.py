"""Dataframes and arrays of any library as one polars table with plain columns."""

from __future__ import annotations

import datetime
import decimal
import numbers
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, cast

import narwhals as nw
import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.data.text.names import array_names, unique_names
from thetastar.errors import DataError

__all__ = ["from_array", "from_frame", "from_values", "tidy"]

# Types of pandas, told by name so that it needn't be installed: its own marks of missing values, and a span of time.
_MISSING_TYPES = ("NAType", "NaTType")
_PERIOD = "Period"


def from_frame(frame: Any) -> pl.DataFrame:
    """Return a dataframe of any library that narwhals knows, or any object with an Arrow stream, as polars.

    Raises:
        DataError: if the object is no table.
    """
    if isinstance(frame, pl.DataFrame):
        return tidy(frame)
    if nw.dependencies.is_pandas_like_dataframe(frame):
        frame = frame.set_axis(_frame_names(frame.columns), axis=1)
        columns = nw.from_native(frame, eager_only=True).iter_columns()
        return tidy(pl.DataFrame([_column(column) for column in columns]))
    try:
        wrapped = nw.from_native(frame)
    except TypeError as error:
        if not hasattr(frame, "__arrow_c_stream__"):
            raise DataError(
                f"a {type(frame).__name__} is no table: give a path, a dataframe or a numpy array"
            ) from error
        return tidy(pl.DataFrame(frame))
    if isinstance(wrapped, nw.LazyFrame):
        wrapped = wrapped.collect()
    return tidy(wrapped.to_polars())


def _frame_names(given: Iterable[object]) -> list[str]:
    """Return unique names; numbers that only count the columns are given to those that have no names."""
    names = list(given)
    return array_names(len(names)) if names == list(range(len(names))) else unique_names(names)


def _column(column: nw.Series[Any]) -> pl.Series:
    """Return one pandas-like column as polars, without going through Arrow, which may not be installed."""
    if column.dtype.is_numeric() or (column.dtype == nw.Datetime and column.dtype.time_zone is None):  # type: ignore[attr-defined]  # narwhals types the class, not its instances
        return pl.Series(column.name, column.to_numpy(), nan_to_null=True)
    missing = column.is_null().to_list()
    values = [None if absent else value for value, absent in zip(column.to_list(), missing, strict=True)]
    series = from_values(values, name=column.name)
    is_category = column.dtype in (nw.Categorical, nw.Enum)
    return series.cast(pl.String).cast(pl.Categorical) if is_category else series


def from_array(array: npt.NDArray[Any]) -> pl.DataFrame:
    """Return a numpy array of rows × columns (or of one column) as a table with the columns x0, x1, ….

    Raises:
        DataError: if the array has no or more than two axes, or holds something that isn't a plain value.
    """
    if array.ndim not in (1, 2):
        raise DataError(f"an array of shape {array.shape} is no table: give one with rows and columns")
    if not array.size:
        raise DataError(f"an array of shape {array.shape} holds nothing: at least one row and one column are needed")
    matrix = array.reshape(len(array), -1)
    names = array_names(matrix.shape[1])
    return tidy(pl.DataFrame([_array_column(matrix[:, i], name) for i, name in enumerate(names)]))


def _array_column(values: npt.NDArray[Any], name: str) -> pl.Series:
    if values.dtype.kind == "c":
        raise DataError(f"column {name!r} holds complex numbers: split them into two columns of real numbers")
    if values.dtype.kind in "biu":
        return pl.Series(name, values)
    if values.dtype.kind == "f":
        wide = values if values.dtype.itemsize in (4, 8) else values.astype(np.float64)
        return pl.Series(name, np.ascontiguousarray(wide), nan_to_null=True)
    if values.dtype.kind == "M":
        return pl.Series(name, values.astype("datetime64[us]"))
    return from_values(values.tolist(), name=name)


def from_values(values: Sequence[Any], *, name: str) -> pl.Series:
    """Return Python values as a series: numbers, booleans, dates or texts where all are, otherwise text of each.

    A period of pandas is the moment at which it begins.

    Raises:
        DataError: naming the first value that isn't plain (a list, a mapping, a complex number, bytes, …).
    """
    plain = [None if _is_absent(value) else _begun(value) for value in values]
    present = [value for value in plain if value is not None]
    for position, value in enumerate(plain):
        if value is not None and not isinstance(value, _PLAIN):
            raise DataError(
                f"column {name!r}, row {position + 1}: {type(value).__name__} can't be used; "
                "a cell must hold a number, a text, a boolean or a date"
            )
    if all(isinstance(value, (bool, np.bool_)) for value in present):
        return pl.Series(name, [None if value is None else bool(value) for value in plain], dtype=pl.Boolean)
    if all(isinstance(value, (numbers.Real, decimal.Decimal)) for value in present):
        return _numbers(plain, name)
    if all(isinstance(value, (datetime.date, np.datetime64)) for value in present):
        return pl.Series(name, [_moment(value) for value in plain], dtype=pl.Datetime("us"))
    if all(isinstance(value, datetime.timedelta) for value in present):
        return pl.Series(name, plain, dtype=pl.Duration("us"))
    return pl.Series(name, [None if value is None else str(value) for value in plain], dtype=pl.String)


_PLAIN = (
    str, numbers.Real, decimal.Decimal, np.bool_, uuid.UUID,
    np.datetime64, datetime.date, datetime.time, datetime.timedelta,
)  # fmt: skip


def _begun(value: Any) -> Any:
    """Return the moment that a month, quarter or other period of pandas begins at; anything else as it is."""
    return value.start_time if type(value).__name__ == _PERIOD else value


def _is_absent(value: object) -> bool:
    return (
        value is None
        or type(value).__name__ in _MISSING_TYPES
        or (isinstance(value, (numbers.Real, decimal.Decimal)) and value != value)
        or (isinstance(value, np.datetime64) and bool(np.isnat(value)))
    )


def _numbers(values: Sequence[Any], name: str) -> pl.Series:
    whole = all(value is None or (isinstance(value, numbers.Integral) and abs(int(value)) < 2**63) for value in values)
    if whole:
        return pl.Series(name, [None if value is None else int(value) for value in values], dtype=pl.Int64)
    return pl.Series(name, [None if value is None else float(value) for value in values], dtype=pl.Float64)


def _moment(value: Any) -> datetime.datetime | None:
    """Return a date or a moment as a moment in UTC without a zone."""
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).replace(tzinfo=None) if value.tzinfo else value
    return None if value is None else datetime.datetime(value.year, value.month, value.day)


def tidy(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table with unique trimmed names, NaN as null, and only dtypes that the encoding understands.

    Raises:
        DataError: if there is no row or column, or a column is nested or binary.
    """
    if table.height == 0 or table.width == 0:
        raise DataError(f"a table of {table.height} rows and {table.width} columns: at least one of each is needed")
    table = table.rename(dict(zip(table.columns, unique_names(table.columns), strict=True)))
    return table.select([_tidy_column(column) for column in table])


def _tidy_column(column: pl.Series) -> pl.Series:
    dtype = column.dtype
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
        raise DataError(
            f"column {column.name!r} holds {dtype}: a cell must hold one number, text, boolean or date; "
            "split it into plain columns or leave it out"
        )
    if dtype.is_float():
        return column.fill_nan(None) if column.is_nan().any() else column
    if dtype.is_decimal():
        return cast("pl.Series", column.cast(pl.Float64))
    return column.cast(pl.String) if dtype == pl.Null else column
