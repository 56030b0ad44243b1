"""Climbing the ladder: each rung on all folds, until more flexibility does not help or the time is up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from thetastar.descent import Deadline
from thetastar.fitting.compare import paired
from thetastar.fitting.outcome import outcome_of
from thetastar.fitting.problem import Folded
from thetastar.fitting.recipe import Recipe
from thetastar.fitting.rung_fit import RungFit, fit_rung
from thetastar.functions import FunctionSet
from thetastar.losses import Loss

__all__ = ["Climb", "Report", "climb"]

Report = Callable[[str, float, float], None]

_RUNG_SHARE = {"hidden": 0.4, "deep": 0.65}  # of the time left; what remains is for combining the folds' members


@dataclass(frozen=True)
class Climb:
    """What was fitted, simplest first.

    Attributes:
        rungs: One fit each.
        outcomes: Code and numbers of each.
        below: The rung that networks started from; None if there was none.
        stopped: finished, budget or interrupted.
    """

    rungs: tuple[RungFit, ...]
    outcomes: tuple[tuple[str, dict[str, float]], ...]
    below: RungFit | None
    stopped: str


def climb(
    sets: dict[str, FunctionSet],
    loss: Loss,
    *,
    folded: Folded,
    recipe: Recipe,
    seed: int,
    deadline: Deadline,
    report: Report,
) -> Climb:
    """Fit the recipe's rungs one after the other.

    The rungs without hidden layers are all fitted (they are cheap, and a network may help where they don't); a network
    is followed by a deeper one only if it helped. Ctrl-C ends the climb with what was fitted so far; before the first
    rung is finished there is nothing to return, and it goes on as KeyboardInterrupt.
    """
    rungs: list[RungFit] = []
    outcomes: list[tuple[str, dict[str, float]]] = []
    below: RungFit | None = None
    stopped = "finished"
    for name in recipe.rungs:
        if rungs and deadline.left() <= 0:
            stopped = "budget"
            break
        until = deadline.sooner(max(deadline.left(), 0.0) * _RUNG_SHARE.get(name, 1.0))

        def say(done: float, name: str = name) -> None:
            report(name, done, deadline.left())

        try:
            say(0.0)
            rung = fit_rung(
                name,
                sets[name],
                loss,
                folded=folded,
                recipe=recipe,
                below=below,
                seed=seed,
                deadline=until,
                report=say,
            )
        except KeyboardInterrupt:
            if not rungs:
                raise
            stopped = "interrupted"
            break
        outcomes.append(outcome_of(rung, rungs))
        rungs.append(rung)
        say(1.0)
        reasons = _reasons(rung)
        if "interrupted" in reasons:
            stopped = "interrupted"
            break
        if "budget" in reasons:
            stopped = "budget"
        if not rung.functions.hidden:
            below = _better(below, rung)
        elif outcomes[-1][0] in ("no_gain", "worse"):
            break
    return Climb(tuple(rungs), tuple(outcomes), below, stopped)


def _reasons(rung: RungFit) -> set[str]:
    """Return why the folds' members stopped."""
    return {curve.stopped for curve in rung.network.folds.curves} if rung.network else set()


def _better(below: RungFit | None, rung: RungFit) -> RungFit:
    """Return the rung that networks should start from."""
    if below is None or not paired(rung.validation, below.validation).above_zero:
        return rung
    return below
