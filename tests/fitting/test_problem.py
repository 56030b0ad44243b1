"""Folds learn from their own rows only, and padding changes no prediction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch

from tests.fitting.tables import NEVER, QUICK, folded_of, mixed, problem_of, sets_of
from thetastar.data import Fold, encode
from thetastar.descent import Deadline, outputs_for
from thetastar.errors import BudgetError
from thetastar.fitting.problem import Folded, Problem, encode_folds, pad
from thetastar.fitting.rungs.convex_rung import train_convex
from thetastar.fitting.rungs.network_rung import NetworkTask, Start, train_network
from thetastar.fitting.rungs.settings import Settings
from thetastar.functions import FunctionSet, initial, views
from thetastar.losses import loss_named

ROWS = 120
FOLD = Fold(np.arange(0, 90), np.arange(90, ROWS))


def a_problem(*, poisoned: bool = False, classes: bool = False) -> Problem:
    """Return a problem, the validation rows of FOLD being poisoned in every column, the target and the weights."""
    table = mixed(ROWS)
    y = pl.Series("y", np.arange(ROWS) % 3).cast(pl.String) if classes else pl.Series("y", np.sin(np.arange(ROWS)))
    problem = problem_of(table, y, weights=np.linspace(1, 2, ROWS))
    if not poisoned:
        return problem
    bad = pl.DataFrame(
        {
            "size": pl.Series([None, 1e12, -1e12] * 10),
            "town": pl.Series(["poison", None, "venom"] * 10),
            "new": pl.Series([None] * 30, dtype=pl.Boolean),
            "sold": pl.Series([None, 0, 90_000] * 10, dtype=pl.Int32).cast(pl.Date),
        }
    )
    values, weights = problem.y.copy(), problem.weights.copy()
    values[90:], weights[90:] = (0 if classes else 1e9), 1e6
    return replace(problem, table=pl.concat([table[:90], bad]), y=values, weights=weights)


@pytest.mark.parametrize("classes", [False, True])
def test_a_validation_row_cannot_influence_what_its_fold_is_taught(classes: bool) -> None:
    clean, poisoned = (
        encode_folds(a_problem(poisoned=bad, classes=classes), [FOLD], deadline=NEVER) for bad in (False, True)
    )
    assert clean.encodings == poisoned.encodings
    assert clean.scales == poisoned.scales
    rows = clean.train(0)
    for name in ("inputs", "targets", "weights"):
        first, second = (getattr(folded.examples, name)[0][rows] for folded in (clean, poisoned))
        assert torch.equal(first, second), name
    assert not torch.equal(clean.examples.inputs[0][90:], poisoned.examples.inputs[0][90:])


@pytest.mark.parametrize("rung", ["linear", "hard_sigmoids", "hidden"])
def test_a_validation_row_cannot_influence_the_weights(rung: str) -> None:
    clean, poisoned = (_theta(a_problem(poisoned=bad), rung) for bad in (False, True))
    assert torch.equal(clean, poisoned)


def _theta(problem: Problem, rung: str) -> torch.Tensor:
    """Return θ under settled hyper-parameters: those are what the validation rows are there to choose."""
    folded = encode_folds(problem, [FOLD], deadline=NEVER)
    functions, loss = sets_of(folded, problem)[rung], loss_named("squared")
    if not functions.hidden:
        settings = Settings(plain_l2=1e-2, piece_l2=1e-2)
        return train_convex(functions, loss, folded=folded, settings=settings, deadline=NEVER)
    task = NetworkTask(functions, loss, folded, QUICK, Start(functions, None), 0)
    settings = Settings(batch_size=30, updates=30, stop=30)
    unjudged = replace(task, folded=replace(folded, folds=(Fold(FOLD.train, FOLD.validation[:0]),)))
    trained = train_network(unjudged, settings, members=[(0, 1e-2)], deadline=NEVER, report=lambda _: None)
    return trained.state


def test_weights_are_one_on_average_over_the_training_rows() -> None:
    folded = encode_folds(a_problem(), [FOLD, Fold(FOLD.validation, FOLD.train)], deadline=NEVER)
    for fold in range(2):
        assert float(folded.examples.weights[fold][folded.train(fold)].mean()) == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize("each", [1.0, 3.0])
def test_equal_weights_take_no_memory(each: float) -> None:
    problem = replace(a_problem(), weights=np.broadcast_to(each, ROWS))
    weights = encode_folds(problem, [FOLD, FOLD], deadline=NEVER).examples.weights
    assert torch.equal(weights, torch.ones(2, ROWS))
    assert weights.untyped_storage().nbytes() == 4


def test_targets_are_standardised_by_the_weighted_training_rows() -> None:
    problem = a_problem()
    folded = encode_folds(problem, [FOLD], deadline=NEVER)
    y, weights = problem.y[:90], problem.weights[:90]
    mean = np.average(y, weights=weights)
    deviation = np.sqrt(np.average((y - mean) ** 2, weights=weights))
    assert (folded.scales[0].mean, folded.scales[0].deviation) == pytest.approx((mean, deviation))
    np.testing.assert_allclose(folded.examples.targets[0][:, 0], (problem.y - mean) / deviation, rtol=1e-5)


def test_a_constant_target_has_deviation_one() -> None:
    problem = replace(a_problem(), y=np.full(ROWS, 7.0))
    folded = encode_folds(problem, [FOLD], deadline=NEVER)
    assert folded.scales[0].deviation == 1.0
    assert float(folded.examples.targets.abs().max()) == 0.0


def uneven() -> tuple[Problem, Folded]:
    """Return folds whose training rows have other categories, gaps and knots."""
    rows = np.arange(80)
    table = pl.DataFrame(
        {
            "town": ["a", "b"] * 20 + ["c", "d", "e", "a"] * 10,
            "size": [float(row % 2) for row in range(40)] + [None, *np.linspace(0, 9, 39)],
        }
    )
    problem = problem_of(table, pl.Series("y", np.linspace(0, 1, 80)))
    return problem, encode_folds(problem, [Fold(rows[:40], rows[40:]), Fold(rows[40:], rows[:40])], deadline=NEVER)


def test_folds_of_other_widths_are_padded_to_the_same_one() -> None:
    _, folded = uneven()
    first, second = folded.encodings
    assert first.plain < second.plain == folded.plain
    assert first.width < second.width == folded.width
    assert not folded.examples.inputs[0][:, first.plain : folded.plain].any()


@pytest.mark.parametrize("rung", ["linear", "hard_sigmoids", "hidden", "deep"])
def test_padding_changes_no_prediction(rung: str) -> None:
    problem, folded = uneven()
    functions = sets_of(folded, problem)[rung]
    state = initial(functions, [0, 1])
    state += 0.1 * torch.randn(state.shape, generator=torch.Generator().manual_seed(0))
    padded = outputs_for(functions, state[:1], folded.examples.inputs[:1])
    narrow, own = _without_padding(functions, state[:1], folded)
    plain = torch.from_numpy(encode(folded.encodings[0], problem.table)).unsqueeze(0)
    torch.testing.assert_close(padded, outputs_for(narrow, own, plain))


def _without_padding(functions: FunctionSet, state: torch.Tensor, folded: Folded) -> tuple[FunctionSet, torch.Tensor]:
    """Return the first fold's function on its own encoding's inputs."""
    encoding = folded.encodings[0]
    here = [*range(encoding.plain), *range(folded.plain, folded.plain + encoding.width - encoding.plain)]
    reads = encoding.width if functions.reads else 0
    shortcut = encoding.plain if functions.shortcut == folded.plain else encoding.width
    narrow = replace(functions, inputs=encoding.width, shortcut=shortcut, reads=reads)
    own = torch.zeros(1, narrow.state_size)
    wide = views(functions.parts, state)
    for name, part in views(narrow.parts, own).items():
        source = wide[name][:, here[: part.shape[1]]] if name in ("shortcut", "weight0") else wide[name]
        part.copy_(source)
    return narrow, own


def test_pad_puts_pieces_after_all_plain_inputs() -> None:
    _, folded = uneven()
    encoding = folded.encodings[0]
    matrix = torch.arange(float(encoding.width)).add(1).unsqueeze(0)
    into = torch.full((1, folded.width), -1.0)
    pad(matrix, encoding, into=into, plain=folded.plain)
    assert into[0, : encoding.plain].tolist() == matrix[0, : encoding.plain].tolist()
    pieces = encoding.width - encoding.plain
    assert into[0, folded.plain : folded.plain + pieces].tolist() == matrix[0, encoding.plain :].tolist()
    assert float(into.sum()) == float(matrix.sum())


def test_folds_train_side_by_side_as_they_do_alone() -> None:
    """The examples of a fold are its own: a population over all folds equals a population of one fold."""
    problem = a_problem()
    folded = folded_of(problem)
    functions, loss = sets_of(folded, problem)["hidden"], loss_named("squared")
    task = NetworkTask(functions, loss, folded, QUICK, Start(functions, None), 0)
    settings = Settings(batch_size=20, updates=25)
    members = [(fold, 1e-2) for fold in range(3)]
    together = train_network(task, settings, members=members, deadline=NEVER, report=lambda _: None)
    alone = train_network(task, settings, members=members[1:2], deadline=NEVER, report=lambda _: None)
    torch.testing.assert_close(together.state[1:2], alone.state, atol=1e-5, rtol=1e-4)


def test_encoding_stops_when_the_time_is_up() -> None:
    with pytest.raises(BudgetError):
        encode_folds(a_problem(), [FOLD], deadline=Deadline.after(-1))
