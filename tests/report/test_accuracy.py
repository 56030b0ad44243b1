"""How good predictions of a number are, in words."""

from __future__ import annotations

import dataclasses

import pytest

from thetastar.report import accuracy, figures
from thetastar.report.words import LANGUAGES, say

from . import records
from .records import measured


def test_a_row_a_level_with_what_was_measured() -> None:
    rows = accuracy.interval_rows(records.regression())
    assert [row.asked for row in rows] == ["50\u00a0%", "80\u00a0%", "90\u00a0%", "95\u00a0%"]
    assert rows[2].measured.startswith("89.60\u00a0±")
    assert rows[2].length == "1,104"
    assert accuracy.interval_rows(records.classification()) == ()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_says_whether_the_length_changes(lang: str) -> None:
    record = records.regression()
    check = record.evidence.intervals
    assert check is not None
    assert say("good.intervals.scaled", lang) in accuracy.intervals(record, lang)
    same = measured(record, intervals=dataclasses.replace(check, scaled=False))
    assert say("good.intervals.same", lang) in accuracy.intervals(same, lang)
    assert accuracy.intervals(records.tiny(), lang) == ""


def test_the_ends_are_drawn_beside_the_diagonal() -> None:
    record = records.regression()
    check = record.evidence.intervals
    assert check is not None
    low, high = figures.predicted_figure(record, "en").data[2:]
    assert (low.x, high.x) == (check.low, check.high)
    assert low.y == high.y == check.predicted
    assert len(figures.predicted_figure(measured(record, intervals=None), "en").data) == 2
