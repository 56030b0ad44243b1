"""The target: a number to predict (regression) or one of several classes (classification)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import polars as pl

from thetastar.arrays import Flags, Floats, Integers
from thetastar.data.class_codes import whole_number_reason
from thetastar.data.convert import as_labels, as_numbers, is_missing
from thetastar.errors import DataError, UserError

__all__ = ["Target", "decide_target", "readable_targets", "target_values", "usable_targets"]

Label = str | int | float | bool

_TASKS = ("auto", "regression", "classification")
_FEW_CLASSES = 20  # so many may be all different in a small table
_MOST_CLASSES = 1000


@dataclass(frozen=True)
class Target:
    """What is predicted. ``classes`` is sorted, and empty for regression; ``reason`` is a code as in ``Column``."""

    name: str
    task: str  # regression or classification
    classes: tuple[Label, ...]
    reason: str


def decide_target(series: pl.Series, *, task: str = "auto") -> Target:
    """Return whether the target is a number or a class, and which classes there are. Missing values don't count.

    With ``task="auto"``: texts, few times of day (``text``) and booleans are classes (``boolean``); many times of day
    are counted in hours (``hours``). Numbers are numbers (``numeric``), except for two distinct whole numbers
    (``two_values``) and for codes 0, 1, … or 1, 2, … that occur about equally often (``integer_codes``). Other whole
    numbers of which there are few, such as scores and counts, are numbers too, but might be meant as classes
    (``few_integers``).

    Raises:
        UserError: if the task isn't one of auto, regression, classification.
        DataError: if there is no value, only one class, or values that can be neither numbers nor classes.

    Example:
        >>> decide_target(pl.Series("grade", ["b", "a", "b"])).classes
        ('a', 'b')
    """
    if task not in _TASKS:
        raise UserError(f"there is no task {task!r}; the tasks are {', '.join(_TASKS)}")
    present = series.filter(~is_missing(series))
    if len(present) == 0:
        raise DataError(f"target {series.name!r}: none of its {len(series)} rows has a value")
    if present.dtype.is_temporal() and present.dtype != pl.Time:
        raise DataError(
            f"target {series.name!r} holds {present.dtype}: turn it into a number first, e.g. days or seconds"
        )
    if present.dtype.is_float():  # as a class too: JSON, in which classes are saved, has no infinity
        _check_finite(as_numbers(series), series.name)
    found, reason = _decide_task(present) if task == "auto" else (task, "asked")
    if found == "regression":
        _check_numbers(series)
        return Target(series.name, "regression", (), reason)
    return Target(series.name, "classification", _classes(present), reason)


def _decide_task(present: pl.Series) -> tuple[str, str]:
    if present.dtype == pl.Boolean:
        return "classification", "boolean"
    if present.dtype == pl.Time and present.n_unique() > _FEW_CLASSES:
        return "regression", "hours"
    if not present.dtype.is_numeric():
        return "classification", "text"
    reason = whole_number_reason(*np.unique(as_numbers(present), return_counts=True))
    return ("classification" if reason in ("two_values", "integer_codes") else "regression"), reason


def _classes(present: pl.Series) -> tuple[Label, ...]:
    """Return the sorted distinct values as plain Python values."""
    classes = cast("list[Label]", _class_values(present).unique().sort().to_list())
    if len(classes) == 1:
        raise DataError(
            f"target {present.name!r} has only one class, {classes[0]!r}: at least two are needed to tell apart"
        )
    if len(classes) > _MOST_CLASSES or (len(classes) > _FEW_CLASSES and len(classes) > len(present) / 2):
        raise DataError(
            f"target {present.name!r} has {len(classes)} distinct values in {len(present)} rows, "
            f"the first {classes[0]!r}: these are no classes; is it the right column, or should the task be regression?"
        )
    return tuple(classes)


def _class_values(series: pl.Series) -> pl.Series:
    """Return the values in the dtype that classes are compared in: text is text, numbers stay numbers."""
    if series.dtype.is_numeric() or series.dtype == pl.Boolean:
        return series
    return cast("pl.Series", series.cast(pl.String))


def _check_numbers(series: pl.Series) -> None:
    """Refuse a target for regression that holds infinities or words."""
    values = as_numbers(series)
    _check_finite(values, series.name)
    words = np.flatnonzero(np.isnan(values) & ~is_missing(series).to_numpy())
    if words.size:
        raise DataError(
            f"target {series.name!r} can't be read as a number: {words.size} value(s) are none, "
            f"the first is {series[int(words[0])]!r} in row {int(words[0]) + 1}"
        )


def _check_finite(values: Floats, name: str) -> None:
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        raise DataError(
            f"target {name!r} holds {infinite.size} infinite value(s), the first in row {infinite[0] + 1}: replace "
            "them by a number, or leave these rows out"
        )


def target_values(target: Target, series: pl.Series) -> Floats | Integers:
    """Return the target per row: its number as float64, or the position of its class in ``target.classes`` as int64.

    Raises:
        DataError: if a value is missing, infinite, no number, or a class that the target doesn't have; naming
            how many and the first row.

    Example:
        >>> series = pl.Series("grade", ["b", "a", "b"])
        >>> target_values(decide_target(series), series).tolist()
        [1, 0, 1]
    """
    missing = np.flatnonzero(is_missing(series).to_numpy())
    if missing.size:
        raise DataError(
            f"target {target.name!r} is missing in {missing.size} of {len(series)} rows, "
            f"first in row {missing[0] + 1}: leave these rows out, or fill them in"
        )
    if target.task == "regression":
        _check_numbers(series)
        return as_numbers(series)
    return _codes(target, series)


def usable_targets(target: Target, series: pl.Series) -> Flags:
    """Return which rows hold what the target can be: a finite number, or one of its classes.

    Example:
        >>> grades = decide_target(pl.Series("grade", ["b", "a", "b"]))
        >>> usable_targets(grades, pl.Series("grade", ["a", None, "c"])).tolist()
        [True, False, False]
    """
    if target.task == "regression":
        return np.asarray(np.isfinite(as_numbers(series)))
    return np.asarray(_positions(target, series).is_not_null().to_numpy())


def readable_targets(target: Target, series: pl.Series) -> Floats:
    """Return what can be read of the target per row: its number, or its class's position; NaN where there is nothing.

    A class that the target doesn't have is −1: whatever is predicted there, it is wrong.

    Example:
        >>> grade = Target("grade", "classification", ("a", "b"), "text")
        >>> readable_targets(grade, pl.Series(["b", "c", None])).tolist()
        [1.0, -1.0, nan]
    """
    if target.task == "regression":
        values = as_numbers(series)
        return np.where(np.isinf(values), np.nan, values)
    codes = _positions(target, series).fill_null(-1).cast(pl.Float64).to_numpy()
    return np.where(is_missing(series).to_numpy(), np.nan, codes)


def _positions(target: Target, series: pl.Series) -> pl.Series:
    """Return the position of each row's class, null where the target doesn't have it."""
    labels = as_labels(_class_values(series))
    names = as_labels(_class_values(pl.Series(list(target.classes))))
    if names.n_unique() < len(names):  # texts that differ by blanks or by 1 and 1.0 only
        labels, names = series.cast(pl.String), pl.Series([str(label) for label in target.classes])
    return cast("pl.Series", labels.cast(pl.Enum(names), strict=False).to_physical().cast(pl.Int64))


def _codes(target: Target, series: pl.Series) -> Integers:
    codes = _positions(target, series)
    if codes.null_count():
        first = int(codes.is_null().arg_max() or 0)
        raise DataError(
            f"target {target.name!r}: {codes.null_count()} value(s) are none of its classes, "
            f"the first is {series[first]!r} in row {first + 1}; the classes are {list(target.classes)[:10]}"
        )
    return np.asarray(codes.to_numpy(), dtype=np.int64)
