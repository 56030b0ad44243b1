"""What a weight belongs to is said in the report's language, and the same wherever it is said."""

from __future__ import annotations

import dataclasses

import pytest

from thetastar.fitting.record import Input
from thetastar.report.figures.relief import relief_figure
from thetastar.report.figures.surface import surface_figure
from thetastar.report.inputs import input_name
from thetastar.report.words import LANGUAGES

from . import records

NAMES = {
    Input("age"): ("age", "age"),
    Input("town", "Ulm", "category"): ("[town is Ulm]", "[town 为 Ulm]"),
    Input("town", "", "category"): ("[town is any other]", "[town 为其他]"),
    Input("age", "", "missing"): ("[age is missing]", "[age 缺失]"),
    Input("day", "", "sin_month"): ("sin(2π·month of day/12)", "sin(2π·day 的月份/12)"),
    Input("day", "", "year"): ("(year of day)", "（day 的年份）"),
}


@pytest.mark.parametrize("one", NAMES, ids=lambda one: one.role)
def test_an_input_is_named_in_the_language(one: Input) -> None:
    assert tuple(input_name(one, lang) for lang in LANGUAGES) == NAMES[one]


@pytest.mark.parametrize("one", NAMES, ids=lambda one: one.role)
def test_the_axes_of_the_error_surface_are_in_the_language(one: Input) -> None:
    record = records.regression()
    assert record.surface is not None
    record = dataclasses.replace(record, surface=dataclasses.replace(record.surface, weight=one))
    for lang, name, title in zip(LANGUAGES, NAMES[one], ("weight of {}", "{} 的权重"), strict=True):
        flat, relief = surface_figure(record, lang), relief_figure(record, lang)
        assert flat is not None
        assert relief is not None
        assert title.format(name) in str(flat.layout["yaxis"])
        assert title.format(name) in str(relief.layout)
