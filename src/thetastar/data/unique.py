"""Identical rows: as one row with a weight, or as rows with the same number."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.arrays import Floats
from thetastar.errors import DataError

__all__ = ["check_weights", "content_numbers", "merge_identical_rows"]

_ODD = np.uint64(0x9E3779B97F4A7C15)  # 2⁶⁴ by the golden ratio (Knuth, The Art of Computer Programming, section 6.4)


def merge_identical_rows(
    table: pl.DataFrame, y: npt.NDArray[Any], weights: npt.NDArray[Any] | None
) -> tuple[pl.DataFrame, npt.NDArray[Any], Floats]:
    """Return the distinct rows of table and y, sorted by content, each with the sum of its weights.

    Rows of weight 0 are left out. So a fit on the result depends neither on the order of the rows nor on
    whether a row was repeated or given a weight. Two missing values are equal, as are 0.0 and −0.0.

    Args:
        table: the columns, as ``read`` returns them.
        y: the target per row.
        weights: one per row; None means 1 each.

    Raises:
        DataError: if lengths differ, a weight is negative or not finite, or all are 0.

    Example:
        >>> table, y, weights = merge_identical_rows(pl.DataFrame({"x": [2, 1, 2]}), np.array([5.0, 4.0, 5.0]), None)
        >>> table["x"].to_list(), y.tolist(), weights.tolist()
        ([1, 2], [4.0, 5.0], [1.0, 2.0])
    """
    if len(y) != table.height:
        raise DataError(f"the target has {len(y)} values, the table has {table.height} rows")
    weight = check_weights(weights, table.height)
    names = [f"{index}" for index in range(table.width)]
    keyed = pl.DataFrame([_comparable(series).alias(name) for series, name in zip(table, names, strict=True)])
    keyed = keyed.with_columns(
        _comparable(pl.Series("y", y)), pl.Series("weight", weight), pl.Series("row", np.arange(len(y)))
    )
    keys = [*names, "y"]
    # Sorted by weight too: summing in another order would round differently.
    ordered = keyed.filter(pl.col("weight") > 0).sort([*keys, "weight"], nulls_last=True)
    merged = ordered.group_by(keys, maintain_order=True).agg(pl.col("weight").sum(), pl.col("row").first())
    first = merged["row"].to_numpy()
    values = np.asarray(y)[first]
    return table[first], values, np.asarray(merged["weight"].to_numpy(), dtype=np.float64)


def content_numbers(table: pl.DataFrame) -> npt.NDArray[np.uint64]:
    """Return a number for each row that depends on its content only: identical rows have the same.

    Sorting a very large table in order to merge them takes several times its memory; this takes eight bytes a row.

    Args:
        table: the columns, as ``read`` returns them.

    Example:
        >>> first, second, third = content_numbers(pl.DataFrame({"x": [2.0, 1.0, 2.0]}))
        >>> bool(first == third), bool(first == second)
        (True, False)
    """
    numbers = np.zeros(table.height, dtype=np.uint64)
    for place, series in enumerate(table):  # one by one, as a copy of each may be needed
        numbers *= _ODD
        numbers += _comparable(series).hash(seed=place).to_numpy()
    return numbers


def check_weights(weights: npt.NDArray[Any] | None, rows: int) -> Floats:
    """Return weights as float64; 1 each where none are given, as one number that is read again for every row.

    Raises:
        DataError: if there isn't one weight a row, one is negative or not finite, or all are 0.
    """
    if weights is None:
        return np.broadcast_to(np.float64(1), rows)
    weight = np.asarray(weights, dtype=np.float64)
    if weight.shape != (rows,):
        raise DataError(f"weights have shape {weight.shape}, one for each of {rows} rows is needed")
    wrong = np.flatnonzero(~np.isfinite(weight) | (weight < 0))
    if wrong.size:
        raise DataError(f"weight {weight[wrong[0]]} in row {wrong[0] + 1}: weights must be finite and not negative")
    if not weight.any():
        raise DataError(f"all {rows} weights are zero: at least one row must count")
    return weight


def _comparable(series: pl.Series) -> pl.Series:
    """Return values for which equal content means equal keys, and whose order doesn't depend on other rows."""
    if series.dtype.is_float():
        return series.fill_nan(None).set(series == 0.0, 0.0)
    if isinstance(series.dtype, (pl.Categorical, pl.Enum)):  # these sort by order of appearance
        return cast("pl.Series", series.cast(pl.String))
    return series
