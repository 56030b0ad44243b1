"""What the report says of classes: what matters is said first, and every number has its interval."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from thetastar.fitting.classes import judge_classes
from thetastar.fitting.record import Record
from thetastar.report import classes, facts, figures, sentences, tables
from thetastar.report.numbers import number, percent
from thetastar.report.page import render
from thetastar.report.words import LANGUAGES, say

from . import records
from .plotly_figures import checked


def test_a_rare_class_is_led_by_how_it_is_found_and_not_by_right_answers() -> None:
    record = records.rare()
    best = facts.point(record, "best_f1")
    assert best is not None
    assert record.classes is not None
    words = sentences.headline(record, "en")
    assert f"{percent(best.recall.value)} of the rows with fraud = yes can be found, by a threshold of " in words
    assert f"by a threshold of {number(best.threshold, digits=2)} on" in words
    assert f"of the rows flagged so, {percent(best.precision.value)} are right" in words
    assert percent(record.classes.accuracy.value) not in words
    first, second, *_ = tables.the_facts(record, "en")
    assert first.name == "average precision"
    assert percent(record.classes.rankings[0].share) in first.note
    assert second.value == percent(best.recall.value)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_frequent_class_among_many_is_told_beside_the_mean_over_classes(lang: str) -> None:
    record = records.uneven()
    assert record.classes is not None
    assert percent(record.classes.balanced_accuracy.value) in sentences.headline(record, lang)
    assert percent(record.classes.balanced_accuracy.value) not in sentences.headline(records.classification(), lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_mean_over_classes_says_which_were_judged(lang: str) -> None:
    record = records.uneven()
    quality = record.classes
    assert quality is not None
    scores = [
        dataclasses.replace(score, rows=0.0) if place == 1 else score for place, score in enumerate(quality.scores)
    ]
    fewer = dataclasses.replace(record, classes=dataclasses.replace(quality, scores=tuple(scores)))
    over = say("measure.balanced.over.judged", lang, judged=str(len(scores) - 1), all=str(len(scores)))
    for said, of in ((True, fewer), (False, record)):
        assert (over in sentences.headline(of, lang)) is said
        assert any(over in row.meaning for row in classes.measure_rows(of, lang)) is said


def test_a_rare_class_of_which_nothing_was_learnt_is_not_praised() -> None:
    record = records.rare()
    constant = dataclasses.replace(record, choice=dataclasses.replace(record.choice, rung="constant"))
    assert sentences.headline(constant, "en").startswith("No function")
    assert tables.the_facts(constant, "en")[0].name == say("fact.error.classification", "en")


def test_measures_stand_beside_the_constants() -> None:
    record = records.rare()
    quality = record.classes
    assert quality is not None
    rows = {row.name: row for row in classes.measure_rows(record, "en")}
    assert next(iter(rows)) == "Average precision"
    assert next(iter(classes.measure_rows(records.classification(), "en"))).name == "Accuracy"
    assert rows["Average precision"].constant == percent(quality.rankings[0].share)
    assert rows["Accuracy"].value.value == percent(quality.accuracy.value)
    assert rows["Balanced accuracy"].constant == percent(0.5)
    assert all(row.value.ends.startswith("(") for row in rows.values())
    assert classes.measure_rows(records.regression(), "en") == ()


def test_every_class_has_its_row_the_most_frequent_first() -> None:
    rows = classes.class_rows(records.uneven())
    assert [row.name for row in rows] == ["Adélie", "Chinstrap", "Gentoo"]
    assert sum(int(row.rows.replace(",", "")) for row in rows) == 2_000
    assert all(row.roc_area.value for row in rows)
    assert not any(row.roc_area.value for row in classes.class_rows(records.rare()))  # its curve is drawn once


def test_thresholds_come_in_their_order() -> None:
    points = classes.point_rows(records.rare(), "en")
    assert [float(point.threshold) for point in points] == sorted(float(point.threshold) for point in points)
    assert "most probable class" in [point.name for point in points]
    assert classes.point_rows(records.classification(), "en") == ()


@pytest.mark.parametrize(("sure", "verdict"), [(False, "right"), (True, "wrong")])
def test_the_reliability_is_judged_by_what_chance_does(sure: bool, verdict: str) -> None:
    record = records.rare()
    assert record.classes is not None
    found = record.classes.reliability
    worse = dataclasses.replace(found, error=2 * found.by_chance_most) if sure else found
    changed = dataclasses.replace(record, classes=dataclasses.replace(record.classes, reliability=worse))
    assert say(f"classes.reliability.{verdict}", "en") in sentences.reliability(changed, "en")


def quality_figures(record: Record) -> list[Any]:
    draw = (
        figures.precision_recall_figure,
        figures.roc_figure,
        figures.threshold_figure,
        figures.reliability_figure,
    )
    return [checked(one(record, "zh")) for one in draw]


def test_figures_hold_the_records_curves() -> None:
    record = records.rare()
    assert record.classes is not None
    ranking, thresholds = record.classes.rankings[0], record.classes.thresholds
    assert thresholds is not None
    precision = checked(figures.precision_recall_figure(record, "en"))
    assert precision.data[-1].x == ranking.precision_recall.x
    assert set(precision.data[0].y) == {ranking.share}  # a blind order
    assert checked(figures.roc_figure(record, "en")).data[-1].y == (0.0, *ranking.roc.y)
    lines = {trace.name: trace for trace in checked(figures.threshold_figure(record, "en")).data if trace.name}
    assert lines["Recall"].y == thresholds.recall.y
    bins = record.classes.reliability.bins
    points = checked(figures.reliability_figure(record, "en")).data[-1]
    assert points.y == tuple(one.observed.value for one in bins)
    assert points.error_y.array[0] == pytest.approx(bins[0].observed.high - bins[0].observed.value)


def test_several_classes_have_a_line_each_and_no_threshold() -> None:
    precision, roc, thresholds, reliability = quality_figures(records.uneven())
    assert [trace.name for trace in precision.data] == ["Adélie", "Chinstrap", "Gentoo"]
    assert thresholds is None
    assert roc is not None
    assert reliability is not None
    assert quality_figures(records.regression()) == [None] * 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_class_without_held_out_rows_leaves_no_curves_but_a_page(lang: str) -> None:
    record = records.rare()
    probability = np.tile([0.97, 0.03], (200, 1))
    quality = judge_classes(np.zeros(200, dtype=np.int64), probability, np.ones(200), seed=0)
    assert quality is not None
    without = dataclasses.replace(record, classes=quality)
    assert not facts.rare(without)
    assert quality_figures(without)[:3] == [None] * 3
    assert "“yes”" in sentences.reliability(without, lang)
    assert say("classes.each", lang) in render(without, lang=lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_says_what_the_intervals_count(lang: str) -> None:
    record = records.classification()
    assert record.classes is not None
    by_rows = classes.measure_caption(record, lang)
    together = dataclasses.replace(record, classes=dataclasses.replace(record.classes, clusters=1_234))
    said = {
        split: classes.measure_caption(dataclasses.replace(together, split=split), lang) for split in ("group", "time")
    }
    assert all(words.startswith(by_rows) and "1,234" in words for words in said.values())
    assert said["group"] != said["time"]
