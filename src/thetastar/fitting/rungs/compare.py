"""Paired comparison over folds, and the one-standard-error rule."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

__all__ = ["RESOLUTION", "Difference", "fails_to_optimise", "lowest_mean", "one_standard_error", "paired"]

# Losses are computed in float32 of standardised targets, where the constant's loss is about 1: less is rounding.
RESOLUTION = 1e-6
_OPTIMISATION_SHARE = 0.01  # a training loss must be above the lower rung's by this share of it to be called a failure


@dataclass(frozen=True)
class Difference:
    """Mean over folds of a paired difference, with its standard error."""

    mean: float
    standard_error: float

    @property
    def below_zero(self) -> bool:
        """Tell whether the difference is negative beyond one standard error and beyond rounding."""
        return self.mean < -max(self.standard_error, RESOLUTION)

    @property
    def above_zero(self) -> bool:
        """Tell whether the difference is positive beyond one standard error and beyond rounding."""
        return self.mean > max(self.standard_error, RESOLUTION)


def paired(first: Tensor, second: Tensor) -> Difference:
    """Return first − second over folds, [folds] each. A loss that is not finite counts as infinitely large."""
    lost = [not bool(values.isfinite().all()) for values in (first, second)]
    if any(lost):
        return Difference(math.nan if all(lost) else math.inf if lost[0] else -math.inf, 0.0)
    difference = first.double() - second.double()
    folds = len(difference)
    error = float(difference.std()) / math.sqrt(folds) if folds > 1 else math.inf
    return Difference(float(difference.mean()), error)


def lowest_mean(losses: Sequence[Tensor]) -> int:
    """Return the position of the lowest mean over folds; one that is not finite counts as infinitely large."""
    means = [float(values.nan_to_num(math.inf, posinf=math.inf).mean()) for values in losses]
    return means.index(min(means))


def one_standard_error(validation: Sequence[Tensor]) -> tuple[int, int, Difference]:
    """Choose the simplest candidate that is not worse than the best beyond one standard error of the difference.

    The rule is Breiman et al.'s (Classification and Regression Trees, 1984, section 3.4.3), with the standard error of
    the paired difference: what all folds find equally hard says nothing about which candidate is better.

    Args:
        validation: Per candidate, simplest first, the validation loss of each fold, [folds].

    Returns:
        Position of the choice, position of the lowest mean, and their difference.
    """
    best = lowest_mean(validation)
    for position, values in enumerate(validation[: best + 1]):
        difference = paired(values, validation[best])
        if position == best or not difference.above_zero:
            return position, best, difference
    raise AssertionError("the best candidate is always among the candidates")


def fails_to_optimise(training: Tensor, below: Tensor) -> Difference | None:
    """Return by how much a rung's training loss is above a rung's that it contains, if that is beyond noise.

    A higher rung contains the lower one, so its lowest training loss cannot be larger: if it is, beyond two standard
    errors over folds (whose members differ by seed and rows) and by more than a hundredth, descent has failed, unless
    something else ended it (``outcome_of``).
    """
    difference = paired(training, below)
    noise = max(2 * difference.standard_error, _OPTIMISATION_SHARE * float(below.mean()), RESOLUTION)
    return difference if noise < difference.mean < math.inf else None
