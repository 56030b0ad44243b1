"""Effects are drawn where they were measured, inside the band of the folds, in every kind of column."""

from __future__ import annotations

import dataclasses

import pytest

from thetastar.report import figures, influence
from thetastar.report.words import LANGUAGES, say

from . import records
from .plotly_figures import checked
from .records import measured


def test_columns_come_in_the_order_of_the_record() -> None:
    assert figures.effect_columns(records.regression()) == ("carat", "clarity", "cut", "depth", "sold", "weighed")
    assert figures.effect_columns(records.tiny()) == ()


def test_a_curve_lies_in_the_band_of_its_folds() -> None:
    record = records.regression()
    effect = record.evidence.effects[0]
    low, high, line = checked(figures.effect_figure(record, "carat", "en")).data[:3]
    assert line.y == effect.value
    assert low.y == tuple(min(values) for values in zip(*effect.folds, strict=True))
    assert high.y == tuple(max(values) for values in zip(*effect.folds, strict=True))
    assert high.fill == "tonexty"


def test_the_strip_counts_the_rows_between_the_first_and_the_last_place() -> None:
    effect = records.regression().evidence.effects[0]
    strip = checked(figures.effect_figure(records.regression(), "carat", "en")).data[-1]
    assert strip.y == effect.shares
    assert strip.x[0] - strip.width / 2 == pytest.approx(effect.places[0])
    assert strip.x[-1] + strip.width / 2 == pytest.approx(effect.places[-1])


def test_dates_are_written_as_dates() -> None:
    figure = checked(figures.effect_figure(records.regression(), "sold", "en"))
    assert figure.layout.xaxis.type == "date"
    assert figure.data[2].x[0] == "2016-07-18T00:00:00"


def test_categories_are_bars_with_whiskers_from_the_lowest_to_the_highest_fold() -> None:
    record = records.regression()
    effect = record.evidence.effects[1]
    (bars,) = checked(figures.effect_figure(record, "clarity", "en")).data
    assert bars.x == effect.value
    for level, value in enumerate(effect.value):
        folds = [fold[level] for fold in effect.folds]
        assert value + bars.error_x.array[level] == pytest.approx(max(folds))
        assert value - bars.error_x.arrayminus[level] == pytest.approx(min(folds))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_missing_value_has_a_mark(lang: str) -> None:
    record = records.regression()
    names = checked(figures.effect_figure(record, "cut", lang)).layout.yaxis.ticktext
    assert names[-1] == say("found.effects.missing", lang)
    diamond = checked(figures.effect_figure(record, "depth", lang)).data[3]
    assert diamond.marker.symbol == "diamond"
    assert diamond.y[0] == pytest.approx(105)
    assert say("found.effects.gap", lang) in influence.effects(record, lang)
    without = tuple(dataclasses.replace(effect, gap=()) for effect in record.evidence.effects)
    assert say("found.effects.gap", lang) not in influence.effects(measured(record, effects=without), lang)


def test_classes_have_a_curve_each_in_their_own_colour() -> None:
    record = records.classification()
    lines = [trace for trace in checked(figures.effect_figure(record, "carat", "en")).data if trace.type == "scatter"]
    assert len({trace.line.color for trace in lines if trace.line.width == 2}) == 3
    dots = checked(figures.effect_figure(record, "clarity", "en")).data
    assert len({trace.marker.color for trace in dots}) == 3


def test_who_points_at_one_of_several_classes_reads_its_name() -> None:
    for record, shown in ((records.classification(), True), (records.rare(), False)):
        for column in ("carat", "clarity"):
            data = checked(figures.effect_figure(record, column, "en")).data
            hovers = [trace.hovertemplate for trace in data if trace.hovertemplate]
            named = [
                name for name in map(str, record.target.classes) if any(f"<extra>{name}<" in one for one in hovers)
            ]
            assert named == (list(record.target.classes) if shown else [])


def test_the_range_is_written_beside_the_name() -> None:
    assert figures.effect_range(records.regression(), "clarity") == "−2,500 … +1,500"
    assert figures.effect_range(records.non_finite(), "clarity") == "–"


@pytest.mark.parametrize("name", ["regression", "classification", "non_finite", "hostile"])
def test_every_effect_can_be_drawn(name: str) -> None:
    record = records.ALL[name]()
    for column in figures.effect_columns(record):
        assert checked(figures.effect_figure(record, column, "zh")).to_json()


def test_years_are_whole_and_written_without_thousands() -> None:
    record = records.regression()
    some = next(effect for effect in record.evidence.effects if effect.kind == "number" and len(effect.places) > 4)
    places = (2019.0, 2020.0, 2021.0, 2022.0)
    shorter = [tuple(values[:4]) for values in (some.value, *some.folds)]
    years = dataclasses.replace(some, column="year", places=places, value=shorter[0], folds=tuple(shorter[1:]), gap=())
    evidence = dataclasses.replace(record.evidence, effects=(years,))
    axis = checked(figures.effect_figure(dataclasses.replace(record, evidence=evidence), "year", "en")).layout.xaxis
    assert (axis.dtick, axis.separatethousands) == (1, False)
