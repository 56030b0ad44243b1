"""What follows from a record, against numbers worked out by hand."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import scipy.stats

from thetastar.report import facts

from . import records


def test_estimate_is_mean_and_standard_error() -> None:
    folds = (0.3, 0.5, 0.4, 0.8)
    found = facts.estimate(folds)
    assert found.mean == pytest.approx(np.mean(folds))
    assert found.error == pytest.approx(np.std(folds, ddof=1) / 2)


@pytest.mark.parametrize("folds", [(), (1.0, math.nan), (math.inf, 1.0)])
def test_an_estimate_over_what_is_not_finite_is_no_number(folds: tuple[float, ...]) -> None:
    assert math.isnan(facts.estimate(folds).mean)


def test_one_fold_has_no_standard_error() -> None:
    found = facts.estimate((2.0,))
    assert found.mean == 2.0
    assert math.isnan(found.error)


def test_paired_differences_cancel_what_folds_share() -> None:
    found = facts.paired((1.1, 5.1, 9.1), (1.0, 5.0, 9.0))
    assert found.mean == pytest.approx(0.1)
    assert found.error == pytest.approx(0.0, abs=1e-12)


def test_explained_is_r_squared_for_numbers_and_errors_gone_for_classes() -> None:
    record = records.regression()
    ladder = (
        dataclasses.replace(record.ladder[0], validation_error=(10.0, 10.0)),
        dataclasses.replace(record.ladder[3], validation_error=(5.0, 5.0)),
    )
    assert facts.explained(dataclasses.replace(record, ladder=ladder)) == pytest.approx(0.75)
    uneven = (ladder[0], dataclasses.replace(ladder[1], validation_error=(1.0, 7.0)))
    assert facts.explained(dataclasses.replace(record, ladder=uneven)) == pytest.approx(0.75), "25 of 100, as before"
    classes = dataclasses.replace(record.target, task="classification")
    assert facts.explained(dataclasses.replace(record, ladder=ladder, target=classes)) == pytest.approx(0.5)


def test_the_failed_rung_is_named_with_the_lower_one_that_proves_it() -> None:
    failure = facts.lower_in_training(records.diverged())
    assert failure is not None
    assert [rung.name for rung in failure] == ["hidden", "hard_sigmoids"]
    assert facts.lower_in_training(records.regression()) is None


def test_rung_above() -> None:
    above = facts.rung_above(records.regression())
    assert above is not None
    assert above.name == "deep"
    assert facts.rung_above(records.tiny()) is None


def test_a_choice_that_is_not_on_the_ladder_is_an_error() -> None:
    record = records.tiny()
    lost = dataclasses.replace(record, choice=dataclasses.replace(record.choice, rung="deep"))
    with pytest.raises(ValueError, match="'deep'"):
        facts.chosen(lost)


def test_quantile_errors() -> None:
    record = records.regression()
    truth = tuple(map(float, range(11)))
    held_out = dataclasses.replace(record.held_out, truth=(0.0,) * 12, prediction=(*truth, math.nan))
    assert facts.quantile_errors(dataclasses.replace(record, held_out=held_out)) == pytest.approx((5.0, 9.0))


def test_an_interval_is_students() -> None:
    folds = (1.0, 2.0, 4.0, 3.0, 5.0)
    expected = scipy.stats.t.interval(0.95, 4, loc=3.0, scale=scipy.stats.sem(folds))
    found = facts.interval(folds)
    assert (found.low, found.high) == pytest.approx(expected)
    assert found.mean == 3.0
    assert found.above_zero
    assert not facts.interval((1.0, -1.0, 0.5)).above_zero
