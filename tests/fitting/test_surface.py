"""The surface around θ*: finite, around the path and θ*, with the losses that the function really has."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
import torch
from torch import Tensor

from tests.fitting.tables import NEVER, QUICK, folded_of, frame, mixed, numbers, problem_of, sets_of
from thetastar.descent import Deadline, mean_loss
from thetastar.errors import BudgetError
from thetastar.fitting import surface
from thetastar.fitting.describe import input_of
from thetastar.fitting.problem import Folded, Problem
from thetastar.fitting.record import Surface
from thetastar.fitting.rungs.climb import climb
from thetastar.fitting.rungs.rung_fit import RungFit
from thetastar.fitting.surface import surface_of
from thetastar.losses import loss_named

LOSSES = ["squared", "absolute", "huber", "cross_entropy"]


def a_problem(loss: str) -> Problem:
    if loss == "cross_entropy":
        x = numbers(150)
        return problem_of(frame(x), pl.Series("y", (x[:, 0] > 0.2).astype(str)))  # separable: curvature fades near θ*
    table = mixed(150)
    return problem_of(table, pl.Series("y", 3.0 * table["size"].fill_null(0).to_numpy() + np.arange(150)))


def fitted(
    loss: str = "squared", *, rung: str = "linear", rates: tuple[float, ...] = (1e-2,)
) -> tuple[RungFit, Folded, Surface | None]:
    problem = a_problem(loss)
    folded = folded_of(problem)
    rungs = ("constant", "linear", "hard_sigmoids", "hidden")
    recipe = replace(QUICK, rungs=rungs[: rungs.index(rung) + 1], learning_rates=rates)
    climbed = climb(
        sets_of(folded, problem),
        loss_named(loss),
        folded=folded,
        recipe=recipe,
        seed=0,
        deadline=NEVER,
        report=lambda *_: None,
    )
    return (
        climbed.rungs[-1],
        folded,
        surface_of(climbed.rungs[-1], loss_named(loss), folded=folded, seed=0, deadline=NEVER),
    )


def losses_at(rung: RungFit, folded: Folded, states: Tensor, loss: str) -> list[float]:
    """Return the first fold's training loss at each state."""
    return mean_loss(
        rung.functions,
        loss_named(loss),
        state=states,
        examples=folded.examples,
        sources=[0] * len(states),
        rows=[folded.train(0)] * len(states),
    ).tolist()


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("rung", ["linear", "hard_sigmoids"])
def test_the_path_of_gradient_descent_falls_all_the_way(loss: str, rung: str) -> None:
    _, _, surface = fitted(loss, rung=rung)
    assert surface is not None
    assert len(surface.path_loss) > 10
    assert all(later <= earlier for earlier, later in pairwise(surface.path_loss))
    assert surface.path_loss[-1] < surface.path_loss[0]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("rung", ["linear", "hidden"])
def test_it_is_finite_and_holds_the_path_and_the_solution(loss: str, rung: str) -> None:
    found, _, surface = fitted(loss, rung=rung)
    assert surface is not None
    assert np.isfinite(np.array(surface.loss)).all()
    assert np.array(surface.loss).shape == (len(surface.y), len(surface.x))
    end = _end(found, surface)
    for axis, path, here in ((surface.x, surface.path_x, end[0]), (surface.y, surface.path_y, end[1])):
        assert list(axis) == sorted(axis)
        assert axis[0] < min(*path, here) <= max(*path, here) < axis[-1]


def _end(found: RungFit, surface: Surface) -> tuple[float, float]:
    """Return where θ* lies on the plane."""
    if surface.plane == "path":
        return 0.0, 0.0
    outputs = found.functions.outputs
    theta = found.state[0]
    weights = theta[outputs:].view(-1, outputs)[:, -1]
    plain = weights[: found.functions.shortcut]
    return float(theta[outputs - 1]), float(plain[plain.abs().argmax()])


def test_two_parameters_have_the_losses_of_the_function_with_these_two_changed() -> None:
    found, folded, surface = fitted()
    assert surface is not None
    assert surface.plane == "parameters"
    theta = found.state[0]
    position = int(theta[1:].abs().argmax()) + 1
    assert surface.weight == input_of(folded.encodings[0].features[position - 1])
    states = theta.repeat(3, 1)
    chosen = [(0, 0), (4, 20), (24, 7)]
    for state, (i, j) in zip(states, chosen, strict=True):
        state[0], state[position] = surface.x[j], surface.y[i]
    expected = losses_at(found, folded, states, "squared")
    assert [surface.loss[i][j] for i, j in chosen] == pytest.approx(expected, rel=1e-5)


def test_no_place_on_the_plane_is_lower_than_the_solution() -> None:
    found, folded, surface = fitted()
    assert surface is not None
    least = losses_at(found, folded, found.state[:1], "squared")[0]
    assert min(map(min, surface.loss)) >= least - 1e-4


def test_a_networks_path_has_its_own_losses_and_ends_at_the_solution() -> None:
    found, folded, surface = fitted(rung="hidden")
    assert surface is not None
    assert found.network is not None
    assert surface.plane == "path"
    assert surface.method == "adam"
    assert (surface.path_x[-1], surface.path_y[-1]) == pytest.approx((0, 0), abs=1e-6)
    states = torch.cat([found.network.folds.snapshots, found.state[:1]])
    assert list(surface.path_loss) == pytest.approx(losses_at(found, folded, states, "squared"), rel=1e-4)
    offsets = (states - found.state[0])[:, : found.functions.size]
    spread = offsets.square().sum()
    shown = torch.tensor([surface.path_x, surface.path_y]).square().sum()
    assert float(shown) > 0.5 * float(spread), "the two main directions hold most of the path"


def test_a_constant_has_no_surface() -> None:
    assert fitted(rung="constant")[2] is None


def test_a_first_member_that_diverged_is_shown_up_to_there() -> None:
    found, folded, _ = fitted(rung="hidden")
    assert found.network is not None
    snapshots = found.network.folds.snapshots.clone()
    snapshots[10:] = torch.nan
    broken = replace(found, network=replace(found.network, folds=replace(found.network.folds, snapshots=snapshots)))
    surface = surface_of(broken, loss_named("squared"), folded=folded, seed=0, deadline=NEVER)
    assert surface is not None
    assert len(surface.path_x) == 11
    assert np.isfinite(np.array(surface.loss)).all()
    snapshots[0] = torch.nan
    assert surface_of(broken, loss_named("squared"), folded=folded, seed=0, deadline=NEVER) is None


def test_it_is_given_up_when_the_time_is_up() -> None:
    found, folded, _ = fitted()
    with pytest.raises(BudgetError):
        surface_of(found, loss_named("squared"), folded=folded, seed=0, deadline=Deadline.after(-1))


def test_of_large_functions_only_a_few_states_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found, folded, whole = fitted(rung="hidden")
    asked, states = [], surface._Plane.states

    def counted(plane: surface._Plane, places: Tensor) -> Tensor:
        asked.append(len(places))
        return states(plane, places)

    monkeypatch.setattr(surface._Plane, "states", counted)
    monkeypatch.setattr(surface, "_NUMBERS_AT_ONCE", 7 * found.functions.size)
    again = surface_of(found, loss_named("squared"), folded=folded, seed=0, deadline=NEVER)
    assert max(asked) == 7
    assert whole is not None
    assert again is not None
    np.testing.assert_allclose(again.loss, whole.loss, rtol=1e-4)
