"""Rows far outside of those that a function was found in are known, and no interval is claimed for them."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest

from thetastar.fitting import FoundFunction, Question, Recipe, fit
from thetastar.fitting.new_rows.predictions import predictions_table
from thetastar.fitting.new_rows.unfamiliar import joined, look_at
from thetastar.fitting.reach import far_rows
from thetastar.report.unfamiliar import told

ROWS = 200
DAY = datetime.date(2020, 1, 1)


def table(size: list[float | None], days: list[int | None], town: list[str]) -> pl.DataFrame:
    sold = [None if day is None else DAY + datetime.timedelta(day) for day in days]
    return pl.DataFrame({"size": pl.Series(size, dtype=pl.Float64), "sold": sold, "town": town})


@pytest.fixture(scope="module")
def function() -> FoundFunction:
    random = np.random.default_rng(0)
    size = [0.0, 1.0, *random.uniform(0, 1, ROWS - 2).tolist()]
    seen = table(size, [0, 100, *random.integers(0, 100, ROWS - 2).tolist()], ["Ulm", "Bonn"] * (ROWS // 2))
    price = pl.Series("price", 3 * np.array(size) + random.normal(0, 0.1, ROWS))
    return fit(Question(seen, price), recipe=Recipe(rungs=("linear",)), budget=20).function


NEW = table(
    [0.5, 1.09, 1.11, -0.09, -0.11, None, 0.5, 0.5, 0.5, 50.0],
    [50, 50, 50, 50, 50, 50, 109, 111, None, 500],
    ["Ulm"] * 9 + ["Rome"],
)
FAR = [False, False, True, False, True, False, False, True, False, True]


def test_a_row_is_far_if_any_number_or_date_is_by_more_than_a_tenth_of_the_range(function: FoundFunction) -> None:
    assert far_rows(function.encodings, NEW).tolist() == FAR
    assert far_rows(function.encodings, NEW.clear()).tolist() == []


def test_far_rows_are_predicted_without_an_interval(function: FoundFunction) -> None:
    ends = function.predict_interval(NEW, level=0.8)
    assert np.isnan(ends).tolist() == [[far, far] for far in FAR]
    assert np.isfinite(function.outputs(NEW)).all()
    written = predictions_table(function, function.outputs(NEW), ends=ends)
    assert written["price_low"].is_null().to_list() == written["price_high"].is_null().to_list() == FAR
    assert written["price"].null_count() == 0


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_how_many_rows_have_none_is_said_where_intervals_were_asked_for(function: FoundFunction, lang: str) -> None:
    seen = look_at(function, NEW)
    parts = joined(function, [look_at(function, NEW.head(4)), look_at(function, NEW.tail(6))])
    assert seen.far == parts.far == sum(FAR)
    assert told(parts, lang, intervals=True) == told(seen, lang, intervals=True)
    assert len(told(seen, lang, intervals=True)) == len(told(seen, lang)) + 1
    assert str(sum(FAR)) in told(seen, lang, intervals=True)[-1]
    near = look_at(function, NEW.head(2))
    assert told(near, lang, intervals=True) == told(near, lang) == ()
