"""What limits the result, as far as the ladder can tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from thetastar.fitting.codes import LimitCode, OutcomeCode, Stopped
from thetastar.fitting.record import Limit
from thetastar.fitting.rungs.compare import Difference, lowest_mean, paired
from thetastar.fitting.rungs.rung_fit import RungFit

__all__ = ["Noise", "Repeating", "find_limit"]

_LITTLE = 0.02  # of the constant's loss: what is left below this is little
_NOTHING = 1e-6  # a constant's loss below float32's resolution: the target does not vary
_MATERIAL = 0.05  # of the loss: had the last step gained less, a further one would hardly gain much
_FEWEST_ROWS = 10  # with fewer, a fold judges by one or two rows, whatever it says
_UNRESOLVED = 0.1  # of the loss: what a more flexible rung must seem to gain to ask for more rows
_NOISE_SHARE = 0.5  # of what the kept function has left: if rows of the same inputs differ by more, noise limits
_CERTAIN = ("small", "budget", "shortened", "interrupted", "noise")  # however few rows there are
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


@dataclass(frozen=True)
class Repeating:
    """The forecast that costs nothing, beside the kept function's on the same rows.

    Attributes:
        own: The kept function's root mean squared error, one a fold.
        repeated: That of repeating the last known value.
    """

    own: tuple[float, ...]
    repeated: tuple[float, ...]

    @property
    def difference(self) -> Difference:
        """Return own − repeated over the folds, in units of the repeated error."""
        own, repeated = (torch.tensor(errors, dtype=torch.float64) for errors in (self.own, self.repeated))
        unit = float(repeated.mean()) or 1.0
        return paired(own / unit, repeated / unit)

    @property
    def left(self) -> float:
        """Return the share of repeating's squared error that the function leaves."""
        repeated = sum(error**2 for error in self.repeated)
        return sum(error**2 for error in self.own) / repeated if repeated > 0 else math.inf


@dataclass(frozen=True)
class _Climbed:
    """The ladder and what was kept of it, as the limit is read from it."""

    rungs: Sequence[RungFit]
    outcomes: Sequence[OutcomeCode]
    chosen: int
    stopped: Stopped

    @property
    def rung(self) -> RungFit:
        """Return what was kept."""
        return self.rungs[self.chosen]

    @property
    def gain(self) -> Difference | None:
        """Return kept − constant over the folds; None if no constant was fitted."""
        constant = self.rungs[0]
        return paired(self.rung.validation, constant.validation) if constant.name == "constant" else None


def find_limit(
    rungs: Sequence[RungFit],
    outcomes: Sequence[OutcomeCode],
    *,
    chosen: int,
    stopped: Stopped,
    rows: int,
    noise: Noise | None,
    repeating: Repeating | None = None,
) -> Limit:
    """Say what limits the chosen rung, by comparing training and validation losses along the ladder.

    Args:
        rungs: What was fitted, simplest first.
        outcomes: Their outcomes' codes.
        chosen: Position of the chosen rung.
        stopped: How the climb ended.
        rows: How many rows there were.
        noise: What rows of the same inputs say; None if there are hardly any, or they agree.
        repeating: How repeating the last known value does; None if the rows are no windows of a series.
    """
    climbed = _Climbed(rungs, outcomes, chosen, stopped)
    rung = climbed.rung
    training, validation = float(rung.training.mean()), float(rung.validation.mean())
    numbers = {
        "training": training,
        "validation": validation,
        "constant": float(rungs[0].validation.mean()),
        "gap": validation - training,
        "standard_error": paired(rung.validation, rung.training).standard_error,
        "step": _step(rungs[: chosen + 1]),
    }
    if noise is not None:
        numbers |= {"least_error": noise.least_error, "noise_share": noise.share(rung)}
    if repeating is not None:
        numbers["left_of_repeating"] = repeating.left
    code = _limit_code(climbed, numbers, repeating)
    few = rows < _FEWEST_ROWS and code not in _CERTAIN and numbers["constant"] >= _NOTHING
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


def _limit_code(climbed: _Climbed, numbers: dict[str, float], repeating: Repeating | None) -> LimitCode:
    """Return what limits, first cause first."""
    ahead = repeating is None or repeating.difference.below_zero
    varies = climbed.gain is None or climbed.gain.below_zero
    learnt = ahead and varies
    if numbers["constant"] < _NOTHING:
        return "nothing_to_learn"
    if learnt and _left(numbers) < _LITTLE:
        return "small"
    if any(outcome in ("optimization_failure", "diverged") for outcome in climbed.outcomes[climbed.chosen :]):
        return "optimization"
    if learnt and numbers.get("noise_share", 0.0) > _NOISE_SHARE:
        return "noise"
    if hurry := _hurry(climbed):
        return hurry
    if not learnt:
        return "nothing_to_learn" if ahead else "repeating"
    if numbers["gap"] > _GAP_SHARE * numbers["validation"]:
        return "overfitting" if numbers["gap"] > 2 * numbers["standard_error"] else "undetermined"
    return "model_bias" if _on_top(climbed) and numbers["step"] > _MATERIAL else "noise_or_features"


def _left(numbers: dict[str, float]) -> float:
    """Return the share that is left of what costs nothing: of repeating the last value, or of the constant's loss."""
    if "left_of_repeating" in numbers:
        return numbers["left_of_repeating"]
    return numbers["validation"] / numbers["constant"]


def _on_top(climbed: _Climbed) -> bool:
    """Tell whether the most flexible set was kept, a network that was better than all below."""
    last = climbed.chosen == len(climbed.outcomes) - 1
    return last and bool(climbed.rung.functions.hidden) and climbed.outcomes[climbed.chosen] == "improved"


def _hurry(climbed: _Climbed) -> LimitCode | None:
    """Return how time was short where more of it may find better; None where it was not."""
    cut = "cut_short" in climbed.outcomes
    if climbed.stopped != "finished":
        going_on = climbed.outcomes[-1] in ("improved", "interrupted") or not climbed.rungs[-1].functions.hidden
        return climbed.stopped if cut or going_on else None
    hurried = _on_top(climbed) and climbed.rung.hurried
    return "shortened" if cut or hurried else None
