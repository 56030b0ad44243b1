"""The map of an interaction is drawn only where unseen rows confirm it."""

from __future__ import annotations

import dataclasses

import pytest

from thetastar.report import facts, figures, influence
from thetastar.report.words import LANGUAGES

from . import records
from .plotly_figures import checked
from .records import measured


def test_fields_stand_between_their_edges_and_are_empty_without_rows() -> None:
    record = records.regression()
    found = record.evidence.interaction
    assert found is not None
    (drawn,) = checked(figures.interaction_figure(record, "en")).data
    assert drawn.x == found.places[0]
    assert drawn.y == (-0.5, 0.5, 1.5, 2.5, 3.5)
    assert drawn.z[3][0] is None
    assert drawn.z[0][4] == found.value[4][0]
    assert drawn.zmin == -drawn.zmax


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_may_be_chance_is_said_and_not_drawn(lang: str) -> None:
    record = records.regression()
    found = record.evidence.interaction
    assert found is not None
    weak = dataclasses.replace(found, loss=(0.001, -0.002, 0.003, 0.0, 0.001))
    chance = measured(record, interaction=weak)
    assert facts.interaction(record) is not None
    assert facts.interaction(chance) is None
    assert checked(figures.interaction_figure(chance, lang)) is None
    assert influence.interaction(chance, lang) != influence.interaction(record, lang)
    assert "carat" in influence.interaction(chance, lang)


def test_parts_of_dates_are_named() -> None:
    record = records.regression()
    assert record.evidence.interaction is not None
    found = dataclasses.replace(record.evidence.interaction, columns=("sold", "clarity"), parts=("hour", ""))
    dated = measured(record, interaction=found)
    assert "hour of sold and clarity act together" in influence.interaction(dated, "en")
    figure = checked(figures.interaction_figure(dated, "en"))
    assert figure.layout.xaxis.title.text == "sold: hour"
    assert figure.layout.xaxis.type != "date"


def test_of_many_pairs_the_strongest_needs_more() -> None:
    folds = (0.010, 0.013, 0.016, 0.012, 0.014)
    assert facts.interval(folds, tried=1).low > facts.interval(folds, tried=10).low
    assert not facts.interval((0.010, 0.002, 0.004, 0.011, 0.006), tried=10).above_zero


def test_without_a_network_nothing_is_said() -> None:
    assert checked(figures.interaction_figure(records.tiny(), "en")) is None
    assert influence.interaction(records.tiny(), "en") == ""
