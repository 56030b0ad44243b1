"""What limits the result, on planted losses."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tests.fitting.planted_rungs import CONSTANT, LINEAR, PIECES, rung
from thetastar.fitting.rungs.limit import Noise, Repeating, find_limit
from thetastar.fitting.rungs.outcome import outcome_of
from thetastar.fitting.rungs.rung_fit import RungFit


def limit(
    rungs: list[RungFit],
    chosen: int,
    *,
    stopped: str = "finished",
    rows: int = 100,
    noise: Noise | None = None,
    repeating: Repeating | None = None,
) -> str:
    codes = [outcome_of(each, rungs[:position])[0] for position, each in enumerate(rungs)]
    found = find_limit(rungs, codes, chosen=chosen, stopped=stopped, rows=rows, noise=noise, repeating=repeating)
    return found.code


HIDDEN = rung("hidden", 0.2, 0.22, stopped="finished")
HURRIED = rung("hidden", 0.2, 0.22, stopped="finished", shortened=True)
SLOWER = rung("hidden", 0.3, 0.35, stopped="finished", shortened=True)


@pytest.mark.parametrize(
    ("rungs", "chosen", "stopped", "code"),
    [
        ([CONSTANT, rung("linear", 0.99, 1.0)], 0, "finished", "nothing_to_learn"),
        ([CONSTANT, LINEAR, PIECES, rung("hidden", 0.28, 0.36, stopped="early")], 2, "finished", "noise_or_features"),
        ([CONSTANT, LINEAR, PIECES, HIDDEN], 3, "finished", "model_bias"),
        ([CONSTANT, LINEAR, PIECES, rung("hidden", 0.05, 0.22, stopped="early")], 3, "finished", "overfitting"),
        ([CONSTANT, rung("linear", 0.005, 0.006)], 1, "finished", "small"),
        ([CONSTANT, LINEAR, rung("deep", 0.9, 0.9, stopped="finished")], 1, "finished", "optimization"),
        ([CONSTANT, LINEAR, rung("deep", 0.5, 0.52, stopped="diverged")], 1, "finished", "optimization"),
        ([CONSTANT, LINEAR, rung("hidden", 0.5, 0.52, stopped="budget")], 1, "budget", "budget"),
        ([CONSTANT, LINEAR, PIECES], 2, "budget", "budget"),
        ([CONSTANT, LINEAR], 1, "budget", "budget"),
        ([CONSTANT, LINEAR, PIECES, HIDDEN], 3, "budget", "budget"),
        ([CONSTANT, LINEAR, PIECES, HURRIED], 3, "finished", "shortened"),
        ([CONSTANT, LINEAR, PIECES, SLOWER], 2, "finished", "shortened"),
        ([CONSTANT, LINEAR, PIECES], 2, "interrupted", "interrupted"),
        ([CONSTANT, LINEAR, PIECES, rung("hidden", 0.3, 0.35, stopped="interrupted")], 2, "interrupted", "interrupted"),
        ([CONSTANT, LINEAR, PIECES, rung("hidden", 0.28, 0.36, stopped="early")], 2, "budget", "noise_or_features"),
    ],
)
def test_the_limit_is_named(rungs: list[RungFit], chosen: int, stopped: str, code: str) -> None:
    assert limit(rungs, chosen, stopped=stopped) == code


def unsure(name: str, mean: float) -> RungFit:
    """A rung whose folds differ so much that nothing can be told of it."""
    certain = rung(name, 0.5, mean)
    folds = certain.validation + torch.tensor([-0.4, 0.0, 0.4])
    return replace(certain, scores=replace(certain.scores, validation=folds))


def test_what_looks_better_but_can_not_be_told_asks_for_more_rows() -> None:
    assert limit([CONSTANT, unsure("linear", 0.8)], 0) == "too_few_rows"
    assert limit([CONSTANT, unsure("linear", 1.0)], 0) == "nothing_to_learn"
    assert limit([CONSTANT, LINEAR, unsure("hard_sigmoids", 0.4)], 1) == "too_few_rows"
    assert limit([CONSTANT, LINEAR, unsure("hard_sigmoids", 0.6)], 1) == "noise_or_features"


def test_a_gap_that_the_folds_do_not_agree_on_is_neither_overfitting_nor_noise() -> None:
    gap = rung("linear", 0.1, 0.6)
    folds = torch.tensor([0.0, 0.0, 1.8])
    apart = replace(gap, scores=replace(gap.scores, validation=0.05 + folds))
    wide = replace(CONSTANT, scores=replace(CONSTANT.scores, validation=1.0 + 2 * folds))
    assert limit([wide, apart], 1) == "undetermined"
    assert limit([wide, replace(gap, scores=replace(gap.scores, validation=0.6 + folds / 20))], 1) == "overfitting"


def test_with_a_handful_of_rows_nothing_else_is_said() -> None:
    rungs = [CONSTANT, LINEAR, PIECES, HIDDEN]
    assert [limit(rungs, 3, rows=rows) for rows in (9, 10)] == ["too_few_rows", "model_bias"]
    assert limit([CONSTANT, rung("linear", 0.005, 0.006)], 1, rows=5) == "small"
    assert limit([rung("constant", 0.0, 0.0)], 0, rows=5) == "nothing_to_learn"


def test_without_a_constant_to_compare_with_nothing_is_said_of_it() -> None:
    assert limit([rung("deep", 0.2, 0.22, stopped="finished")], 0) == "noise_or_features"
    assert limit([rung("deep", 0.05, 0.22, stopped="finished")], 0) == "overfitting"


def test_a_failure_below_the_choice_limits_nothing() -> None:
    failed = rung("hidden", 0.9, 0.9, stopped="finished")
    deep = rung("deep", 0.1, 0.12, stopped="finished")
    assert limit([CONSTANT, LINEAR, failed, deep], 3) == "model_bias"


def test_the_limits_numbers_are_means_over_folds() -> None:
    codes = ["first", "improved"]
    numbers = find_limit([CONSTANT, LINEAR], codes, chosen=1, stopped="finished", rows=100, noise=None).numbers
    assert numbers["training"] == pytest.approx(0.5, abs=1e-2)
    assert numbers["gap"] == pytest.approx(0.02, abs=1e-2)
    assert numbers["constant"] == pytest.approx(1.0, abs=1e-2)


@pytest.mark.parametrize(("classes", "least", "share"), [(False, 3.0, 0.36), (True, 3.0, 0.6), (True, 0.0, 0.0)])
def test_the_share_of_noise_is_of_the_squared_error_or_of_the_wrong_rows(
    classes: bool, least: float, share: float
) -> None:
    scores = replace(LINEAR.scores, validation_error=torch.full((3,), 5.0))
    assert Noise(least, classes).share(replace(LINEAR, scores=scores)) == pytest.approx(share)


def test_noise_that_makes_most_of_the_error_limits_and_less_does_not() -> None:
    scores = replace(PIECES.scores, validation_error=torch.full((3,), 2.0))
    rungs = [CONSTANT, LINEAR, replace(PIECES, scores=scores)]
    assert limit(rungs, 2, noise=Noise(1.5, classes=False)) == "noise"
    assert limit(rungs, 2, noise=Noise(1.3, classes=False)) == "noise_or_features"
    assert limit(rungs, 2, stopped="budget", noise=Noise(1.5, classes=False)) == "noise", "more time wouldn't help"
    failed = rung("deep", 0.9, 0.9, stopped="finished")
    assert limit([*rungs, failed], 2, noise=Noise(1.5, classes=False)) == "optimization"


@pytest.mark.parametrize(
    ("own", "code"),
    [
        ((1.01, 1.05, 1.03), "repeating"),
        ((0.90, 1.10, 0.97), "repeating"),  # better, but not beyond one standard error
        ((0.80, 0.82, 0.81), "noise_or_features"),
        ((0.10, 0.11, 0.09), "small"),
    ],
)
def test_a_series_is_measured_by_repeating_the_last_value(own: tuple[float, ...], code: str) -> None:
    good = [CONSTANT, rung("linear", 0.005, 0.006)]
    assert limit(good, 1, repeating=Repeating(own, (1.0, 1.0, 1.0))) == code
    assert limit(good, 1, repeating=Repeating(tuple(1e-9 * one for one in own), (1e-9,) * 3)) == code, "in any unit"


def test_what_repeats_exactly_can_not_be_beaten() -> None:
    rungs = [CONSTANT, rung("linear", 0.005, 0.006)]
    assert limit(rungs, 1, repeating=Repeating((0.1, 0.1, 0.1), (0.0, 0.0, 0.0))) == "repeating"


def test_a_constant_that_beats_repeating_still_has_learnt_nothing() -> None:
    rungs = [CONSTANT, rung("linear", 0.99, 1.0)]
    assert limit(rungs, 0, repeating=Repeating((1.0, 1.1, 1.0), (1.4, 1.5, 1.4))) == "nothing_to_learn"


def test_time_is_named_before_repeating() -> None:
    rungs, repeating = [CONSTANT, LINEAR], Repeating((1.01, 1.05, 1.03), (1.0, 1.0, 1.0))
    assert limit(rungs, 1, stopped="budget", repeating=repeating) == "budget"
