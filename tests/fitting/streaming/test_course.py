"""The share of the way: by rows where the time will do, otherwise by time too."""

from __future__ import annotations

import time

import numpy as np
import polars as pl
import pytest

from thetastar.data import decide_columns
from thetastar.descent import Deadline
from thetastar.fitting.marks import marks_of
from thetastar.fitting.streaming.course import Course


def test_with_time_enough_it_is_the_share_of_the_rows() -> None:
    course = Course(1_000, Deadline.after(100.0))
    assert course.share == 0.0
    course.seen = 100
    course.settle()
    assert course.share == 0.1
    course.seen = 1_000
    assert course.share == 1.0


def test_without_an_end_it_is_the_share_of_the_rows() -> None:
    course = Course(1_000, Deadline.never())
    course.seen = 1
    course.settle()
    assert course.share == 0.001


def test_with_too_little_time_it_is_that_of_the_time() -> None:
    course = Course(1_000_000, Deadline.after(1.0))
    time.sleep(0.2)
    course.seen = 10
    course.settle()
    assert course.share == pytest.approx(0.2, abs=0.15)
    time.sleep(0.9)
    assert course.share == 1.0


def test_what_came_by_is_known_again() -> None:
    course = Course(10, Deadline.never())
    for begin in (0, 2):
        table = pl.DataFrame({"x": [begin + place / 1 for place in range(3)]})
        course.passed(3, marks_of(table, decide_columns(table, overrules={"x": "number"}), np.zeros(3)))
    assert course.seen == 6
    assert course.marks is not None
    assert course.marks.inputs.distinct == 5
