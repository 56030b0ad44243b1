"""The right rung on planted functions, networks that start at the rung below, and learning rates that are probed."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import count
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
import torch
from torch import Tensor

from tests.fitting.tables import (
    CONVEX,
    LONG,
    NEVER,
    QUICK,
    Floats,
    folded_of,
    frame,
    noise,
    numbers,
    problem_of,
    sets_of,
)
from thetastar.data import Fold
from thetastar.descent import Deadline, deadline, outputs_for, outputs_on
from thetastar.errors import BudgetError
from thetastar.fitting import Question, Recipe, fit
from thetastar.fitting.problem import Folded, Problem, encode_folds
from thetastar.fitting.record import Record
from thetastar.fitting.rungs import convex_rung, network_rung
from thetastar.fitting.rungs.climb import climb
from thetastar.fitting.rungs.fold_losses import fold_losses
from thetastar.fitting.rungs.network_rung import NetworkTask, Start, settle_network
from thetastar.fitting.rungs.rung_fit import RungFit, fit_rung, train_again
from thetastar.fitting.rungs.scores import loss_and_error
from thetastar.functions import FunctionSet
from thetastar.losses import loss_named

NETWORK = Recipe(folds=3, width=32, depth=2, epochs=60, learning_rates=(3e-3, 1e-2), pieces=8)


def chosen_for(y: Floats, x: Floats, *, recipe: Recipe = CONVEX, size: float = 0.1, seed: int = 1) -> Record:
    noisy = pl.Series("y", y + noise(len(y), size, seed=seed))
    return fit(Question(frame(x), noisy), recipe=recipe, budget=LONG).record


PLANTED = {
    "constant": lambda x: np.zeros(len(x)),
    "linear": lambda x: 3 * x[:, 0] - x[:, 1],
    "bent": lambda x: np.abs(x[:, 0]) + x[:, 1],
    "wave": lambda x: np.sin(3 * x[:, 0]),
}


@pytest.mark.parametrize(
    ("name", "right"),
    [("constant", "constant"), ("linear", "linear"), ("bent", "hard_sigmoids"), ("wave", "hard_sigmoids")],
)
def test_the_simplest_sufficient_rung_is_chosen(name: str, right: str) -> None:
    """Not every time: one standard error leaves chance about one case in six."""
    chosen = []
    for seed in range(8):
        x = numbers(400, seed=seed)
        record = chosen_for(PLANTED[name](x), x, recipe=replace(CONVEX, folds=5), seed=100 + seed)
        chosen.append(record.choice.rung)
        assert (record.limit.code == "nothing_to_learn") == (record.choice.rung == "constant")
    assert chosen.count(right) >= (6 if right in ("constant", "linear") else 8), chosen


def test_an_interaction_needs_a_hidden_layer() -> None:
    x = numbers(600)
    record = chosen_for(x[:, 0] * x[:, 1], x, recipe=NETWORK, size=0.02)
    assert record.choice.rung in ("hidden", "deep")
    assert min(record.ladder[3].validation) < 0.3 * min(record.ladder[2].validation)
    assert record.ladder[3].outcome == "improved"


@pytest.mark.slow
def test_a_function_of_functions_needs_depth() -> None:
    x = numbers(3000, columns=4)
    y = np.sin(3 * x[:, 0] * x[:, 1]) * np.abs(x[:, 2] + x[:, 3])
    recipe = replace(NETWORK, width=32, depth=3, epochs=100)
    record = chosen_for(y, x, recipe=recipe, size=0.02)
    assert record.choice.rung == "deep"


def test_training_losses_fall_along_the_ladder() -> None:
    x = numbers(400)
    record = chosen_for(np.abs(x[:, 0]) * x[:, 1] + x[:, 0], x, recipe=NETWORK)
    means = [float(np.mean(rung.training)) for rung in record.ladder]
    assert len(means) >= 4
    assert means == sorted(means, reverse=True)
    assert means[0] == pytest.approx(1.0, rel=1e-4), "the constant leaves the whole variance of a standardised target"


def test_two_equal_fits_of_a_flexible_rung_gain_nothing_by_noise() -> None:
    """Pieces that only find noise are held down by their penalty: the curve stays next to the line."""
    x = numbers(200, columns=6)
    record = chosen_for(np.zeros(200), x, size=1.0)
    constant, pieces = record.ladder[0], record.ladder[2]
    assert float(np.mean(pieces.validation)) < 1.05 * float(np.mean(constant.validation))


def settled(rungs: tuple[str, ...], *, start: str = "below") -> tuple[list[RungFit], RungFit]:
    """Return the convex rungs and a network that makes no progress, because its learning rate is next to nothing."""
    x = numbers(150)
    problem = problem_of(frame(x), pl.Series("y", np.abs(x[:, 0]) + x[:, 1]))
    folded = folded_of(problem)
    recipe = replace(QUICK, rungs=(*rungs, "deep"), learning_rates=(1e-12,), epochs=1, start=start, weight_decay=0.0)
    climbed = climb(
        sets_of(folded, problem),
        loss_named("squared"),
        folded=folded,
        recipe=recipe,
        seed=0,
        deadline=NEVER,
        report=lambda *_: None,
    )
    return list(climbed.rungs[:-1]), climbed.rungs[-1]


@pytest.mark.parametrize("rungs", [("constant",), ("constant", "linear"), ("constant", "linear", "hard_sigmoids")])
def test_networks_start_exactly_at_the_rung_below(rungs: tuple[str, ...]) -> None:
    lower, network = settled(rungs)
    torch.testing.assert_close(network.training, lower[-1].training, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(network.validation, lower[-1].validation, rtol=1e-5, atol=1e-6)
    assert network.network is not None
    for fold, curve in enumerate(network.network.folds.curves):
        assert curve.looks[0] == 0
        assert curve.validation[0] == pytest.approx(float(lower[-1].validation[fold]), rel=1e-5)


def test_networks_can_start_at_random_instead() -> None:
    lower, network = settled(("constant", "linear", "hard_sigmoids"), start="random")
    assert float(network.training.mean()) > 5 * float(lower[-1].training.mean())


def test_networks_start_from_the_best_rung_not_from_the_last() -> None:
    """On pure noise the pieces are worse than the constant, or as good as it: the start is never the worse one."""
    random = np.random.default_rng(3)
    x, y = random.normal(size=(40, 5)), random.normal(size=40)
    problem = problem_of(frame(x), pl.Series("y", y))
    folded = folded_of(problem)
    climbed = climb(
        sets_of(folded, problem),
        loss_named("squared"),
        folded=folded,
        recipe=CONVEX,
        seed=0,
        deadline=NEVER,
        report=lambda *_: None,
    )
    assert climbed.below is not None
    lowest = min(float(rung.validation.mean()) for rung in climbed.rungs)
    assert float(climbed.below.validation.mean()) < lowest + 0.2


def network_task(recipe: Recipe) -> NetworkTask:
    x = numbers(200)
    problem = problem_of(frame(x), pl.Series("y", x[:, 0] * x[:, 1]))
    folded = folded_of(problem)
    functions = sets_of(folded, problem, recipe=recipe)["hidden"]
    return NetworkTask(functions, loss_named("squared"), folded, recipe, Start(functions, None), 0)


def test_the_probe_picks_a_sane_rate_and_survives_a_huge_one() -> None:
    recipe = replace(QUICK, learning_rates=(1e-7, 1e-2, 1e6), epochs=30)
    found = settle_network(network_task(recipe), deadline=NEVER, report=lambda _: None)
    assert found.settings.learning_rate == 1e-2
    assert found.probe is not None
    assert {rate for _, rate in found.probed} == {1e-7, 1e-2, 1e6}
    assert bool(found.folds.state.isfinite().all())


def test_where_every_rate_diverges_the_smallest_is_kept_and_nothing_breaks() -> None:
    recipe = replace(QUICK, learning_rates=(1e18, 1e19), epochs=5)
    found = settle_network(network_task(recipe), deadline=NEVER, report=lambda _: None)
    assert found.settings.learning_rate == 1e18
    assert bool(found.folds.state.isfinite().all())


def test_a_fit_whose_networks_all_diverge_keeps_the_rung_below() -> None:
    x = numbers(200)
    recipe = replace(QUICK, learning_rates=(1e18,), epochs=3)
    record = chosen_for(np.abs(x[:, 0]), x, recipe=recipe)
    assert record.choice.rung == "hard_sigmoids"
    assert record.ladder[3].outcome == "diverged"
    assert record.limit.code == "optimization"
    assert all(math.isfinite(loss) for rung in record.ladder for loss in rung.training)


def test_one_rate_needs_no_probe() -> None:
    found = settle_network(network_task(QUICK), deadline=NEVER, report=lambda _: None)
    assert found.probe is None


def test_a_single_rate_ends_its_schedule_within_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a pace the cosine would be cut off near its start, where the steps are largest."""
    readings = count()  # a clock that goes on by a millisecond whenever it is read, which is once in a few updates
    clock = SimpleNamespace(monotonic=lambda: 1e-3 * next(readings))
    for module in (network_rung, deadline):
        monkeypatch.setattr(module, "time", clock)
    task = network_task(replace(QUICK, learning_rates=(1e-2,), epochs=20_000))
    found = settle_network(task, deadline=Deadline.after(0.3), report=lambda _: None)
    assert found.share < 1
    assert "budget" not in {curve.stopped for curve in found.folds.curves}


