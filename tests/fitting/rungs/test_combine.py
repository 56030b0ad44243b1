"""Averaging the folds' members or training on all rows: whichever a fold that neither has seen says."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pytest
import torch

from tests.fitting.tables import CONVEX, NEVER, QUICK, Floats, frame, mixed, noise, numbers, problem_of, splitter_of
from thetastar.data import encode
from thetastar.descent import Deadline
from thetastar.errors import BudgetError
from thetastar.fitting import FoundFunction, Recipe
from thetastar.fitting.problem import Problem, Scale, encode_folds
from thetastar.fitting.rungs import combine as combine_module
from thetastar.fitting.rungs.climb import climb
from thetastar.fitting.rungs.combine import Combination, assemble, combine, row_losses
from thetastar.fitting.rungs.rung_fit import RungFit
from thetastar.fitting.setup import Setup
from thetastar.functions import evaluate, ladder
from thetastar.losses import loss_named

NOISY = Recipe(
    folds=5,
    rungs=("hidden",),
    start="random",
    width=64,
    epochs=150,
    batch_size=20,
    learning_rates=(1e-2,),
    weight_decay=0.0,
    patience=1.0,
)


@dataclass(frozen=True)
class Fitted:
    """A rung, what it was fitted with, and the rung that it started from."""

    setup: Setup
    below: RungFit | None
    rung: RungFit


def combined(fitted: Fitted, *, deadline: Deadline) -> tuple[FoundFunction, Combination]:
    return combine(fitted.rung, fitted.setup, below=fitted.below, deadline=deadline)


def averaged_of(fitted: Fitted) -> FoundFunction:
    setup = fitted.setup
    return assemble(fitted.rung, fitted.rung.state, problem=setup.problem, folded=setup.folded)


def climbed(problem: Problem, recipe: Recipe) -> Fitted:
    """Return the highest rung, and what it was fitted with."""
    classes = bool(problem.target.classes)
    splitter = splitter_of(problem, folds=recipe.folds, how="stratified" if classes else "random")
    folded = encode_folds(problem, splitter.split(), deadline=NEVER)
    sets = ladder(
        inputs=folded.width, plain=folded.plain, outputs=problem.outputs, width=recipe.width, depth=recipe.depth
    )
    loss = loss_named("cross_entropy" if classes else "squared")
    found = climb(sets, loss, folded=folded, recipe=recipe, seed=0, deadline=NEVER, report=lambda *_: None)
    return Fitted(Setup(problem, splitter, folded, loss, recipe, 0), found.below, found.rungs[-1])


def noisy_network() -> Fitted:
    """Return networks on a bent function under much noise, where each member finds noise of its own."""
    x = numbers(300, columns=6)
    y = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + noise(300, 1.0)
    return climbed(problem_of(frame(x), pl.Series("y", y), pieces=0), NOISY)


def scarce_line() -> Fitted:
    """Return a line without noise in so many columns that half of the rows can't settle it."""
    x = numbers(60, columns=24)
    y = x @ np.linspace(-1, 1, 24)
    return climbed(problem_of(frame(x), pl.Series("y", y)), Recipe(folds=2, rungs=("constant", "linear")))


def test_averaging_wins_where_members_find_noise_of_their_own() -> None:
    fitted = noisy_network()
    function, found = combined(fitted, deadline=NEVER)
    assert (found.kind, found.why) == ("ensemble", "judged")
    assert found.ensemble_loss < found.retrained_loss - found.standard_error
    assert len(function.encodings) == 5


def test_retraining_wins_where_every_row_counts() -> None:
    fitted = scarce_line()
    function, found = combined(fitted, deadline=NEVER)
    assert (found.kind, found.why) == ("retrained", "judged")
    assert found.retrained_loss < found.ensemble_loss
    assert len(function.encodings) == 1
    table = frame(numbers(200, columns=24, seed=5))
    truth = table.to_numpy() @ np.linspace(-1, 1, 24)
    single = np.mean((function.predict(table) - truth) ** 2)
    averaged = averaged_of(fitted)
    assert single < 0.5 * np.mean((averaged.predict(table) - truth) ** 2)


