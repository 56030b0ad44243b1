"""Of two classes the rarer one is asked about: its score is shown, whichever comes first."""

from __future__ import annotations

import dataclasses

import pytest

from thetastar.fitting.record import Record
from thetastar.report import formula, influence
from thetastar.report.lead import leading, towards_the_rarer

from . import records


def rarer_first() -> Record:
    """The record of a rare class that comes first in the alphabet, so that the function's score is the other's."""
    record = records.rare()
    assert record.classes is not None
    classes = dataclasses.replace(record.classes, positive=0)
    return dataclasses.replace(
        record, classes=classes, target=dataclasses.replace(record.target, classes=("fraud", "ok"))
    )


def test_the_score_of_the_rarer_class_is_turned_around_where_it_comes_first() -> None:
    record, turned = rarer_first(), towards_the_rarer(rarer_first())
    assert leading(turned) == "fraud"
    assert record.formula is not None
    assert turned.formula is not None
    assert turned.formula.intercept == (-record.formula.intercept[0],)
    assert turned.formula.terms[0].coefficient == -record.formula.terms[0].coefficient
    for before, after in zip(record.evidence.effects, turned.evidence.effects, strict=True):
        assert after.value == pytest.approx([-value for value in before.value])
        assert after.folds[0] == pytest.approx([-value for value in before.folds[0]])
        assert after.places == before.places
    assert formula.written(turned, "en")[0].left == "score for fraud"
    assert "“fraud”" in influence.effects(turned, "en")


def test_everything_else_stays_as_it_is() -> None:
    for name in ("rare", "classification", "regression"):
        record = records.ALL[name]()
        assert towards_the_rarer(record) is record
    assert leading(records.rare()) == "yes"