@pytest.mark.parametrize("rates", [(1e-2,), (1e-3, 1e-2)])
def test_updates_are_halved_until_they_fit(rates: tuple[float, ...]) -> None:
    recipe = replace(QUICK, learning_rates=rates, epochs=2000)
    free = settle_network(network_task(replace(recipe, epochs=10)), deadline=NEVER, report=lambda _: None)
    tight = settle_network(network_task(recipe), deadline=Deadline.after(0.4), report=lambda _: None)
    planned = free.settings.updates * 200
    halved = math.log2(planned / tight.settings.updates)
    assert 1 <= halved == pytest.approx(round(halved), abs=0.01)


SATURATED = Recipe(
    folds=3,
    rungs=("constant", "linear", "deep"),
    width=16,
    depth=6,
    activation="sigmoid",
    start="random",
    learning_rates=(1e-5,),
    epochs=5,
)


def test_a_network_that_descent_fails_on_is_called_so_by_name() -> None:
    x = numbers(300)
    planted = 3 * x[:, 0] - x[:, 1] + 0.5 * x[:, 0] * x[:, 1]
    sick = chosen_for(planted, x, recipe=SATURATED)
    assert sick.ladder[2].outcome == "optimization_failure"
    assert sick.ladder[2].numbers["training_gap"] > 0.5
    assert sick.ladder[2].numbers["contained_training"] == pytest.approx(float(np.mean(sick.ladder[1].training)))
    assert sick.choice.rung == "linear"
    assert sick.limit.code == "optimization"


