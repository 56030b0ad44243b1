"""The axis beside categories names 0 and one round number a side, whatever the values."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thetastar.report.figures.levels import level_axis, short, value_axis


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([-0.55, 0.82], [0.0, 0.8]),
        ([-0.33, 0.06], [-0.3, 0.0]),
        ([-2058.0, 1974.0], [-2000.0, 0.0, 2000.0]),
        ([1e-5, 0.0], [0.0, 1e-5]),
        ([0.0], [0.0]),
        ([None, math.nan], [0.0]),
    ],
)
def test_round_numbers(values: list[float | None], ticks: list[float]) -> None:
    assert value_axis(values)["tickvals"] == pytest.approx(ticks)


@given(st.lists(st.floats(-1e200, 1e200, allow_subnormal=False), min_size=1))
def test_there_is_always_a_number_besides_zero_and_never_more_than_two(values: list[float]) -> None:
    ticks = value_axis(values)["tickvals"]
    assert 0.0 in ticks
    assert len(ticks) <= 3
    assert len(ticks) >= 2 or not any(values)


def test_categories_stand_from_the_top_down() -> None:
    axis = level_axis(["first", "second"])
    assert axis["range"][0] > axis["range"][1]
    assert short("a long name of a category") == "a long name…"
