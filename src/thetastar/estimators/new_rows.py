"""New rows as the function reads them, and what it says of them in the rows' own places."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.utils.validation import validate_data

from thetastar.arrays import Flags
from thetastar.data import read, read_series, read_table
from thetastar.data.text.names import close_names, nameless
from thetastar.errors import DataError
from thetastar.estimators.examples import DTYPES, is_table, named, told_as_data_error
from thetastar.fitting import FoundFunction, History
from thetastar.fitting.new_rows.predictions import aligned, inputs_of
from thetastar.fitting.new_rows.shared_rows import met_again, met_frame
from thetastar.fitting.new_rows.unfamiliar import absent_columns

__all__ = ["in_places", "rows_to_predict", "seen_before", "series_columns"]


def rows_to_predict(estimator: Any, X: Any) -> tuple[pl.DataFrame, Flags]:
    """Return what the function reads, and which of X's rows that is for: of a series, those with a whole window.

    Columns are called, and texts read, as they were in ``fit``. An estimator that was fitted takes the columns of
    ``fit`` and no others, in their order, by scikit-learn's rules; one that was loaded finds those it reads by name, or
    by their places where they have no names.

    Raises:
        DataError: if a column is absent or can't be used, or one too many by scikit-learn's rules.
    """
    function = estimator.function_
    with told_as_data_error():
        if not is_table(X):
            return _of_array(estimator, X)
        table, _ = read_table(X, like=estimator.record_.reading if estimator.record_ else None)
        if function.history is not None:
            return inputs_of(function, table)
        if estimator.loaded_ and not isinstance(X, np.ndarray):
            names = [column.name for column in function.columns]
            if not nameless(table.columns) or table.width != len(names) or table.columns == names:
                return _all_ready(_by_name(function, table))
        validate_data(estimator, named(X, table), reset=False, skip_check_array=True)
    return _all_ready(_called(function, table))


def _of_array(estimator: Any, X: Any) -> tuple[pl.DataFrame, Flags]:
    """Return an array of numbers as a table."""
    if (history := estimator.function_.history) is not None:
        raise DataError(
            f"the function goes on with a series: give a table with the columns {series_columns(history)}, "
            f"not a {type(X).__name__}"
        )
    X = validate_data(estimator, X, reset=False, dtype=DTYPES, ensure_all_finite=False)  # an infinity counts as missing
    return _all_ready(_called(estimator.function_, read(X)))


def _called(function: FoundFunction, table: pl.DataFrame) -> pl.DataFrame:
    """Return a table whose columns are called as they were in ``fit``."""
    names = [column.name for column in function.columns]
    return table.rename(dict(zip(table.columns, names, strict=True)))


def _all_ready(table: pl.DataFrame) -> tuple[pl.DataFrame, Flags]:
    return table, np.ones(table.height, dtype=np.bool_)


def series_columns(history: History) -> list[str]:
    """Return the columns that a function of windows needs of every row."""
    lags = history.lags
    return [name for name in (lags.group, lags.time, *lags.columns) if name]


def _by_name(function: FoundFunction, table: pl.DataFrame) -> pl.DataFrame:
    """Return the columns that the function reads, wherever they stand.

    Raises:
        DataError: if one isn't there.
    """
    if absent := absent_columns(function, table):
        close = close_names(absent, table.columns)
        raise DataError(f"X lacks the column(s) {list(absent)} that the function reads; {close}")
    return table.select(column.name for column in function.columns if column.used)


def in_places(values: npt.NDArray[Any], ready: Flags) -> npt.NDArray[Any]:
    """Return values in the places of the rows that they are for; NaN, or None among classes, for the others.

    Example:
        >>> in_places(np.array([1.5]), np.array([False, True]))
        array([nan, 1.5])
    """
    if ready.all():
        return values
    numbers = values.dtype.kind == "f"
    placed = np.full(
        (len(ready), *values.shape[1:]), np.nan if numbers else None, dtype=values.dtype if numbers else object
    )
    placed[ready] = values
    return placed


def seen_before(estimator: Any, X: Any, y: Any) -> pl.DataFrame:
    """Return whether each of X's rows was in the table of ``fit``: by its inputs, and with its target if y is given.

    Raises:
        DataError: as ``rows_to_predict``, or if y hasn't one value a row.
    """
    rows, ready = rows_to_predict(estimator, X)
    series = None if y is None else read_series(y)
    if series is not None and len(series) != len(ready):
        raise DataError(f"y has {len(series)} values, X has {len(ready)} rows: give one per row")
    met = met_again(estimator.function_, rows, None if series is None else series.filter(pl.Series(ready)))
    if met is None:  # of a function that was put together by hand
        return pl.DataFrame({name: pl.Series([None] * len(ready), dtype=pl.Boolean) for name in ("inputs", "row")})
    return aligned(met_frame(met), ready)
