"""Dates on axes are numbers in every language, as fine as the axis is."""

from __future__ import annotations

import dataclasses

from thetastar.report import figures
from thetastar.report.figures.dates import DATE_AXIS, DAY

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