def test_its_healthy_twin_is_not() -> None:
    x = numbers(300)
    planted = 3 * x[:, 0] - x[:, 1] + 0.5 * x[:, 0] * x[:, 1]
    healthy = replace(SATURATED, activation="relu", depth=2, learning_rates=(1e-2,), start="below", epochs=60)
    record = chosen_for(planted, x, recipe=healthy)
    assert record.ladder[2].outcome == "improved"
    assert record.limit.code != "optimization"


def convex_fit(name: str, *, deadline: Deadline) -> RungFit:
    x = numbers(150)
    problem = problem_of(frame(x), pl.Series("y", np.abs(x[:, 0])))
    folded = folded_of(problem)
    return fit_rung(
        name,
        sets_of(folded, problem)[name],
        loss_named("squared"),
        folded=folded,
        recipe=CONVEX,
        below=None,
        seed=0,
        deadline=deadline,
        report=lambda _: None,
    )


def test_a_rung_that_was_computed_directly_is_whole_or_not_there() -> None:
    with pytest.raises(BudgetError):
        convex_fit("hard_sigmoids", deadline=Deadline.after(-1))


def test_a_search_for_the_penalty_that_time_ended_is_told_and_kept_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convex_rung, "_PATIENCE", 1e12)  # there is never enough time for another strength
    x, kept = numbers(200), []
    problem = problem_of(frame(x), pl.Series("y", 3 * x[:, 0] + noise(200)))
    folded = folded_of(problem)
    found = climb(
        sets_of(folded, problem),
        loss_named("squared"),
        folded=folded,
        recipe=CONVEX,
        seed=0,
        deadline=Deadline.after(100),
        report=lambda *_: None,
        keep=lambda rungs: kept.append([rung.name for rung in rungs]),
    )
    assert [rung.cut for rung in found.rungs] == [False, True, True]
    assert found.rungs[2].settings.plain_l2 == found.rungs[2].settings.piece_l2, "not what the rung below settled on"
    assert found.stopped == "budget"
    assert kept == [["constant"]]


