"""Dates on axes are numbers in every language, as fine as the axis is; times of day are those of a clock."""

from __future__ import annotations

import dataclasses

import pytest

from thetastar.fitting.evidence import Band, Interaction, ResidualCurve
from thetastar.report import figures
from thetastar.report.figures.dates import DATE_AXIS, DAY, HOUR

from . import records
from .plotly_figures import checked


def test_every_step_has_a_format_and_none_has_two() -> None:
    steps = DATE_AXIS["tickformatstops"]
    ends = [one["dtickrange"] for one in steps]
    assert ends == [[None, DAY - 1], [DAY, "M1"], ["M1", "M11"], ["M12", None]]
    assert not any(word in one["value"] for one in steps for word in ("%b", "%B", "%a", "%A"))


def test_days_of_one_month_are_told_apart() -> None:
    record = records.regression()
    sold = next(one for one in record.evidence.effects if one.column == "sold")
    first = sold.places[0]
    few = dataclasses.replace(sold, places=tuple(first + place / 10 for place in range(len(sold.places))))
    evidence = dataclasses.replace(record.evidence, effects=(few,))
    axis = checked(figures.effect_figure(dataclasses.replace(record, evidence=evidence), "sold", "en")).layout.xaxis
    assert axis.type == "date"
    assert axis.tickformat is None
    assert axis.tickformatstops[0].value.startswith("%H:%M")


def test_the_effect_of_a_time_of_day_lies_along_a_clock() -> None:
    effect = next(one for one in records.regression().evidence.effects if one.column == "weighed")
    figure = checked(figures.effect_figure(records.regression(), "weighed", "en"))
    assert (figure.layout.xaxis.type, figure.layout.xaxis.tickformat) == ("date", "%H:%M")
    assert (figure.data[2].x[0], figure.data[2].x[-1]) == ("1970-01-01T07:30:00", "1970-01-01T23:30:00")
    strip = figure.data[-1]
    hours = (effect.places[-1] - effect.places[0]) / len(effect.shares)
    assert strip.width == pytest.approx(hours * HOUR)


def test_residuals_along_a_time_of_day_lie_along_a_clock() -> None:
    record = records.regression()
    hours, level = (6.25, 12.0, 18.5), (0.0, 1.0, 0.0)
    curve = ResidualCurve("weighed", "time", hours, (), Band(level, level, level, beyond=False), hours, level)
    record = dataclasses.replace(record, evidence=dataclasses.replace(record.evidence, residuals=(curve,)))
    figure = checked(figures.residual_figure(record, "weighed"))
    assert figure.layout.xaxis.tickformat == "%H:%M"
    assert (
        figure.data[0].x == figure.data[-1].x == ("1970-01-01T06:15:00", "1970-01-01T12:00:00", "1970-01-01T18:30:00")
    )
    assert figure.data[-1].hovertemplate.startswith("%{x}:")


def test_an_interaction_with_a_time_of_day_lies_along_a_clock() -> None:
    record = records.regression()
    found = record.evidence.interaction
    assert isinstance(found, Interaction)
    places = (tuple(6.0 + hour for hour in range(len(found.places[0]))), found.places[1])
    clock = dataclasses.replace(found, kinds=("time", found.kinds[1]), places=places)
    record = dataclasses.replace(record, evidence=dataclasses.replace(record.evidence, interaction=clock))
    figure = checked(figures.interaction_figure(record, "en"))
    assert figure.layout.xaxis.tickformat == "%H:%M"
    assert figure.data[0].x[0] == "1970-01-01T06:00:00"
