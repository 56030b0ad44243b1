"""The bars of the importance are the record's numbers, in the unit that people ask for."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from thetastar.fitting.evidence import Alike, Importance
from thetastar.report import figures, influence
from thetastar.report.figures.style import LIGHT
from thetastar.report.words import LANGUAGES

from . import records
from .plotly_figures import checked
from .records import measured


def _by_chance(one: Importance) -> Importance:
    return dataclasses.replace(one, loss=(0.3, -0.2, 0.1, -0.3, 0.2), error=(0.3, -0.2, 0.1, -0.3, 0.2))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_columns_that_it_needs_most_are_named_under_the_headline(lang: str) -> None:
    record = records.regression()
    found = influence.needs(record, lang)
    assert all(one.column in found for one in record.evidence.importance[:3])
    assert all(one.column not in found for one in record.evidence.importance[3:])
    chance = tuple(_by_chance(one) for one in record.evidence.importance)
    assert influence.needs(measured(record, importance=chance), lang) == ""
    assert influence.needs(records.tiny(), lang) == ""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_columns_that_tell_the_same_are_named_a_handful_of_them(lang: str) -> None:
    record = records.regression()
    (found,) = influence.alike(record, lang)
    assert all(name in found for name in ("carat", "depth", "table", "0.94"))
    many = Alike(tuple(f"load[t-{step}]" for step in range(1, 24)), 0.97)
    (found,) = influence.alike(measured(record, alike=(many,)), lang)
    assert found.count("load[") == 6
    assert "17" in found
    assert influence.alike(records.tiny(), lang) == ()


def test_bars_are_the_increase_of_the_error_and_hollow_where_it_may_be_chance() -> None:
    record = records.regression()
    figure = checked(figures.importance_figure(record, "en"))
    bars = figure.data[0]
    assert bars.x == pytest.approx([np.mean(one.error) for one in record.evidence.importance])
    assert [note.text.split()[0] for note in figure.layout.annotations] == [
        one.column for one in record.evidence.importance
    ]
    chance = dataclasses.replace(record.evidence.importance[0], error=(5.0, -4.0, 3.0, -6.0, 1.0))
    record = measured(record, importance=(record.evidence.importance[0], chance))
    figure = checked(figures.importance_figure(record, "en"))
    assert figure.data[0].marker.color == (LIGHT["ramp-2"], LIGHT["paper"])


def test_classes_show_the_loss() -> None:
    record = records.classification()
    bars = checked(figures.importance_figure(record, "en")).data[0]
    assert bars.x == pytest.approx([np.mean(one.loss) for one in record.evidence.importance])


def test_without_importances_nothing_is_drawn() -> None:
    assert checked(figures.importance_figure(records.tiny(), "en")) is None
    lost = tuple(dataclasses.replace(one, error=(math.nan,) * 5) for one in records.regression().evidence.importance)
    assert checked(figures.importance_figure(measured(records.regression(), importance=lost), "en")) is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_caption_says_what_is_left_out(lang: str) -> None:
    record = records.regression()
    many = tuple(dataclasses.replace(record.evidence.importance[0], column=f"c{place}") for place in range(31))
    assert "19" in influence.importance(measured(record, importance=many), lang)
    assert len(checked(figures.importance_figure(measured(record, importance=many), lang)).data[0].x) == 12
