"""The values of one column as numbers, as days, or as labels: the only places where a dtype matters.

A column can arrive with another dtype when predicting than when fitting (a CSV's column of words may happen
to hold only numbers in a small file), so these functions accept every dtype that ``read`` lets through.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from thetastar.arrays import Floats, Integers
from thetastar.data.column import Kind
from thetastar.data.text.clock_text import parse_times
from thetastar.data.text.date_text import parse_dates
from thetastar.errors import DataError

__all__ = ["as_days", "as_hours", "as_labels", "as_measured", "as_numbers", "check_no_infinity", "is_missing"]


_SMALLEST = 1e-300  # below this, a difference of two values may not be one that can be divided by
_HOUR = 3600e9  # nanoseconds
_LARGEST = 1e300  # beyond this, a difference of two values may overflow; nobody measures there


def is_missing(series: pl.Series) -> pl.Series:
    """Return a boolean series that is true where there is no value: null, NaN, or an empty or blank text."""
    if series.dtype.is_float():
        return series.is_null() | series.is_nan().fill_null(True)
    if series.dtype == pl.String:
        return series.is_null() | (series.str.strip_chars() == "").fill_null(True)
    return series.is_null()


def as_numbers(series: pl.Series) -> Floats:
    """Return the values as float64, NaN where there is none or where a text isn't a number.

    A duration counts in seconds, a time of day in hours since midnight, a date in days since 1970-01-01.
    Finite values beyond ±1e300 become ±1e300 and those within ±1e-300 become 0, so that differences stay finite and can
    be divided by; infinities pass. The result may share its memory with the series, and is not to be written to.
    """
    dtype = series.dtype
    if dtype == pl.Duration:
        return _floats(series.dt.total_microseconds()) / 1e6
    if dtype == pl.Time:
        return as_hours(series)
    if dtype in (pl.Date, pl.Datetime):
        return as_days(series)
    if isinstance(dtype, (pl.Categorical, pl.Enum)):
        series = series.cast(pl.String)
    if series.dtype == pl.String:
        series = series.str.strip_chars().cast(pl.Float64, strict=False)
    values = _floats(series)
    if series.dtype == pl.Float32 or series.dtype.is_integer() or series.dtype == pl.Boolean:
        return values  # none of which comes near either bound
    size = np.abs(values)
    if ((size < _SMALLEST) & (size > 0)).any():  # there are hardly ever any, and the column need not be copied
        values = np.where(size < _SMALLEST, 0.0, values)
    if (size > _LARGEST).any():
        values = np.where(np.isinf(values), values, np.clip(values, -_LARGEST, _LARGEST))
    return values


def as_days(series: pl.Series) -> Floats:
    """Return dates as days since 1970-01-01 00:00 UTC (a time of day is a fraction), NaN where there is none.

    Texts are read as year, month, day in this order, separated by ``-``, ``/``, ``.`` or 年月日, with or without
    a time and a zone after them; without a zone, UTC is meant. Numbers are taken as days already. A time of day
    names no day.
    """
    if series.dtype == pl.Time:
        return np.full(len(series), np.nan)
    if series.dtype == pl.Date:
        return _floats(series.cast(pl.Int32))
    if series.dtype == pl.Datetime:
        return _floats(series.cast(pl.Datetime("us")).cast(pl.Int64)) / 86_400e6
    if isinstance(series.dtype, (pl.Categorical, pl.Enum)):
        series = series.cast(pl.String)
    if series.dtype == pl.String:
        return as_days(parse_dates(series, "ymd"))
    return as_numbers(series)


def as_hours(series: pl.Series) -> Floats:
    """Return times of day as hours since midnight, NaN where there is none. Numbers are taken as hours already.

    Of a date that is its time of day. Texts are read as ``clock_text.parse_times`` does.
    """
    if isinstance(series.dtype, (pl.Categorical, pl.Enum)):
        series = series.cast(pl.String)
    if series.dtype == pl.String:
        series = parse_times(series.str.strip_chars())
    if series.dtype in (pl.Date, pl.Datetime):
        series = series.cast(pl.Datetime("us")).dt.time()
    if series.dtype == pl.Time:
        return _floats(series.cast(pl.Int64)) / _HOUR
    return as_numbers(series)


def as_measured(series: pl.Series, kind: Kind) -> Floats:
    """Return a column of an ordered kind as numbers, days since 1970-01-01 or hours, NaN where there is none."""
    return _MEASURES[kind](series)


def as_labels(series: pl.Series) -> pl.Series:
    """Return the values as text that is the same whatever dtype they came in: 1, 1.0 and "1.0" are all "1".

    Missing values, and texts of nothing but blanks, are null.
    """
    if series.dtype.is_float():
        series = series.fill_nan(None).set(series == 0.0, 0.0)  # −0.0 becomes 0.0
    if series.dtype == pl.Duration:
        series = series.dt.total_microseconds()
    labels = series.cast(pl.String).str.strip_chars()
    if series.dtype.is_float() or series.dtype == pl.String:
        labels = labels.str.replace(r"^([+-]?\d+)\.0+$", "$1")
    blank = labels == ""
    result: pl.Series = labels.set(blank, None)
    return result


_MEASURES = {Kind.number: as_numbers, Kind.date: as_days, Kind.time: as_hours}


def check_no_infinity(values: Floats, column: str, rows: Integers | None = None) -> None:
    """Refuse infinities; ``rows`` gives the table's row number (from 0) of each value, if not its position.

    Raises:
        DataError: naming the column, how many values are infinite, and the first of their rows (counted from
            1).
    """
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        first = infinite[0] if rows is None else rows[infinite[0]]
        raise DataError(
            f"column {column!r} holds {infinite.size} infinite value(s), the first in row {int(first) + 1}: "
            "replace them by a number, or leave them empty so that they count as missing"
        )


def _floats(series: pl.Series) -> Floats:
    """Return a numeric or boolean series as float64 with NaN for null."""
    return np.asarray(series.cast(pl.Float64).to_numpy(), dtype=np.float64)
