"""Curves of classes that are nearly perfect are drawn where they differ, and it is said."""

from __future__ import annotations

import dataclasses

import pytest

from thetastar.fitting.classes import Band, Ranking
from thetastar.fitting.record import Record
from thetastar.report import figures
from thetastar.report.figures.ranking import meeting_alarms, parting_recall
from thetastar.report.page import render
from thetastar.report.words import LANGUAGES, say

from . import records
from .plotly_figures import checked


def nearly_perfect(record: Record) -> Record:
    assert record.classes is not None
    one = record.classes.rankings[0]
    curves = [
        dataclasses.replace(
            one,
            position=position,
            precision_recall=Band((0.2, parts, 1.0), (1.0, 1.0, 0.4), (), ()),
            roc=Band((0.0, meets, 1.0), (0.8, 0.995, 1.0), (), ()),
        )
        for position, (parts, meets) in enumerate([(0.96, 0.02), (0.87, 0.11), (0.99, 0.01)])
    ]
    return dataclasses.replace(record, classes=dataclasses.replace(record.classes, rankings=tuple(curves)))


def rankings(record: Record) -> tuple[Ranking, ...]:
    assert record.classes is not None
    return record.classes.rankings


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_perfect_for_all_classes_is_left_out(lang: str) -> None:
    record = nearly_perfect(records.classification())
    assert parting_recall(rankings(record)) == pytest.approx(0.8)
    assert meeting_alarms(rankings(record)) == pytest.approx(0.2)
    assert checked(figures.precision_recall_figure(record, lang)).layout.xaxis.range[0] == pytest.approx(0.797)
    assert checked(figures.roc_figure(record, lang)).layout.xaxis.range[1] == pytest.approx(0.203)
    assert render(record, lang=lang).count(say("classes.larger", lang)) == 2


@pytest.mark.parametrize("name", ["classification", "rare", "uneven"])
def test_otherwise_the_axes_go_from_0_to_1(name: str) -> None:
    record = records.ALL[name]()
    assert parting_recall(rankings(record)) == 0
    assert meeting_alarms(rankings(record)) == 1
    assert say("classes.larger", "en") not in render(record)


def test_a_single_class_keeps_its_whole_axes_however_good_it_is() -> None:
    found = rankings(nearly_perfect(records.classification()))[:1]
    assert (parting_recall(found), meeting_alarms(found)) == (0.0, 1.0)
