"""What is given to an estimator, checked by scikit-learn's rules, as the table that a fit takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, validate_data

from thetastar.arrays import Floats, Integers
from thetastar.data import Reading, check_weights, read, read_series, read_table
from thetastar.data.text.names import nameless
from thetastar.errors import DataError, DataTypeError, ThetastarError

__all__ = ["ARRAY", "DTYPES", "Examples", "is_table", "named", "take_examples", "told_as_data_error"]

ARRAY = "array"  # an example's source where the columns have no names of their own
DTYPES = [np.float64, np.float32]


@dataclass(frozen=True)
class Examples:
    """What was given to ``fit``, checked; rows of weight 0 are gone."""

    table: pl.DataFrame
    y: npt.NDArray[Any]
    name: str
    weights: Floats
    weighed: bool
    given: tuple[str, ...]  # besides X and y
    groups: pl.Series | None
    times: pl.Series | None
    numbers: Integers  # of the rows as they were given, counted from 1
    source: str
    reading: Reading  # of the texts in a table


def take_examples(
    estimator: Any, X: Any, y: Any, sample_weight: Any, *, groups: Any, times: Any, numeric: bool
) -> Examples:
    """Check what was given to ``fit``, and take note of the columns on the estimator."""
    name, reading = getattr(y, "name", None), Reading()
    with told_as_data_error():
        if is_table(X):
            table, reading = read_table(X)
            y = validate_data(estimator, y=y, y_numeric=numeric)
            validate_data(estimator, named(X, table), y, skip_check_array=True)
            check_consistent_length(table, y)
        else:
            X, y = validate_data(
                estimator, X, y, dtype=DTYPES, y_numeric=numeric, ensure_all_finite="allow-nan", ensure_min_samples=2
            )
            table = read(X)
        if not numeric:
            _check_classes(y)
        given = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    beside = {"sample_weight": sample_weight, "groups": groups, "times": times}
    weights = check_weights(given, table.height)
    kept = np.flatnonzero(weights > 0)
    return Examples(
        table=table[kept],
        y=y[kept],
        name=name if isinstance(name, str) and name else "y",
        weights=weights[kept],
        weighed=given is not None,
        given=tuple(name for name, value in beside.items() if value is not None),
        groups=_beside(groups, "groups", rows=table.height, kept=kept),
        times=_as_written(_beside(times, "times", rows=table.height, kept=kept)),
        numbers=kept + 1,
        source=type(X).__module__.split(".")[0] if nw.dependencies.is_into_dataframe(X) else ARRAY,
        reading=reading,
    )


@contextmanager
def told_as_data_error() -> Iterator[None]:
    """Raise what scikit-learn's checks refuse as a DataError: it is a ValueError too, and the message stays."""
    try:
        yield
    except ThetastarError:
        raise
    except TypeError as error:
        raise DataTypeError(str(error)) from error
    except ValueError as error:
        raise DataError(str(error)) from error


def _beside(values: Any, name: str, *, rows: int, kept: Integers) -> pl.Series | None:
    """Return what is given beside X for the rows that are kept."""
    if values is None:
        return None
    series = read_series(values, name=name)
    if len(series) != rows:
        raise DataError(f"{name} has {len(series)} values, X has {rows} rows: give one per row")
    return series[kept]


def _as_written(times: pl.Series | None) -> pl.Series | None:
    """Return times with texts read as those of a table are."""
    return None if times is None else read(times.to_frame()).to_series()


def _check_classes(y: npt.NDArray[Any]) -> None:
    """Refuse what can't be classes, by scikit-learn's rules; these trip over None, so missing values come first."""
    missing = np.flatnonzero(read_series(y).is_null().to_numpy())
    if missing.size:
        raise DataError(
            f"y has no class in {missing.size} of {len(y)} rows, first in row {missing[0] + 1}: leave these rows out"
        )
    check_classification_targets(y)


def is_table(X: Any) -> bool:
    """Tell tables, whose columns have kinds of their own, from arrays of numbers."""
    if isinstance(X, np.ndarray):
        return X.ndim == 2 and (X.dtype.kind == "U" or (X.dtype == object and any(isinstance(x, str) for x in X.flat)))
    return bool(nw.dependencies.is_into_dataframe(X))


def named(X: Any, table: pl.DataFrame) -> Any:
    """Return what scikit-learn should take the names from: columns of an array, or that pandas numbered, have none."""
    numbered = nw.dependencies.is_pandas_like_dataframe(X) and nameless(table.columns)
    return X if isinstance(X, np.ndarray) or numbered else table
