from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from thetastar.data import Column, Kind, decide_columns, fit_encoding, read
from thetastar.data.encoding import CyclePart
from thetastar.errors import DataError, UserError

DAYS = [datetime.date(2020, 1, 1) + datetime.timedelta(days=i) for i in range(30)]


def decided(values: Any, name: str = "a") -> Column:
    """Read and decide one column beside another one, so that it isn't kept for being the only one."""
    other = pl.Series("other", np.linspace(0, 1.5, len(values)))
    return decide_columns(read(pl.DataFrame([pl.Series(name, values, strict=False), other])))[0]


@pytest.mark.parametrize(
    ("values", "kind", "used", "reason"),
    [
        ([0.5 * i for i in range(30)], "number", True, "numeric"),
        (list(range(1950, 1980)), "number", True, "numeric"),  # sorted years are a measurement
        ([3 * i % 31 for i in range(31)], "number", True, "numeric"),
        ([1, 2, 3] * 10, "number", True, "integer_codes"),
        ([0, 1] * 10, "boolean", True, "zero_one"),
        ([0.0, 1.0, None] * 10, "boolean", True, "zero_one"),
        ([5, 9] * 10, "number", True, "integer_codes"),
        ([True, False, None], "boolean", True, "boolean"),
        (["Yes", "no", None, "no"], "boolean", True, "boolean_words"),
        (["是", "否", "否"], "boolean", True, "boolean_words"),
        (["m", "f", "f"], "category", True, "few_distinct"),
        ([f"t{i % 25}" for i in range(100)], "category", True, "many_distinct"),
        (list(range(30)), "identifier", False, "row_number"),
        (list(range(1, 31)), "identifier", False, "row_number"),
        ([f"name {i}" for i in range(30)], "identifier", False, "all_distinct_text"),
        ([f"K-{i:03d}" for i in range(30)], "identifier", False, "distinct_code"),
        ([f"{i:02d} main st" if i % 3 else f"A{i}" for i in range(30)], "identifier", False, "all_distinct_text"),
        ([f"北京市海淀区{i}号" for i in range(30)], "identifier", False, "all_distinct_text"),
        ([f"住户{i}" for i in range(30)], "identifier", False, "distinct_code"),
        ([f"name {i}" for i in range(30)] + ["name 1"], "text", False, "mostly_distinct_text"),
        ([f"a long sentence about the matter, number {i}" for i in range(30)], "text", False, "long_text"),
        ([f"a long sentence about the matter, number {i % 25}" for i in range(99)], "text", False, "long_text"),
        ([7, 7, 7], "constant", False, "one_value"),
        ([None, None], "constant", False, "empty"),
        (["", " ", None], "constant", False, "empty"),
        ([7, None, 7], "boolean", True, "one_value_or_missing"),
        (["x", None], "boolean", True, "one_value_or_missing"),
        (DAYS, "date", True, "dates"),
        ([f"{day:%Y/%m/%d}" for day in DAYS], "date", True, "dates"),
        ([f"{day} 12:30" for day in DAYS], "date", True, "dates"),
        ([datetime.time(i % 24, i) for i in range(30)], "time", True, "times"),
        ([f"{i % 24}:{i:02d}" for i in range(30)], "time", True, "times"),
        ([f"{i + 7}:30:00" for i in range(30)], "number", True, "numeric"),  # of seconds
        ([f"{i} kg" for i in (3, 2, 5, 7)] * 9, "number", True, "integer_codes"),
        ([datetime.timedelta(seconds=i * i) for i in range(9)], "number", True, "durations"),
        (["1.5", " 2", "3", "3"], "number", True, "numeric"),
        (["001", "002", "002"], "category", True, "few_distinct"),
        ([str(i / 7) for i in range(60)] + ["NR"] * 3, "number", True, "numeric"),  # the words count as missing
        (["1", "2", "3", "4+"] * 9, "category", True, "few_distinct"),
    ],
)
def test_kinds_and_their_reasons(values: Any, kind: str, used: bool, reason: str) -> None:
    column = decided(values)
    assert (column.kind.value, column.used, column.reason) == (kind, used, reason)


