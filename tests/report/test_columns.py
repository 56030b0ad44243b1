"""The table of columns: what is in each, written and drawn."""

from __future__ import annotations

import dataclasses
import re

import pytest

from thetastar.data.windows import lagged_name
from thetastar.fitting.record import Series
from thetastar.report.columns import SPARK_HEIGHT, SPARK_WIDTH, Described, described
from thetastar.report.words import LANGUAGES, say

from . import records


def line(name: str) -> Described:
    return next(one for one in described(records.regression(), "en") if one.name == name)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", records.ALL)
def test_the_target_comes_first_and_then_every_column(name: str, lang: str) -> None:
    record = records.ALL[name]()
    lines = described(record, lang)
    assert [one.name for one in lines] == [record.target.name, *(column.name for column in record.columns)]
    assert [one.target for one in lines] == [True] + [False] * len(record.columns)
    assert [one.used for one in lines[1:]] == [column.used for column in record.columns]


def test_numbers_are_written_as_lowest_middle_and_highest() -> None:
    assert line("carat").values == "0.200 … 0.700 … 5.01"
    assert line("price").values == "326 … 2,401 … 18,823"


def test_categories_are_written_with_their_shares() -> None:
    assert line("certified").values == "true (90.0\u00a0%), false (10.0\u00a0%)"
    assert line("cut").values.count("%") == 3


def test_times_of_day_are_written_as_on_a_clock() -> None:
    assert line("weighed").values == "7:30 … 13:15 … 23:59"


def test_dates_are_written_as_days_and_times() -> None:
    assert line("sold").values == "2011-01-01 … 2012-03-01 … 2013-11-25 12:00"


def test_what_has_no_spread_has_an_example_instead() -> None:
    assert line("stone").values == say("data.for_example", "en", value="GIA-2141438171")
    assert line("stone").bars == ""


def test_missing_values_are_a_share_of_all_rows() -> None:
    assert line("remarks").missing == "89.4\u00a0%"
    assert line("carat").missing == ""


def test_bars_stand_side_by_side_and_the_highest_fills_the_drawing() -> None:
    bars = re.findall(r"M([\d.]+) 18v-([\d.]+)h([\d.]+)v([\d.]+)z", line("carat").bars)
    assert len(bars) == 6
    lefts, heights, widths, _ = (list(map(float, values)) for values in zip(*bars, strict=True))
    assert max(heights) == heights[0] == SPARK_HEIGHT
    assert min(heights) >= 0.8
    assert lefts == pytest.approx([place * SPARK_WIDTH / 6 for place in range(6)])
    assert all(left + width <= SPARK_WIDTH for left, width in zip(lefts, widths, strict=True))


def test_past_values_of_a_column_share_a_line() -> None:
    record = records.regression()
    number, category = record.columns[0], record.columns[1]
    names = [lagged_name(name, step) for name in ("load", "wind") for step in (1, 2, 3)]
    columns = [dataclasses.replace(number, name=name) for name in names]
    columns[4] = dataclasses.replace(category, name=columns[4].name)  # read in another way than its neighbours
    windowed = dataclasses.replace(
        record, columns=tuple(columns), outlines=record.outlines[:1], series=Series(time="hour", group="", lags=3)
    )
    lines = [one.name for one in described(windowed, "en")[1:]]
    assert lines == ["load[t-1 … t-3]", "wind[t-1]", "wind[t-2]", "wind[t-3]"]
    apart = dataclasses.replace(windowed, series=None)
    assert [one.name for one in described(apart, "en")[1:]] == names


def test_an_empty_bar_is_not_drawn() -> None:
    assert line("carat").bars.count("M") == 6
    assert described(records.tiny(), "en")[1].bars == ""
