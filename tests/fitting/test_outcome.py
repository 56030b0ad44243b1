"""What the ladder says of each rung, and what limits the result, on planted losses."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from thetastar.descent import MemberCurve, Trained
from thetastar.fitting.network_rung import Judged, NetworkFit
from thetastar.fitting.outcome import Noise, find_limit, outcome_of
from thetastar.fitting.rung_fit import RungFit
from thetastar.fitting.scores import Scores, Stops
from thetastar.fitting.settings import Settings
from thetastar.functions import ladder

SETS = ladder(inputs=4, plain=2, outputs=1, width=3, depth=2)
FOLDS = torch.tensor([-0.01, 0.0, 0.01])


def rung(
    name: str, training: float, validation: float, *, stopped: str = "", shortened: bool = False, gone: bool = False
) -> RungFit:
    """Return a rung whose losses differ a little between three folds; a network if it says how it stopped."""
    curve = MemberCurve(torch.zeros(1), torch.zeros(1), (0,), (0.0,), ((0.0,),), (0.0,), 0, stopped)
    folds = Trained(torch.zeros(3, 1), (curve,) * 3, torch.zeros(0, 1))
    judged_at = Stops((0, 0, 0), (0, 0, 0), torch.zeros(3), torch.zeros(3))
    there = Judged(torch.zeros(3, 1), (1.0, 1.0, 1.0))
    network = NetworkFit(Settings(), None, (), folds, shortened, judged_at, there) if stopped else None
    judged = torch.full((3,), torch.inf) if gone else validation + FOLDS
    stream = torch.Generator().manual_seed(round(1000 * (training + validation)))
    own = 2e-3 * torch.randn(3, generator=stream)  # so that differences between rungs have an error
    return RungFit(
        name=name,
        functions=SETS[name],
        settings=Settings(),
        state=torch.zeros(3, 1),
        scores=Scores(training + FOLDS + own, judged + own, torch.zeros(3), torch.zeros(3)),
        lowest_training=training + FOLDS + own,
        tried=1,
        seconds=0.0,
        network=network,
    )


CONSTANT, LINEAR = rung("constant", 1.0, 1.0), rung("linear", 0.5, 0.52)
PIECES = rung("hard_sigmoids", 0.3, 0.35)


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


def test_a_worse_rung_between_does_not_count_as_the_best_below() -> None:
    bad = rung("linear", 0.9, 2.0)
    assert outcome_of(PIECES, [CONSTANT, bad])[1]["difference"] == pytest.approx(0.35 - 1.0, abs=1e-2)


def limit(
    rungs: list[RungFit], chosen: int, *, stopped: str = "finished", rows: int = 100, noise: Noise | None = None
) -> str:
    codes = [outcome_of(each, rungs[:position])[0] for position, each in enumerate(rungs)]
    return find_limit(rungs, codes, chosen=chosen, stopped=stopped, rows=rows, noise=noise).code


HIDDEN = rung("hidden", 0.2, 0.22, stopped="finished")


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


def test_noise_in_the_training_loss_is_no_failure() -> None:
    noisy = replace(LINEAR, lowest_training=torch.tensor([0.3, 1.1, 0.4]))
    assert outcome_of(noisy, [CONSTANT, rung("constant", 0.5, 1.0)])[0] == "improved"


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
