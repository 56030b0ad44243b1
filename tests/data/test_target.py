from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from thetastar.data import Target, decide_target, readable_targets, target_values
from thetastar.errors import DataError, UserError

DIGITS = [i % 10 for i in range(200)]
COUNTS = [0] * 60 + [1] * 30 + [2] * 12 + [3] * 1


@pytest.mark.parametrize(
    ("values", "task", "reason", "classes"),
    [
        ([1.5, 2.5, 1.0], "regression", "numeric", ()),
        ([3, 1, 2] * 9, "classification", "integer_codes", (1, 2, 3)),
        (COUNTS, "regression", "few_integers", ()),
        ([2.5, 2.5], "regression", "numeric", ()),
        (["b", "a", None], "classification", "text", ("a", "b")),
        ([True, False], "classification", "boolean", (False, True)),
        ([datetime.time(10), datetime.time(14, 30)], "classification", "text", ("10:00:00", "14:30:00")),
        ([datetime.time(3, minute) for minute in range(30)], "regression", "hours", ()),
        ([0, 1, 0], "classification", "two_values", (0, 1)),
        ([2.0, 4.0], "classification", "two_values", (2.0, 4.0)),
        ([0.5, 1.0, 0.5], "regression", "numeric", ()),
        (DIGITS, "classification", "integer_codes", tuple(range(10))),
    ],
)
def test_the_task_is_found_out(values: Any, task: str, reason: str, classes: tuple[object, ...]) -> None:
    assert decide_target(pl.Series("y", values)) == Target("y", task, classes, reason)


def test_times_of_day_are_counted_in_hours() -> None:
    times = pl.Series("y", [datetime.time(3, 30), datetime.time(18)])
    assert target_values(decide_target(times, task="regression"), times).tolist() == [3.5, 18.0]
    assert target_values(decide_target(times), times).tolist() == [0, 1]


def test_the_task_can_be_asked_for() -> None:
    assert decide_target(pl.Series("y", [0, 1, 0]), task="regression") == Target("y", "regression", (), "asked")
    assert decide_target(pl.Series("y", [3, 1, 3]), task="classification").classes == (1, 3)


def test_values() -> None:
    numbers = pl.Series("y", [3, 1, 2])
    values = target_values(decide_target(numbers, task="regression"), numbers)
    assert values.dtype == np.float64
    assert values.tolist() == [3.0, 1.0, 2.0]
    codes = target_values(decide_target(numbers, task="classification"), numbers)
    assert codes.dtype == np.int64
    assert codes.tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    ("fitted", "later"),
    [
        ([1, 2, 3], [3.0, 1.0]),
        ([1.0, 2.0, 3.0], ["3", "1"]),
        ([True, False], [True, False]),
        (["c", "b", "a"], ["c", "a"]),
    ],
)
def test_classes_are_found_again_in_another_dtype(fitted: Any, later: Any) -> None:
    target = decide_target(pl.Series("y", fitted), task="classification")
    last = len(target.classes) - 1
    assert target_values(target, pl.Series("y", later)).tolist() == [last, 0]


@pytest.mark.parametrize(
    ("values", "task", "message"),
    [
        ([None, None], "auto", "none of its 2 rows has a value"),
        (["a", "a"], "auto", "only one class, 'a'"),
        ([f"n{i}" for i in range(30)], "auto", "30 distinct values in 30 rows"),
        ([i / 7 for i in range(30)], "classification", "no classes"),
        (["a", "b"], "regression", "the first is 'a' in row 1"),
        ([1.0, np.inf], "regression", "1 infinite value"),
        ([datetime.date(2020, 1, 1)] * 2, "auto", "turn it into a number first"),
    ],
)
def test_what_cannot_be_a_target(values: Any, task: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        decide_target(pl.Series("y", values), task=task)


def test_unknown_tasks() -> None:
    with pytest.raises(UserError, match="there is no task 'ranking'"):
        decide_target(pl.Series("y", [1.0]), task="ranking")


def test_missing_and_unknown_values_are_named_by_row() -> None:
    target = decide_target(pl.Series("y", ["a", "b"]))
    with pytest.raises(DataError, match="missing in 2 of 4 rows, first in row 2"):
        target_values(target, pl.Series("y", ["a", None, "", "b"]))
    with pytest.raises(DataError, match="the first is 'c' in row 3"):
        target_values(target, pl.Series("y", ["a", "b", "c"]))


def test_what_can_be_read_of_a_target_is_told_from_what_can_not() -> None:
    price = Target("price", "regression", (), "asked")
    seen = readable_targets(price, pl.Series(["1.5", "wide", None, "inf"]))
    assert seen.tolist() == pytest.approx([1.5, np.nan, np.nan, np.nan], nan_ok=True)
    code = Target("code", "classification", (1, 2), "two_values")
    seen = readable_targets(code, pl.Series(["2", "1.0", "3", " "]))
    assert seen.tolist() == pytest.approx([1.0, 0.0, -1.0, np.nan], nan_ok=True)
