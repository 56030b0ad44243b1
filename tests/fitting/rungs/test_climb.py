"""Which rungs a climb leaves out, with fits that end as the test wants."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tests.fitting.planted_rungs import rung
from tests.fitting.tables import NEVER, folded_of, frame, numbers, problem_of, sets_of
from thetastar.errors import BudgetError
from thetastar.fitting import Recipe
from thetastar.fitting.rungs.climb import Climb, climb
from thetastar.fitting.rungs.rung_fit import RungFit
from thetastar.losses import loss_named

LOSSES = {"constant": 1.0, "linear": 0.5, "hard_sigmoids": 0.3, "hidden": 0.2, "deep": 0.1}


def climbed(
    monkeypatch: pytest.MonkeyPatch, *, endings: dict[str, type[BaseException]], losses: dict[str, float]
) -> Climb:
    """Climb with rungs that either raise or come out with a loss."""

    def planted(name: str, *_: object, **__: object) -> RungFit:
        if name in endings:
            raise endings[name]("ended by the test")
        return rung(name, losses[name], losses[name], stopped="finished" if name in ("hidden", "deep") else "")

    monkeypatch.setattr("thetastar.fitting.rungs.climb.fit_rung", planted)
    problem = problem_of(frame(numbers(60)), pl.Series("y", np.arange(60.0)))
    folded = folded_of(problem)
    return climb(
        sets_of(folded, problem),
        loss_named("squared"),
        folded=folded,
        recipe=Recipe(folds=3),
        seed=0,
        deadline=NEVER,
        report=lambda *_: None,
    )


@pytest.mark.parametrize(
    ("endings", "stopped", "left_out"),
    [
        ({}, "finished", ()),
        ({"hard_sigmoids": BudgetError}, "budget", ("hard_sigmoids",)),
        ({"hidden": BudgetError}, "budget", ("hidden",)),
        ({"hidden": BudgetError, "deep": BudgetError}, "budget", ("hidden", "deep")),
        ({"hidden": KeyboardInterrupt}, "interrupted", ("hidden", "deep")),
    ],
)
def test_rungs_that_time_left_out_are_told(
    endings: dict[str, type[BaseException]], stopped: str, left_out: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = climbed(monkeypatch, endings=endings, losses=LOSSES)
    assert (found.stopped, found.left_out) == (stopped, left_out)


def test_a_rung_that_another_made_needless_was_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    losses = LOSSES | {"hidden": 0.3004}
    assert climbed(monkeypatch, endings={}, losses=losses).left_out == ()
    short = climbed(monkeypatch, endings={"linear": BudgetError}, losses=losses)
    assert [one.name for one in short.rungs] == ["constant", "hard_sigmoids", "hidden"]
    assert (short.stopped, short.left_out) == ("budget", ("linear",))
