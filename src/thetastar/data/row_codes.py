"""What the splits need to know of each row: its class, its group, or when it was, as whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from thetastar.arrays import Integers
from thetastar.data.convert import as_days, as_labels, as_numbers
from thetastar.data.read import read_series
from thetastar.errors import DataError, UserError

__all__ = ["class_codes", "dealt", "group_codes", "time_ranks"]


def class_codes(y: Any, rows: int) -> Integers:
    """Return the class of each row.

    Raises:
        UserError: if y isn't given for every row, or holds numbers with decimals.
        DataError: if a class is missing.
    """
    series = _given(y, rows, "stratified folds need y, the class of each row")
    if series.dtype.is_float() and not bool((series == series.round()).all()):
        raise UserError("stratified folds need classes, but y holds numbers with decimals: use a random split")
    return _codes(series)


def group_codes(groups: Any, rows: int) -> Integers:
    """Return the group of each row.

    Raises:
        UserError: if groups aren't given for every row.
        DataError: if a group is missing.
    """
    return _codes(_given(groups, rows, "a group split needs groups, a label for each row"))


def _codes(series: pl.Series) -> Integers:
    labels = as_labels(series)
    if labels.null_count():
        first = int(labels.is_null().arg_max() or 0)
        raise DataError(f"{series.name!r} is missing in {labels.null_count()} row(s), first in row {first + 1}")
    return np.asarray(np.unique(labels.to_numpy(), return_inverse=True)[1], dtype=np.int64)


def time_ranks(times: Any, rows: int) -> Integers:
    """Return the rank of each row's time among the distinct times; the rows' own order if there are no times.

    Raises:
        UserError: if times are given, but not for every row.
        DataError: if a time is missing, or is neither a number nor a date.
    """
    if times is None:
        return np.arange(rows)
    series = _given(times, rows, "a time for each row is needed")
    values = as_numbers(series)
    values = as_days(series) if np.isnan(values).all() else values
    unread = np.flatnonzero(~np.isfinite(values))
    if unread.size:
        raise DataError(
            f"{series.name!r}: {unread.size} time(s) can't be read as a number or an ISO date, "
            f"the first is {series[int(unread[0])]!r} in row {unread[0] + 1}"
        )
    return np.asarray(np.unique(values, return_inverse=True)[1], dtype=np.int64)


def _given(values: Any, rows: int, need: str) -> pl.Series:
    if values is None:
        raise UserError(need)
    series = read_series(values)
    if len(series) != rows:
        raise UserError(f"{need}; {len(series)} were given for {rows} rows")
    return series


def dealt(codes: Integers, seed: int) -> tuple[Integers, Integers]:
    """Return the rows of classes with several rows, class after class in random order each, and the other rows."""
    counts = np.bincount(codes)[codes]
    shuffled = np.random.default_rng(seed).permutation(len(codes))
    order = shuffled[np.argsort(codes[shuffled], kind="stable")]
    return order[counts[order] > 1], order[counts[order] == 1]
