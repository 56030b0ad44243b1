"""Climbing the ladder: each rung on all folds, until more flexibility does not help or the time is up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from thetastar.descent import Deadline
from thetastar.errors import BudgetError
from thetastar.fitting.codes import OutcomeCode, Stopped
from thetastar.fitting.problem import Folded
from thetastar.fitting.recipe import Recipe
from thetastar.fitting.rungs.compare import paired
from thetastar.fitting.rungs.outcome import outcome_of
from thetastar.fitting.rungs.rung_fit import RungFit, fit_rung
from thetastar.functions import FunctionSet
from thetastar.losses import Loss

__all__ = ["Climb", "Report", "climb"]

Outcome = tuple[OutcomeCode, dict[str, float]]
Report = Callable[[str, float, float], None]
Keep = Callable[[Sequence[RungFit]], None]

# Of the time left; what remains is for the rungs above and for combining the folds' members.
_RUNG_SHARE = {"constant": 1.0, "linear": 0.6, "hard_sigmoids": 0.6, "hidden": 0.4, "deep": 0.65}


@dataclass(frozen=True)
class Climb:
    """What was fitted, simplest first.

    Attributes:
        rungs: One fit each.
        outcomes: Code and numbers of each.
        below: The rung that networks started from; None if there was none.
        stopped: How it ended.
        left_out: Rungs that were asked for, and that time or Ctrl-C left nothing of.
    """

    rungs: tuple[RungFit, ...]
    outcomes: tuple[Outcome, ...]
    below: RungFit | None
    stopped: Stopped
    left_out: tuple[str, ...] = ()


def climb(
    sets: dict[str, FunctionSet],
    loss: Loss,
    *,
    folded: Folded,
    recipe: Recipe,
    seed: int,
    deadline: Deadline,
    report: Report,
    done: Sequence[RungFit] = (),
    keep: Keep | None = None,
) -> Climb:
    """Fit the recipe's rungs one after the other.

    The rungs without hidden layers are all fitted (they are cheap, and a network may help where they don't); a network
    is followed by a deeper one only if it helped. A rung that has nothing to show when its time is up is left out.
    Ctrl-C ends the climb with what was fitted so far.

    Args:
        sets: The ladder.
        loss: What is minimised.
        folded: Encoded examples.
        recipe: Which rungs, and what networks should be like.
        seed: Of all random streams.
        deadline: Of the whole climb.
        report: Called with the rung's name, its share done and the seconds left.
        done: Rungs that were fitted before the climb was cut short; they aren't fitted again.
        keep: Called with all rungs that are done, after each one that time or Ctrl-C didn't end.

    Raises:
        BudgetError: if the time is up before a rung is finished.
        KeyboardInterrupt: on Ctrl-C before a rung is finished.
    """
    fitted = {rung.name: rung for rung in done}
    climbed: list[tuple[RungFit, Outcome]] = []
    below: RungFit | None = None
    stopped: Stopped = "finished"
    for name in recipe.rungs:
        if climbed and deadline.left() <= 0:
            stopped = "budget"
            break
        until = deadline.sooner(max(deadline.left(), 0.0) * _RUNG_SHARE[name])

        def say(done: float, name: str = name) -> None:
            report(name, done, deadline.left())

        try:
            say(0.0)
            rung = fitted.get(name) or fit_rung(
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
            climbed.append((rung, outcome_of(rung, [lower for lower, _ in climbed])))
            say(1.0)
        except (BudgetError, KeyboardInterrupt) as reason:
            if not climbed:
                raise
            stopped = "interrupted" if isinstance(reason, KeyboardInterrupt) else "budget"
        else:
            below, stopped = _better(below, rung), _ended(rung, stopped)
            if keep is not None and stopped == "finished" and name not in fitted:
                keep([lower for lower, _ in climbed])
        if stopped == "interrupted" or _enough(*climbed[-1]):
            break
    rungs, outcomes = zip(*climbed, strict=True)
    return Climb(rungs, outcomes, below, stopped, _left_out(recipe.rungs, climbed, stopped))


def _left_out(asked: Sequence[str], climbed: Sequence[tuple[RungFit, Outcome]], stopped: Stopped) -> tuple[str, ...]:
    """Return the rungs that time or Ctrl-C left nothing of; not those that a rung below made needless."""
    fitted = [rung.name for rung, _ in climbed]
    last = asked.index(fitted[-1])
    wanted = asked if stopped != "finished" and not _enough(*climbed[-1]) else asked[:last]
    return tuple(name for name in wanted if name not in fitted)


def _better(below: RungFit | None, rung: RungFit) -> RungFit | None:
    """Return the rung that networks should start from."""
    if rung.functions.hidden:
        return below
    if below is None or not paired(rung.validation, below.validation).above_zero:
        return rung
    return below


def _ended(rung: RungFit, so_far: Stopped) -> Stopped:
    """Return how the climb has ended so far."""
    reasons = {curve.stopped for curve in rung.network.folds.curves} if rung.network else set()
    if "interrupted" in reasons:
        return "interrupted"
    return "budget" if rung.cut or "budget" in reasons else so_far


def _enough(rung: RungFit, outcome: Outcome) -> bool:
    """Tell whether a network didn't help, so that a deeper one needn't be tried."""
    return bool(rung.functions.hidden) and outcome[0] in ("no_gain", "worse")
