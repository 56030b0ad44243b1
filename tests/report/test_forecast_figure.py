"""The lines of the forecast are the record's numbers, over dates or over plain numbers."""

from __future__ import annotations

import dataclasses

import pytest

from thetastar.fitting.record import Forecast
from thetastar.report import figures
from thetastar.report.page import render
from thetastar.report.words import LANGUAGES, say

from . import records
from .plotly_figures import checked

HOURS = Forecast("hour", False, (1.0, 2.0, 3.0), (5.0, 6.0, 7.0), (5.5, 5.5, 6.5), several=False)
DAYS = dataclasses.replace(HOURS, dates=True, several=True)


def test_both_lines_lie_over_the_time() -> None:
    figure = checked(figures.forecast_figure(dataclasses.replace(records.regression(), forecast=HOURS), "en"))
    true, predicted = figure.data
    assert (true.name, predicted.name) == ("true", "predicted")
    assert (true.x, true.y, predicted.y) == ((1.0, 2.0, 3.0), (5.0, 6.0, 7.0), (5.5, 5.5, 6.5))


def test_dates_are_dates() -> None:
    figure = checked(figures.forecast_figure(dataclasses.replace(records.regression(), forecast=DAYS), "en"))
    assert figure.layout.xaxis.type == "date"
    assert figure.data[0].x[0] == "1970-01-02T00:00:00"


def test_lines_are_broken_at_gaps() -> None:
    hours = (*range(8), *range(20, 28))
    numbers = tuple(map(float, hours))
    gap = dataclasses.replace(HOURS, time=numbers, truth=numbers, prediction=numbers)
    figure = checked(figures.forecast_figure(dataclasses.replace(records.regression(), forecast=gap), "en"))
    for line in figure.data:
        assert line.y[7:10] == (7.0, None, 20.0)
        assert line.x[8] is None


def test_without_times_nothing_is_drawn() -> None:
    assert checked(figures.forecast_figure(records.regression(), "en")) is None
    one = dataclasses.replace(HOURS, time=(1.0,), truth=(1.0,), prediction=(1.0,))
    assert checked(figures.forecast_figure(dataclasses.replace(records.regression(), forecast=one), "en")) is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_shows_it_and_says_what_was_averaged(lang: str) -> None:
    page = render(dataclasses.replace(records.regression(), forecast=DAYS), lang=lang)
    assert 'id="figure-forecast"' in page
    assert say("good.forecast.several", lang, time="hour") in page
    assert 'id="figure-forecast"' not in render(records.regression(), lang=lang)
