"""What the ladder says of each rung, on planted losses."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tests.fitting.planted_rungs import CONSTANT, LINEAR, PIECES, rung
from thetastar.fitting.rungs.outcome import outcome_of
from thetastar.fitting.rungs.rung_fit import RungFit


def test_the_first_rung_is_first() -> None:
    assert outcome_of(CONSTANT, []) == ("first", {})


@pytest.mark.parametrize(
    ("next_rung", "code"),
    [
        (rung("hidden", 0.2, 0.25, stopped="finished"), "improved"),
        (rung("hidden", 0.2, 0.351, stopped="early"), "no_gain"),
        (rung("hidden", 0.1, 0.5, stopped="finished"), "worse"),
        (rung("hidden", 0.6, 0.6, stopped="finished"), "optimization_failure"),
        (rung("hidden", 0.3, 0.35, stopped="diverged"), "diverged"),
        (rung("hidden", 0.3, 0.35, stopped="budget"), "cut_short"),
        (rung("hidden", 0.6, 0.6, stopped="budget"), "cut_short"),
        (rung("hidden", 0.3, 0.35, stopped="interrupted"), "interrupted"),
        (rung("hidden", 0.2, 0.25, stopped="interrupted"), "improved"),
        (rung("hidden", 0.6, 0.6, stopped="finished", shortened=True), "cut_short"),
        (rung("hidden", 0.3, 0.351, stopped="early", shortened=True), "no_gain"),
        (rung("hidden", 0.2, 0.2, stopped="budget"), "improved"),
        (rung("hidden", 0.2, 0.2, stopped="early", gone=True), "worse"),
    ],
)
def test_a_rung_is_compared_with_the_best_below(next_rung: RungFit, code: str) -> None:
    found, numbers = outcome_of(next_rung, [CONSTANT, LINEAR, PIECES])
    assert found == code
    assert {"difference", "standard_error"} <= set(numbers)
    if code == "optimization_failure":
        assert numbers["training_gap"] == pytest.approx(0.3, abs=1e-2)
        assert numbers["contained_training"] == pytest.approx(0.3, abs=1e-2)


@pytest.mark.parametrize(
    ("stopped", "validation", "code"),
    [
        ("early", 0.3505, "no_gain"),  # what it was stopped by is as good as the simpler rung's
        ("early", 0.30, "improved"),
        ("early", 0.40, "optimization_failure"),  # worse on all rows: it could have been the simpler rung
        ("finished", 0.3505, "optimization_failure"),
    ],
)
def test_a_training_loss_that_early_stopping_left_above_is_no_failure(
    stopped: str, validation: float, code: str
) -> None:
    assert outcome_of(rung("hidden", 0.32, validation, stopped=stopped), [CONSTANT, LINEAR, PIECES])[0] == code


@pytest.mark.parametrize(("share", "code"), [(1.02, "optimization_failure"), (1.005, "no_gain")])
def test_less_than_a_hundredth_above_is_no_failure(share: float, code: str) -> None:
    training = share * PIECES.training
    above = replace(rung("hidden", 0.3, 0.35, stopped="finished"), lowest_training=training)
    assert outcome_of(replace(above, scores=PIECES.scores), [CONSTANT, LINEAR, PIECES])[0] == code


def test_a_worse_rung_between_does_not_count_as_the_best_below() -> None:
    bad = rung("linear", 0.9, 2.0)
    assert outcome_of(PIECES, [CONSTANT, bad])[1]["difference"] == pytest.approx(0.35 - 1.0, abs=1e-2)


def test_noise_in_the_training_loss_is_no_failure() -> None:
    noisy = replace(LINEAR, lowest_training=torch.tensor([0.3, 1.1, 0.4]))
    assert outcome_of(noisy, [CONSTANT, rung("constant", 0.5, 1.0)])[0] == "improved"


def test_members_that_stop_early_in_a_plan_of_a_few_updates_were_short_of_time() -> None:
    halved = rung("hidden", 0.3, 0.351, stopped="early", shortened=True)
    assert halved.network is not None
    hurried = replace(halved, network=replace(halved.network, share=1 / 16))
    codes = [outcome_of(one, [CONSTANT, LINEAR, PIECES])[0] for one in (halved, hurried)]
    assert codes == ["no_gain", "cut_short"]
