"""How a column is spread: ends that occur, shares that add up, and nothing where that would say nothing."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from thetastar.data import Kind, Outline, outline


def test_numbers_have_their_lowest_middle_and_highest_value() -> None:
    found = outline(pl.Series("x", [3.0, None, 1.0, float("nan"), 10.0]), Kind.number)
    assert found.ends == (1.0, 3.0, 10.0)
    assert found.levels == ()


def test_dates_count_in_days() -> None:
    found = outline(pl.Series("on", [datetime.date(1970, 1, 3), datetime.date(1970, 1, 1)]), Kind.date)
    assert found.ends == (0.0, 1.0, 2.0)


def test_times_of_day_count_in_hours() -> None:
    times = pl.Series("at", [datetime.time(18, 30), datetime.time(6), None, datetime.time(7)])
    assert outline(times, Kind.time).ends == (6.0, 7.0, 18.5)
    assert outline(times.cast(pl.String), Kind.time).ends == (6.0, 7.0, 18.5)


def test_one_value_far_out_does_not_squeeze_the_others_into_one_bar() -> None:
    values = np.append(np.random.default_rng(0).uniform(0, 1, 5_000), 1e9)
    found = outline(pl.Series("x", values), Kind.number)
    assert found.ends[2] == 1e9
    assert max(found.shares) < 2 / len(found.shares)


def test_few_whole_numbers_have_a_bar_each() -> None:
    found = outline(pl.Series("rooms", [1, 2, 2, 4]), Kind.number)
    assert found.shares == (0.25, 0.5, 0.0, 0.25)


def test_evenly_spread_whole_numbers_look_even() -> None:
    shares = outline(pl.Series("age", list(range(100)) * 10), Kind.number).shares
    assert max(shares) == pytest.approx(min(shares[:-1]), rel=0.3)  # the last bar may have room for fewer


def test_a_column_that_is_mostly_zero_shows_what_else_there_is() -> None:
    found = outline(pl.Series("gain", [0.0] * 999 + [5.5]), Kind.number)
    assert found.ends == (0.0, 0.0, 5.5)
    assert found.shares[0] == 0.999
    assert found.shares[-1] == 0.001


def test_one_value_is_one_bar() -> None:
    assert outline(pl.Series("x", [2.5, 2.5]), Kind.number).shares == (1.0,)


def test_categories_come_by_frequency_then_by_name() -> None:
    found = outline(pl.Series("cut", ["c", "b", "a", "b", None, " "]), Kind.category)
    assert found.levels == ("b", "a", "c")
    assert found.shares == (0.5, 0.25, 0.25)


@pytest.mark.parametrize("kind", [Kind.text, Kind.identifier, Kind.constant])
def test_what_has_no_spread_has_no_outline(kind: Kind) -> None:
    assert outline(pl.Series("x", ["a", "b"]), kind) == Outline("x")


@pytest.mark.parametrize("kind", [Kind.number, Kind.date, Kind.category])
def test_a_column_without_a_value_is_empty(kind: Kind) -> None:
    found = outline(pl.Series("x", [None, None], dtype=pl.String), kind)
    assert (found.ends, found.levels, found.shares) == ((), (), ())


def test_of_a_large_table_the_ends_are_still_those_of_all_rows() -> None:
    values = np.random.default_rng(0).normal(size=250_000)
    values[[101, 70_001]] = -99.0, 77.0  # not among the rows that are counted
    found = outline(pl.Series("x", values), Kind.number)
    assert (found.ends[0], found.ends[2]) == (-99.0, 77.0)
    assert found.ends[1] == pytest.approx(np.median(values), abs=0.02)


@example([0.0, 1.1091375127601317e17])  # whole, but with no halves beside them
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=60))
def test_shares_add_up_to_one_whatever_the_numbers(values: list[float]) -> None:
    found = outline(pl.Series("x", values, dtype=pl.Float64), Kind.number)
    known = [value for value in values if np.isfinite(value)]
    assert bool(found.ends) == bool(known)
    if known:
        assert sum(found.shares) == pytest.approx(1, abs=0.01)
        assert found.ends[0] <= found.ends[1] <= found.ends[2]
        assert np.isfinite(found.ends).all()
