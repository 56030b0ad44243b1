from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.files import codes, column, write
from thetastar.data import read_file, read_table
from thetastar.data.text.clock_text import parse_durations, parse_times


@given(st.times())
def test_times_as_machines_write_them(moment: datetime.time) -> None:
    texts = pl.Series([moment.isoformat(), moment.replace(microsecond=0).strftime("%I:%M:%S %p")])
    read = parse_times(texts).to_list()
    assert read == [moment, moment.replace(microsecond=0)]


@given(st.timedeltas(datetime.timedelta(0), datetime.timedelta(9999)))
def test_lengths_of_time_as_machines_write_them(span: datetime.timedelta) -> None:
    seconds = pl.Series([span]).dt.total_microseconds()[0] / 1e6
    frame = pl.DataFrame({"python": [str(span)], "iso": [span]}).with_columns(pl.col("iso").dt.to_string("iso"))
    for texts in frame:
        assert parse_durations(texts)[0] == pytest.approx(seconds, abs=1e-5), texts[0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["10:30", "7:05"], [(10, 30), (7, 5)]),
        (["10:30:15", "23:59:59"], [(10, 30, 15), (23, 59, 59)]),
        (["10 am", "3 p.m.", "12 PM"], [(10, 0), (15, 0), (12, 0)]),
        (["12:15 am", "12:15 pm"], [(0, 15), (12, 15)]),
        (["24:00", "0:30"], [(0, 0), (0, 30)]),
    ],
)
def test_times_of_day_as_people_write_them(tmp_path: Path, values: list[str], expected: list[tuple[int, ...]]) -> None:
    read, reading = column(tmp_path, values)
    assert read == [datetime.time(*one) for one in expected]
    assert codes(reading) == {}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["10:30", "36:15"], [37800.0, 130500.0]),
        (["0:59:59", "100:00:00"], [3599.0, 360000.0]),
        (["1 h 30 min", "45 min", "2 hours"], [5400.0, 2700.0, 7200.0]),
        (["2d 4h", "3h"], [187200.0, 10800.0]),
        (["PT1H30M", "PT45S"], [5400.0, 45.0]),
        (["1 day 00:00:01", "2 days 12:00:00"], [86401.0, 216000.0]),
        (["1小时30分", "45分钟"], [5400.0, 2700.0]),
        (["-1:30", "36:00"], [-5400.0, 129600.0]),
    ],
)
def test_lengths_of_time_are_read_in_seconds(tmp_path: Path, values: list[str], expected: list[float]) -> None:
    read, reading = column(tmp_path, values)
    assert read == expected
    assert codes(reading) == {"durations": ""}


def test_the_name_tells_lengths_of_time_from_times_of_day() -> None:
    table, _ = read_table(pl.DataFrame({"duration": ["1:30", "2:15"], "start": ["1:30", "2:15"]}))
    assert table["duration"].to_list() == [5400.0, 8100.0]
    assert table["start"].dtype == pl.Time


@pytest.mark.parametrize("values", [["10:30", "ten"], ["10:60", "9:00"], ["1:2:3", "4:5:6"], ["10:30-11:30", "9:00"]])
def test_what_is_neither_stays_text(tmp_path: Path, values: list[str]) -> None:
    assert column(tmp_path, values)[0] == values


def test_new_files_are_read_alike(tmp_path: Path) -> None:
    def again(new: list[str], *, like: Any) -> list[Any]:
        text = "a,b\n" + "".join(f"{value},x\n" for value in new)
        return read_file(write(tmp_path, text), like=like)[0]["a"].to_list()

    _, clock = read_file(write(tmp_path, "a,b\n10:30,x\n7:05,y\n"))
    assert again(["9:00", "?"], like=clock) == [datetime.time(9), None]
    assert again(["9:00", "36:15"], like=clock) == ["09:00:00", "36:15"]  # told as one that can't be read
    _, spans = read_file(write(tmp_path, "a,b\n10:30,x\n37:05,y\n"))
    assert again(["9:00", "1:00"], like=spans) == [32400.0, 3600.0]
    assert again(["9:00", "soon"], like=spans) == ["32400.0", "soon"]


def test_nine_in_ten_are_enough(tmp_path: Path) -> None:
    read, reading = column(tmp_path, [*(f"{place % 24}:{place:02d}" for place in range(50)), "closed"])
    assert read[-1] is None
    assert codes(reading) == {"words_as_missing": ("closed",)}