def test_within_noise_one_function_is_kept_if_it_can_be_read() -> None:
    x = numbers(200)
    fitted = climbed(problem_of(frame(x), pl.Series("y", x[:, 0] + noise(200))), CONVEX)
    assert combined(fitted, deadline=NEVER)[1].kind == "retrained"


def test_without_time_to_ask_nothing_is_tested() -> None:
    fitted = scarce_line()
    function, found = combined(replace(fitted, rung=replace(fitted.rung, seconds=1e6)), deadline=Deadline.after(60))
    assert (found.kind, found.why) == ("retrained", "untested")
    assert math.isnan(found.ensemble_loss)
    assert len(function.encodings) == 1
    network = noisy_network()
    function, found = combined(replace(network, rung=replace(network.rung, seconds=1e6)), deadline=Deadline.after(60))
    assert (found.kind, found.why) == ("ensemble", "untested")


def test_what_was_measured_is_told_where_no_time_is_left_to_train_again(monkeypatch: pytest.MonkeyPatch) -> None:
    x = numbers(200)
    fitted = climbed(problem_of(frame(x), pl.Series("y", x[:, 0] + noise(200))), CONVEX)

    def too_late(*_: object) -> None:
        raise BudgetError("the time ran out")

    monkeypatch.setattr(combine_module, "_all_rows", too_late)
    function, found = combined(fitted, deadline=NEVER)
    assert (found.kind, found.why) == ("ensemble", "unfinished")
    assert math.isfinite(found.retrained_loss)
    assert len(function.encodings) > 1


@pytest.mark.parametrize("left", [-1.0, 0.01])
def test_where_the_time_is_up_the_members_are_averaged(left: float) -> None:
    fitted = scarce_line()
    function, found = combined(replace(fitted, rung=replace(fitted.rung, seconds=0.0)), deadline=Deadline.after(left))
    assert found == Combination("ensemble", "untested") or left > 0
    assert np.isfinite(function.predict(fitted.setup.problem.table)).all()


def test_too_few_rows_to_split_again_are_no_error() -> None:
    x = numbers(3)
    fitted = climbed(problem_of(frame(x), pl.Series("y", x[:, 0])), Recipe(folds=3, rungs=("constant",)))
    assert combined(fitted, deadline=NEVER)[1].why == "untested"


@pytest.mark.parametrize("classes", [False, True])
@pytest.mark.parametrize("rung", ["linear", "deep"])
def test_a_prediction_is_the_mean_over_members(classes: bool, rung: str) -> None:
    table = mixed(90)
    y = np.arange(90) % 3
    recipe = replace(QUICK, rungs=("constant", rung), epochs=2)
    target = pl.Series("y", y.astype(str)) if classes else pl.Series("y", 100.0 + y * 7 + noise(90))
    fitted = climbed(problem_of(table, target), recipe)
    function = averaged_of(fitted)
    unseen = mixed(40, seed=1)
    expected = np.mean([_by_hand(function, unseen, member) for member in range(3)], 0)
    np.testing.assert_allclose(function.outputs(unseen), expected, rtol=1e-4, atol=1e-5)
    if classes:
        np.testing.assert_allclose(function.outputs(unseen).sum(1), 1)
        labels = np.array(function.target.classes)[expected.argmax(1)]
        assert function.predict(unseen).tolist() == labels.tolist()
    else:
        np.testing.assert_array_equal(function.predict(unseen), function.outputs(unseen)[:, 0])


