from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thetastar.data import Lags, recent_rows, windows, windows_before
from thetastar.data.windows import moments
from thetastar.errors import DataError, UserError


def hourly(hours: list[int]) -> pl.DataFrame:
    return pl.DataFrame({"hour": hours, "y": [10 * hour for hour in hours], "x": [-hour for hour in hours]})


def days(*texts: str) -> pl.Series:
    return pl.Series("day", texts)


@given(
    hours=st.sets(st.integers(0, 40), min_size=8),
    lags=st.integers(1, 4),
    horizon=st.integers(1, 3),
    seed=st.integers(0, 5),
)
def test_every_window_is_what_a_loop_over_the_hours_finds(hours: set[int], lags: int, horizon: int, seed: int) -> None:
    table = hourly(np.random.default_rng(seed).permutation(sorted(hours)).tolist())
    ordered = sorted(hours)
    gap = 1.5 * np.quantile(np.diff(ordered), 0.95, method="lower")
    expected = {}
    for place in range(lags + horizon - 1, len(ordered)):
        part = ordered[place - lags - horizon + 1 : place + 1]
        if np.diff(part).max() <= gap:
            expected[part[-1]] = part[lags - 1 :: -1]
    if not expected:
        with pytest.raises(DataError, match="no window"):
            windows(table, target="y", time="hour", lags=lags, horizon=horizon)
        return
    found = windows(table, target="y", time="hour", lags=lags, horizon=horizon)
    steps = range(horizon, horizon + lags)
    assert found.table.columns == [f"{column}[t-{step}]" for column in ("y", "x") for step in steps]
    assert dict(zip(found.times, found.table.rows(), strict=True)) == {
        hour: (*(10 * past for past in window), *(-past for past in window)) for hour, window in expected.items()
    }
    assert found.y.to_list() == [10 * hour for hour in expected]
    assert found.known.to_list() == [window[0] for window in expected.values()]
    assert found.left_out == len(hours) - len(expected)
    assert found.stretches == 1 + int((np.diff(ordered) > gap).sum())


def test_no_window_reaches_into_another_group() -> None:
    table = pl.concat([hourly([1, 2, 3]).with_columns(town=pl.lit(town)) for town in ("Ulm", "Bonn")])
    found = windows(table, target="y", time="hour", lags=1, group="town")
    assert found.table["y[t-1]"].to_list() == [10, 20, 10, 20]
    assert "town[t-1]" not in found.table.columns
    assert (found.left_out, found.stretches) == (2, 2)


def test_a_missing_target_is_no_row_but_part_of_later_ones() -> None:
    table = hourly([1, 2, 3, 4]).with_columns(y=pl.Series([10, None, 30, 40]))
    found = windows(table, target="y", time="hour", lags=1)
    assert found.y.to_list() == [30, 40]
    assert found.table["y[t-1]"].to_list() == [None, 30]


@pytest.mark.parametrize("hole", [None, float("nan")])
def test_a_missing_past_target_is_the_nearest_one_known_in_the_window(hole: float | None) -> None:
    table = pl.DataFrame({"hour": range(7), "y": [0.0, hole, hole, 3.0, hole, 5.0, 6.0], "x": [hole, 1, 2, 3, 4, 5, 6]})
    found = windows(table, target="y", time="hour", lags=2)
    assert (found.missing, found.left_out) == (3, 1)
    past = dict(zip(found.times, found.table.select("y[t-1]", "y[t-2]").rows(), strict=True))
    assert past == {3: (None, None), 5: (3.0, 3.0), 6: (5.0, 5.0)}, "what is older than the window isn't looked at"
    assert found.table["x[t-1]"].to_list() == [2, 4, 5]
    new, complete = windows_before(table[3:6], found.lags)
    assert new.select("y[t-1]", "y[t-2]").rows()[1:] == [(3.0, 3.0), (5.0, 5.0)]
    assert complete.tolist() == [False, True, True]


