"""What the fit measures of classes on its held-out rows, with the truth planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tests.fitting.classes.planted import population, rare
from tests.fitting.tables import CONVEX, LONG, NEVER, QUICK, folded_of, frame, noise, numbers, problem_of, sets_of
from thetastar.fitting import Fit, Question, Record, fit
from thetastar.fitting.held_out import held_out_rows
from thetastar.fitting.rungs.rung_fit import fit_rung
from thetastar.losses import loss_named


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


@pytest.mark.parametrize("classes", [False, True])
def test_what_a_network_held_out_belongs_to_its_losses(classes: bool) -> None:
    """All of it is of the look, and the temperature, that the other folds choose; a third of the looks are kept."""
    recipe = replace(QUICK, rungs=("hidden",), epochs=60)
    x = numbers(300)
    truth = x[:, 0] * x[:, 1] + noise(300, 1.0)
    problem = problem_of(frame(x), pl.Series("y", truth > 0 if classes else truth))
    folded, loss = folded_of(problem), loss_named("cross_entropy" if classes else "squared")
    functions = sets_of(folded, problem, recipe=recipe)["hidden"]
    rung = fit_rung(
        "hidden",
        functions,
        loss,
        folded=folded,
        recipe=recipe,
        below=None,
        seed=0,
        deadline=NEVER,
        report=lambda _: None,
    )
    assert rung.network is not None
    assert rung.network.stops.looks != tuple(
        curve.validation.index(min(curve.validation)) for curve in rung.network.folds.curves
    )
    assert not rung.network.folds.at_looks
    judged = held_out_rows(problem, folded, rung)
    for fold, scale in enumerate(folded.scales):
        own = judged.fold == fold
        truths, predicted = judged.truth[own], judged.predicted[own]
        if classes:
            value = -np.log(predicted[np.arange(own.sum()), truths.astype(int)]).mean()
            error = (predicted.argmax(1) != truths).mean()
        else:
            value = np.square((predicted[:, 0] - truths) / scale.deviation).mean()
            error = np.sqrt(np.square(predicted[:, 0] - truths).mean())
        assert float(rung.validation[fold]) == pytest.approx(value, rel=1e-4)
        assert float(rung.scores.validation_error[fold]) == pytest.approx(error, rel=1e-4)