def test_categoricals_stay_categories_whatever_their_labels() -> None:
    table = pl.DataFrame({"a": pl.Series(["1", "2", "3"], dtype=pl.Categorical), "b": [1.0, 2.5, 2.5]})
    assert decide_columns(table)[0].reason == "categorical_dtype"


def test_all_distinct_whole_numbers_under_an_identifiers_name() -> None:
    values = [3 * i % 31 for i in range(31)]
    for name in ("id", "customer_id", "customerId", "编号"):
        assert decided(values, name).reason == "named_identifier"
    assert decided([1, 1, 2] * 9, "id").kind is Kind.number  # repeated: it may group rows
    assert decided(values, "paid").kind is Kind.number


def test_the_only_column_is_used_even_if_it_counts_the_rows() -> None:
    (column,) = decide_columns(pl.DataFrame({"x": list(range(50))}))
    assert (column.kind, column.used, column.reason) == (Kind.number, True, "only_column")


def test_counts_and_example() -> None:
    column = decided([None, 2.5, float("nan"), 2.5, 1.0])
    assert (column.missing, column.distinct, column.example, column.overruled) == (2, 2, "2.5", False)


def test_left_out_columns_are_not_listed() -> None:
    table = pl.DataFrame({"a": [1.0, 2.5], "b": [1.0, 2.5]})
    assert [column.name for column in decide_columns(table, leave_out=["a"])] == ["b"]


def test_a_person_overrules() -> None:
    table = pl.DataFrame({"a": [1, 2, 3, 3], "b": ["x", "y", "z", "w"], "c": ["1", "x", "2", "2"], "d": [1.5, 2, 3, 4]})
    wished = {"a": "category", "b": Kind.category, "c": "number", "d": "identifier"}
    columns = decide_columns(table, overrules=wished)
    assert [(column.kind.value, column.used) for column in columns] == [
        ("category", True), ("category", True), ("number", True), ("identifier", False),
    ]  # fmt: skip
    assert all(column.overruled and column.reason == "overruled" for column in columns)


def test_hours_as_numbers_may_be_times_of_day() -> None:
    table = pl.DataFrame({"hour": [0, 6, 23, 12], "start": [datetime.time(hour) for hour in (0, 6, 23, 12)]})
    hour, start = decide_columns(table, overrules={"hour": "time", "start": "time"})
    assert hour.kind is start.kind is Kind.time
    (part, other) = fit_encoding(table, (hour, start)).parts
    assert isinstance(part, CyclePart)
    assert isinstance(other, CyclePart)
    assert (part.of, part.knots) == ("hour", other.knots)
    with pytest.raises(DataError, match="'start' can't be read as date: 4 value"):
        decide_columns(table, overrules={"start": "date"})


@pytest.mark.parametrize(
    ("overrules", "error", "message"),
    [
        ({"b": "number"}, UserError, r"given for \['b'\], but the columns are \['a'\]"),
        ({"a": "numeric"}, UserError, "there is no kind 'numeric'; the kinds are number, category"),
        ({"a": "number"}, DataError, "the first is 'x' in row 1"),
        ({"a": "date"}, DataError, "can't be read as date"),
        ({"a": "boolean"}, DataError, "has 3 distinct values"),
    ],
)
def test_impossible_wishes_are_refused(overrules: dict[str, str], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        decide_columns(pl.DataFrame({"a": ["x", "y", "z"]}), overrules=overrules)


def test_the_shared_files(shared_data: Path) -> None:
    covid = decide_columns(read(shared_data / "covid.train.csv"), leave_out=["tested_positive_3"])
    counts = {kind: sum(column.kind is kind for column in covid) for kind in Kind}
    assert (counts[Kind.boolean], counts[Kind.number], counts[Kind.identifier]) == (40, 53, 1)
    adult = decide_columns(read(shared_data / "adult.data"))
    assert {column.kind.value for column in adult} == {"number", "category"}
    assert {column.name: column.missing for column in adult if column.missing} == {"x1": 1836, "x6": 1843, "x13": 583}
    pm25 = decide_columns(read(shared_data / "pm25.train.csv"))
    assert [column.kind.value for column in pm25] == ["date", "constant", "category"] + ["number"] * 24
    pokemon = decide_columns(read(shared_data / "pokemon10.csv"))
    assert [column.kind.value for column in pokemon] == ["number", "number"]
