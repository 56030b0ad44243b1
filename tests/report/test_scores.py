"""One row's scores, what softmax makes of them, and the loss of that."""

from __future__ import annotations

import dataclasses

import pytest

from thetastar.fitting import HeldOut, Record
from thetastar.report.scores import score_example
from thetastar.report.words import LANGUAGES

from . import records


def with_rows(probability: tuple[tuple[float, ...], ...], truth: tuple[float, ...], classes: tuple[str, ...]) -> Record:
    record = records.classification()
    target = dataclasses.replace(record.target, classes=classes)
    held = HeldOut(len(truth), truth, (0.0,) * len(truth), probability, ())
    return dataclasses.replace(record, target=target, held_out=held)


def test_the_courses_scores_come_back_up_to_a_constant() -> None:
    """R31: (3, 1, −3) → (.8789, .1189, .0022), told with a mean of 0."""
    example = score_example(with_rows(((0.87888, 0.11894, 0.00218),), (1.0,), ("a", "b", "c")), "en")
    assert example is not None
    assert [row.name for row in example.rows] == ["a", "b", "c"]
    assert [row.score for row in example.rows] == ["2.67", "0.666", "−3.33"]
    assert [row.probability.replace("\u00a0", " ") for row in example.rows] == ["87.9 %", "11.9 %", "0.22 %"]
    assert [row.true for row in example.rows] == [False, True, False]
    assert "= 2.13" in example.words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_classes_are_a_sigmoid_of_the_difference(lang: str) -> None:
    example = score_example(with_rows(((0.8807971, 0.1192029),), (0.0,), ("yes", "no")), lang)
    assert example is not None
    assert "e^−2.00" in example.words
    assert "{" not in example.words


def test_the_row_is_the_one_in_the_middle() -> None:
    probability = ((0.9, 0.1), (0.6, 0.4), (0.2, 0.8))
    example = score_example(with_rows(probability, (0.0, 0.0, 0.0), ("yes", "no")), "en")
    assert example is not None
    assert example.rows[0].probability.startswith("60")


def test_of_many_classes_the_first_ones_are_shown_and_always_the_true_one() -> None:
    probability = ((0.3, 0.2, 0.15, 0.1, 0.08, 0.07, 0.06, 0.0399, 0.0001, 0.0),)
    example = score_example(with_rows(probability, (8.0,), tuple("abcdefghij")), "en")
    assert example is not None
    assert [row.name for row in example.rows] == ["a", "b", "c", "d", "i"]


def test_numbers_have_no_scores() -> None:
    assert score_example(records.regression(), "en") is None