def test_losses_of_a_fit_are_those_of_its_state() -> None:
    x = numbers(150)
    problem = problem_of(frame(x), pl.Series("y", np.abs(x[:, 0])), weights=np.linspace(1, 3, 150))
    folded = folded_of(problem)
    functions: FunctionSet = sets_of(folded, problem)["linear"]
    state = torch.randn(3, functions.state_size, generator=torch.Generator().manual_seed(0))
    rows = [folded.validation(fold) for fold in range(3)]
    found = fold_losses(functions, loss_named("squared"), state, folded, rows)
    for fold, index in enumerate(rows):
        examples = folded.examples
        outputs = examples.inputs[fold][index][:, : functions.shortcut] @ state[fold, 1:] + state[fold, 0]
        squared = (outputs - examples.targets[fold][index][:, 0]) ** 2
        weights = problem.weights[index.numpy()]
        assert float(found[fold]) == pytest.approx(float(np.average(squared, weights=weights)), rel=1e-4)


def classes_task(*, folds: int = 3) -> tuple[Problem, Folded]:
    x = numbers(150)
    problem = problem_of(frame(x), pl.Series("y", np.where(x[:, 0] * x[:, 1] > 0, "same", "other")))
    return problem, folded_of(problem, folds=folds, how="stratified")


@pytest.mark.parametrize("classes", [False, True])
def test_both_losses_of_a_network_belong_to_the_same_look(classes: bool) -> None:
    x = numbers(120)
    noisy = 3 * x[:, 0] + noise(120, 2.0)
    problem = problem_of(frame(x), pl.Series("y", noisy > 0 if classes else noisy))
    folded, loss = folded_of(problem), loss_named("cross_entropy" if classes else "squared")
    found = fit_rung(
        "hidden",
        sets_of(folded, problem)["hidden"],
        loss,
        folded=folded,
        recipe=NETWORK,
        below=None,
        seed=0,
        deadline=NEVER,
        report=lambda _: None,
    )
    assert found.network is not None
    judged = found.network.judged
    assert not torch.equal(judged.state, found.state), "the folds' own best looks are others"
    for fold in range(3):
        for rows, told in ((folded.train(fold), found.training), (folded.validation(fold), found.validation)):
            outputs = outputs_on(found.functions, judged.state[fold], examples=folded.examples, source=fold, rows=rows)
            there = loss_and_error(loss, outputs / judged.temperatures[fold], folded, fold, rows)[0]
            assert float(told[fold]) == pytest.approx(there, rel=1e-5)


def test_a_network_on_its_own_is_as_sure_as_the_folds_found_right() -> None:
    """And not as sure as its training rows made it; averaged members keep their outputs."""
    problem, folded = classes_task()
    sets, loss, recipe = sets_of(folded, problem, recipe=NETWORK), loss_named("cross_entropy"), NETWORK
    climbed = climb(
        {"hidden": sets["hidden"]},
        loss,
        folded=folded,
        recipe=replace(recipe, rungs=("hidden",)),
        seed=0,
        deadline=NEVER,
        report=lambda *_: None,
    )
    rung, rows = climbed.rungs[0], np.arange(problem.rows)
    assert rung.settings.temperature >= 1

    def again(temperature: float, fold: Fold) -> Tensor:
        as_if = replace(rung, settings=replace(rung.settings, temperature=temperature))
        alone = encode_folds(problem, [fold], deadline=NEVER)
        fitting = as_if.on_inputs(inputs=alone.width, plain=alone.plain)
        state = train_again(fitting, loss, folded=alone, recipe=recipe, below=None, seed=0, deadline=NEVER)
        return outputs_for(fitting.functions, state, alone.examples.inputs)

    torch.testing.assert_close(again(4.0, Fold(rows, rows[:0])) * 4, again(1.0, Fold(rows, rows[:0])))
    judged = Fold(rows[:100], rows[100:])
    assert torch.equal(again(4.0, judged), again(1.0, judged))


def test_only_networks_that_give_classes_have_a_temperature() -> None:
    x = numbers(120)
    table, recipe = frame(x), replace(QUICK, rungs=("linear", "hidden"))
    numbers_record = fit(Question(table, pl.Series("y", x[:, 0] ** 2)), recipe=recipe, budget=LONG).record
    classes_record = fit(
        Question(table, pl.Series("y", np.where(x[:, 0] > 0, "a", "b"))), recipe=recipe, budget=LONG
    ).record
    found = [["temperature" in rung.settings for rung in record.ladder] for record in (numbers_record, classes_record)]
    assert found == [[False, False], [False, True]]
