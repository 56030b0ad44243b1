"""What the ladder says of each rung."""

from __future__ import annotations

from collections.abc import Sequence

from thetastar.fitting.codes import OutcomeCode
from thetastar.fitting.rungs.compare import Difference, fails_to_optimise, lowest_mean, paired
from thetastar.fitting.rungs.rung_fit import RungFit

__all__ = ["outcome_of"]


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
    easiest = lower[lowest_mean([fit.training for fit in lower])]
    failure = fails_to_optimise(rung.lowest_training, easiest.training)
    if failure is not None and not rung.hurried and not _stopped_in_time(rung, easiest):
        numbers |= {"training_gap": failure.mean, "training_standard_error": failure.standard_error}
        numbers |= {"contained_training": float(easiest.training.mean())}
        return "optimization_failure", numbers
    return _compared(rung, difference), numbers


def _stopped_in_time(rung: RungFit, contained: RungFit) -> bool:
    """Tell whether early stopping is why a training loss stayed above that of a rung which the rung contains.

    What all members follow to their end is the loss on unseen rows. Where that is not worse than the contained rung's,
    descent found what it was asked for, and going on would have lowered the training loss alone.
    """
    reasons = {curve.stopped for curve in rung.network.folds.curves} if rung.network else set()
    return reasons == {"early"} and not paired(rung.validation, contained.validation).above_zero


def _compared(rung: RungFit, difference: Difference) -> OutcomeCode:
    stopped = {curve.stopped for curve in rung.network.folds.curves} if rung.network else set()
    if stopped == {"diverged"}:
        return "diverged"
    if difference.below_zero:
        return "improved"
    if rung.hurried:
        return "interrupted" if "interrupted" in stopped else "cut_short"
    return "worse" if difference.above_zero else "no_gain"