def test_weekends_and_months_of_unequal_length_are_no_gaps_but_a_lost_week_is() -> None:
    monday = datetime.date(2024, 1, 1)
    working = [monday + datetime.timedelta(day) for day in range(84) if day % 7 < 5 and day // 7 != 6]
    table = pl.DataFrame({"day": working, "y": range(len(working))})
    assert windows(table, target="y", time="day", lags=1).stretches == 2
    months = pl.DataFrame(
        {"day": pl.Series([f"{year}-{month:02d}-01" for year in (2023, 2024) for month in range(1, 13)])}
    )
    months = months.with_columns(y=pl.Series(range(24)))
    assert windows(months, target="y", time="day", lags=12).left_out == 12


def test_times_are_read_in_every_way_and_must_be_readable() -> None:
    assert moments(days("1970-01-02", "1970-01-01 12:00")).tolist() == [1.0, 0.5]
    assert moments(pl.Series([datetime.date(1970, 1, 3)])).tolist() == [2.0]
    assert moments(pl.Series([2024, 2025])).tolist() == [2024.0, 2025.0]
    with pytest.raises(DataError, match=r"'day': 1 time\(s\) can't be read.*'soon' in row 2"):
        moments(days("1970-01-02", "soon"))


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"lags": 0}, UserError, "at least 1 row"),
        ({"horizon": 0}, UserError, "at least 1 step"),
        ({"lags": 9}, DataError, "the longest stretch without a gap .* has 5 rows; ask for fewer lags"),
        ({"target": "z"}, DataError, r"lacks the column\(s\) \['z'\]"),
        ({"lags": 3000}, UserError, "6000 inputs, at most 5000"),
    ],
)
def test_what_cannot_be_cut_is_refused(changes: dict[str, object], error: type[Exception], words: str) -> None:
    asked = {"target": "y", "time": "hour", "lags": 2} | changes
    with pytest.raises(error, match=words):
        windows(hourly([1, 2, 3, 4, 5]), **asked)  # type: ignore[arg-type]  # the point of some of them


def test_a_time_that_comes_twice_is_told_with_its_rows_and_what_to_do() -> None:
    table = hourly([1, 2, 2, 3])
    with pytest.raises(DataError, match=r"'hour' has times that come more than once: 2 in rows 2 and 3; remove"):
        windows(table, target="y", time="hour", lags=1)
    days = table.with_columns(hour=pl.datetime(2023, 1, pl.col("hour"), 5))
    with pytest.raises(DataError, match=r"more than once: 2023-01-02 05:00:00 in rows 2 and 3; remove"):
        windows(days, target="y", time="hour", lags=1)


def test_a_column_that_tells_series_apart_is_named() -> None:
    table = hourly([1, 2, 3, 4, 1, 2, 3, 4]).with_columns(
        site=pl.Series(["a"] * 4 + ["b"] * 4), half=pl.Series([0, 1] * 4), row=pl.Series(range(8))
    )
    with pytest.raises(DataError, match=r"1 in rows 1 and 5, and 3 more; 'site' tells them apart: name it as the"):
        windows(table, target="y", time="hour", lags=1)
    repeated = pl.concat([table, table.head(1)])
    with pytest.raises(DataError, match=r"1 in rows 1 and 5, and 4 more; remove"):
        windows(repeated, target="y", time="hour", lags=1)
    with pytest.raises(DataError, match=r"in a group of 'site': 1 in rows 1 and 9; remove"):
        windows(repeated, target="y", time="hour", lags=1, group="site")


def test_new_rows_get_the_windows_that_training_would_have_given_them() -> None:
    table = hourly([5, 1, 2, 3, 4, 9, 10])
    cut = windows(table, target="y", time="hour", lags=2, horizon=1)
    assert cut.lags.gap == 1.5
    found, complete = windows_before(table, cut.lags)
    by_hour = dict(zip(table["hour"], found.rows(), strict=True))
    assert by_hour[3] == (30, 20, -3, -2)
    assert dict(zip(table["hour"], complete.tolist(), strict=True)) == {
        1: False, 2: True, 3: True, 4: True, 5: True, 9: False, 10: True
    }  # fmt: skip
    for hour, window in zip(cut.times, cut.table.rows(), strict=True):
        assert by_hour[int(hour) - 1] == window


def test_recent_rows_are_the_last_of_every_group() -> None:
    table = pl.concat([hourly([3, 1, 2]).with_columns(town=pl.lit(town)) for town in ("Ulm", "Bonn")])
    lags = Lags("y", "hour", "town", 2, 1, ("y", "x"), 1.5)
    assert recent_rows(table, lags).rows() == [
        ("Bonn", 2, 20, -2),
        ("Bonn", 3, 30, -3),
        ("Ulm", 2, 20, -2),
        ("Ulm", 3, 30, -3),
    ]
