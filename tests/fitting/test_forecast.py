"""The last fold along its time: only its rows, in order, averaged where they share a moment."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

from thetastar.data import Target
from thetastar.fitting.forecast import forecast_of
from thetastar.fitting.held_out import HeldOutRows
from thetastar.fitting.splitter import Splitter

ROWS = np.array([2, 3, 5, 4, 6])
JUDGED = HeldOutRows(
    target=Target("y", "regression", (), "numeric"),
    truth=np.array([0.0, 0.0, 5.0, 4.0, 6.0]),
    weights=np.array([1.0, 1.0, 1.0, 1.0, 3.0]),
    predicted=np.array([[0.0], [0.0], [50.0], [40.0], [60.0]]),
    fold=np.array([0, 0, 1, 1, 1]),
    rows=ROWS,
)


def along(times: pl.Series | None) -> Splitter:
    return Splitter("time", 2, np.zeros(7), None, times, 0)


def test_the_last_fold_in_order_of_time() -> None:
    found = forecast_of(JUDGED, along(pl.Series("hour", np.arange(7.0) * 10)))
    assert found is not None
    assert (found.column, found.dates, found.several) == ("hour", False, False)
    assert (found.time, found.truth, found.prediction) == ((40, 50, 60), (4, 5, 6), (40, 50, 60))


def test_rows_of_one_moment_are_averaged_by_weight() -> None:
    found = forecast_of(JUDGED, along(pl.Series("day", ["2024-01-01"] * 5 + ["2024-01-02"] * 2)))
    assert found is not None
    assert (found.dates, found.several) == (True, True)
    assert found.time[1] - found.time[0] == 1.0
    assert found.truth == pytest.approx((4.0, (5 + 3 * 6) / 4))


def test_nothing_without_times_or_for_classes() -> None:
    assert forecast_of(JUDGED, along(None)) is None
    classes = dataclasses.replace(JUDGED, target=Target("y", "classification", ("a", "b"), "text"))
    assert forecast_of(classes, along(pl.Series(np.arange(7.0)))) is None