def _by_hand(function: FoundFunction, table: pl.DataFrame, member: int) -> Floats:
    """Return a member's prediction from its own encoding, padded by hand."""
    encoding, scale = function.encodings[member], function.scales[member]
    matrix = torch.from_numpy(encode(encoding, table))
    plain, pieces = matrix[:, : encoding.plain], matrix[:, encoding.plain :]
    gap = torch.zeros(len(matrix), function.plain - encoding.plain)
    rest = torch.zeros(len(matrix), function.functions.inputs - function.plain - pieces.shape[1])
    inputs = torch.cat([plain, gap, pieces, rest], 1).unsqueeze(0)
    outputs = evaluate(function.functions, function.state[member : member + 1], inputs)[0].double()
    if function.target.classes:
        return torch.softmax(outputs, 1).numpy()
    return outputs.numpy() * scale.deviation + scale.mean


def test_a_rows_prediction_does_not_depend_on_its_company() -> None:
    fitted = noisy_network()
    function = averaged_of(fitted)
    table = frame(numbers(50, columns=6, seed=2))
    together = function.predict(table)
    alone = [function.predict(table[row : row + 1])[0] for row in range(50)]
    np.testing.assert_allclose(together, alone, rtol=1e-12)


def test_other_rows_may_teach_other_knots_and_categories() -> None:
    """The rows that a rung is trained on again have fewer towns and a coarser number: its inputs get narrower."""
    rows = 120
    town = ["a", "b"] * 30 + ["c", "d", "e", "f"] * 15
    size = [float(row % 3) for row in range(60)] + list(np.linspace(0, 9, 60))
    problem = problem_of(pl.DataFrame({"town": town, "size": size}), pl.Series("y", numbers(rows)[:, 0]))
    fitted = climbed(problem, replace(QUICK, rungs=("constant", "linear", "hard_sigmoids", "deep"), epochs=2))
    few = np.arange(60)
    for name in ("constant", "linear", "hard_sigmoids", "deep"):
        narrow = replace(problem, table=problem.table[few], y=problem.y[few], weights=problem.weights[few])
        folded = encode_folds(narrow, splitter_of(narrow).split(), deadline=NEVER)
        assert folded.plain < fitted.setup.folded.plain
        assert folded.width < fitted.setup.folded.width
        sets = ladder(inputs=fitted.setup.folded.width, plain=fitted.setup.folded.plain, outputs=1, width=16, depth=2)
        moved = replace(fitted.rung, name=name, functions=sets[name]).on_inputs(inputs=folded.width, plain=folded.plain)
        assert moved.functions == ladder(inputs=folded.width, plain=folded.plain, outputs=1, width=16, depth=2)[name]


def test_a_table_without_numbers_has_no_pieces_to_move() -> None:
    table = pl.DataFrame({"town": ["a", "b", "c"] * 20})
    y = pl.Series("y", np.tile([1.0, 2.0, 3.0], 20) + noise(60))
    fitted = climbed(problem_of(table, y), replace(QUICK, epochs=2))
    function, _ = combined(fitted, deadline=NEVER)
    assert np.isfinite(function.predict(table)).all()
    assert fitted.setup.folded.width == fitted.setup.folded.plain


def test_row_losses_are_those_of_the_loss() -> None:
    predicted = torch.tensor([[3.0], [5.0]], dtype=torch.float64)
    found = row_losses(loss_named("squared"), predicted, np.array([1.0, 5.0]), Scale(1.0, 2.0))
    assert found.tolist() == [1.0, 0.0]
    shares = torch.tensor([[0.25, 0.75], [0.5, 0.5]], dtype=torch.float64)
    found = row_losses(loss_named("cross_entropy"), shares, np.array([1, 0]), Scale(0.0, 1.0))
    assert found.tolist() == pytest.approx([-math.log(0.75), math.log(2)])
    found = row_losses(loss_named("squared_after_softmax"), shares, np.array([1, 0]), Scale(0.0, 1.0))
    assert found.tolist() == pytest.approx([2 * 0.25**2, 0.5])
