"""What the fit measures of classes on its held-out rows, with the truth planted."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tests.fitting.classes.planted import population, rare
from tests.fitting.tables import CONVEX, LONG, frame, noise, numbers
from thetastar.fitting import Fit, Question, Record, fit


@pytest.fixture(scope="module")
def rarely() -> Fit:
    """A linear function fitted to a table with 3 % positives whose probabilities are logistic in x1."""
    x, truth, _ = rare(12_000)
    table = frame(np.stack([x, noise(len(x), 1.0)], axis=1))
    return fit(Question(table, pl.Series("fraud", truth)), recipe=CONVEX, budget=LONG)


def test_three_percent_positives_are_found_as_well_as_the_population_allows(rarely: Fit) -> None:
    quality = rarely.record.classes
    share, area, precision = population()
    assert quality is not None
    found = quality.rankings[0]
    assert quality.rows == 12_000
    assert found.share == pytest.approx(share, abs=0.005)
    assert found.roc_area.low < area < found.roc_area.high
    assert found.average_precision.low < precision < found.average_precision.high
    assert found.average_precision.low > 2 * share
    assert quality.log_loss.high < quality.constant_log_loss


def test_its_probabilities_come_true(rarely: Fit) -> None:
    quality = rarely.record.classes
    assert quality is not None
    assert quality.reliability.error <= quality.reliability.by_chance_most


def test_measures_agree_with_the_ladder_and_the_confusion(rarely: Fit) -> None:
    record = rarely.record
    quality, kept = record.classes, next(rung for rung in record.ladder if rung.name == record.choice.rung)
    assert quality is not None
    assert quality.log_loss.value == pytest.approx(np.mean(kept.validation), rel=1e-3)  # folds are of equal size
    assert 1 - quality.accuracy.value == pytest.approx(np.mean(kept.validation_error), rel=1e-3)
    right = sum(row[place] for place, row in enumerate(record.held_out.confusion))
    assert quality.accuracy.value == pytest.approx(right / 12_000)


def test_it_comes_back_from_json(rarely: Fit) -> None:
    plain = rarely.record.to_json()
    assert Record.from_json(plain).to_json() == plain
    assert Record.from_json(plain).classes == rarely.record.classes


def test_numbers_have_no_classes() -> None:
    x = numbers(60)
    assert (
        fit(Question(frame(x), pl.Series("y", x[:, 0] + noise(60))), recipe=CONVEX, budget=LONG).record.classes is None
    )
