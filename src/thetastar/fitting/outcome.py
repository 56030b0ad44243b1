"""What the ladder says of each rung, and what limits the result as far as the ladder can tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from thetastar.fitting.codes import LimitCode, OutcomeCode, Stopped
from thetastar.fitting.compare import Difference, fails_to_optimise, lowest_mean, paired
from thetastar.fitting.record import Limit
from thetastar.fitting.rung_fit import RungFit

__all__ = ["Noise", "find_limit", "outcome_of"]

_LITTLE = 0.02  # of the constant's loss: what is left below this is little
_NOTHING = 1e-6  # a constant's loss below float32's resolution: the target does not vary
_MATERIAL = 0.05  # of the loss: had the last step gained less, a further one would hardly gain much
_FEWEST_ROWS = 10  # with fewer, a fold judges by one or two rows, whatever it says
_UNRESOLVED = 0.1  # of the loss: what a more flexible rung must seem to gain to ask for more rows
_NOISE_SHARE = 0.5  # of what the kept function has left: if rows of the same inputs differ by more, noise limits
_GAP_SHARE = 0.5  # of the validation loss: a gap to the training loss above this dominates it


@dataclass(frozen=True)
class Noise:
    """The error that no function of the columns can get below, as rows of the same inputs differ in the target.

    Attributes:
        least_error: Root mean square over all rows, in the target's unit; or the share of rows in a wrong class.
        classes: Whether the target is classes.
    """

    least_error: float
    classes: bool

    def share(self, rung: RungFit) -> float:
        """Return how much of a rung's squared error, or of its wrong rows, is of this kind."""
        error = rung.scores.validation_error
        left = float(error.mean()) if self.classes else math.sqrt(float(error.square().mean()))
        if not left > 0 or not math.isfinite(left):
            return 0.0
        return self.least_error / left if self.classes else (self.least_error / left) ** 2


def outcome_of(rung: RungFit, lower: Sequence[RungFit]) -> tuple[OutcomeCode, dict[str, float]]:
    """Say how a rung did against the rungs below it.

    Returns:
        The outcome's code, and the numbers it rests on.
    """
    if not lower:
        return "first", {}
    best = lower[lowest_mean([fit.validation for fit in lower])]
    difference = paired(rung.validation, best.validation)
    numbers = {"difference": difference.mean, "standard_error": difference.standard_error}
    failure, contained = _failure(rung, lower)
    if failure is not None and not rung.hurried:
        numbers |= {"training_gap": failure.mean, "training_standard_error": failure.standard_error}
        numbers |= {"contained_training": contained}
        return "optimization_failure", numbers
    return _compared(rung, difference), numbers


def _failure(rung: RungFit, lower: Sequence[RungFit]) -> tuple[Difference | None, float]:
    """Return by how much the rung's training loss is above that of a rung that it contains, and the latter."""
    easiest = lower[lowest_mean([fit.training for fit in lower])]
    return fails_to_optimise(rung.lowest_training, easiest.training), float(easiest.training.mean())


def _compared(rung: RungFit, difference: Difference) -> OutcomeCode:
    stopped = [curve.stopped for curve in rung.network.folds.curves] if rung.network else []
    if stopped and all(reason == "diverged" for reason in stopped):
        return "diverged"
    if difference.below_zero:
        return "improved"
    if rung.hurried:
        return "cut_short"
    return "worse" if difference.above_zero else "no_gain"


def find_limit(
    rungs: Sequence[RungFit],
    outcomes: Sequence[OutcomeCode],
    *,
    chosen: int,
    stopped: Stopped,
    rows: int,
    noise: Noise | None,
) -> Limit:
    """Say what limits the chosen rung, by comparing training and validation losses along the ladder.

    Args:
        rungs: What was fitted, simplest first.
        outcomes: Their outcomes' codes.
        chosen: Position of the chosen rung.
        stopped: How the climb ended.
        rows: How many rows there were.
        noise: What rows of the same inputs say; None if there are hardly any, or they agree.
    """
    rung, constant = rungs[chosen], rungs[0]
    training, validation = float(rung.training.mean()), float(rung.validation.mean())
    floor = float(constant.validation.mean())
    gain = paired(rung.validation, constant.validation) if constant.name == "constant" else None
    numbers = {
        "training": training,
        "validation": validation,
        "constant": floor,
        "gap": validation - training,
        "standard_error": paired(rung.validation, rung.training).standard_error,
        "step": _step(rungs[: chosen + 1]),
    }
    if noise is not None:
        numbers |= {"least_error": noise.least_error, "noise_share": noise.share(rung)}
    code = _limit_code(rung, numbers, outcomes=outcomes, chosen=chosen, stopped=stopped, gain=gain)
    few = rows < _FEWEST_ROWS and code not in ("small", "budget", "noise") and floor >= _NOTHING
    if few or (code in ("nothing_to_learn", "noise_or_features") and _unresolved(rungs, chosen)):
        code = "too_few_rows"
    return Limit(code, numbers)


def _unresolved(rungs: Sequence[RungFit], chosen: int) -> bool:
    """Tell whether a more flexible rung looks materially better, and the folds differ too much to say that it is."""
    kept = float(rungs[chosen].validation.mean())
    means = [float(rung.validation.mean()) for rung in rungs[chosen + 1 :]]
    return any(mean < kept * (1 - _UNRESOLVED) for mean in means if math.isfinite(mean))


def _step(rungs: Sequence[RungFit]) -> float:
    """Return by which share of its loss the last rung is below the best of those before it; 0 if it is the first."""
    if len(rungs) < 2:
        return 0.0
    before = float(rungs[lowest_mean([fit.validation for fit in rungs[:-1]])].validation.mean())
    return 1 - float(rungs[-1].validation.mean()) / before if before > 0 else 0.0


def _limit_code(
    rung: RungFit,
    numbers: dict[str, float],
    *,
    outcomes: Sequence[OutcomeCode],
    chosen: int,
    stopped: Stopped,
    gain: Difference | None,
) -> LimitCode:
    """Return what limits, first cause first. ``gain`` is against the constant, if that was fitted."""
    gap, validation, learnt = numbers["gap"], numbers["validation"], gain is None or gain.below_zero
    if numbers["constant"] < _NOTHING:
        return "nothing_to_learn"
    if learnt and validation < _LITTLE * numbers["constant"]:
        return "small"
    if any(outcome in ("optimization_failure", "diverged") for outcome in outcomes[chosen:]):
        return "optimization"
    if learnt and numbers.get("noise_share", 0.0) > _NOISE_SHARE:
        return "noise"
    if "cut_short" in outcomes or (stopped == "budget" and outcomes[-1] == "improved"):
        return "budget"
    if not learnt:
        return "nothing_to_learn"
    if gap > 2 * numbers["standard_error"] and gap > _GAP_SHARE * validation:
        return "overfitting"
    top = chosen == len(outcomes) - 1 and rung.functions.hidden and outcomes[chosen] == "improved"
    return "model_bias" if top and numbers["step"] > _MATERIAL else "noise_or_features"
