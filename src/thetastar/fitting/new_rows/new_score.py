"""How good predictions of new rows were, where the rows hold the target: with the interval that so many rows allow."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from thetastar.arrays import Floats
from thetastar.data import Target
from thetastar.fitting.classes import Measured
from thetastar.fitting.classes.intervals import NOT_MEASURED, share

__all__ = ["NewScore", "answers_of", "score_of", "score_of_answers"]


_REACH = 1.959964  # standard errors of a 95 % interval
_FEWEST = 20  # rows for an interval of R²


@dataclass(frozen=True)
class NewScore:
    """What predictions were worth on rows with a known target.

    Attributes:
        rows: How many there were.
        right: R², the share of the target's variance that is explained; or the share of rows put into their class.
        error: Root mean squared error in the target's unit; nan for classes.
    """

    rows: int
    right: Measured
    error: float


def score_of(target: Target, outputs: Floats, values: Floats) -> NewScore:
    """Score predictions of rows whose target is known.

    The interval of R² = 1 − mean((y − f)²) / mean((y − ȳ)²) is that of a ratio of two means (the delta method); it is
    too narrow for a handful of rows, where it is left out. That of a share is Jeffreys'.

    Args:
        target: What is predicted.
        outputs: Predicted values [rows, 1], or the probability of every class [rows, classes].
        values: As ``readable_targets`` returns them; rows without a value don't count, [rows].

    Example:
        >>> grade = Target("grade", "classification", ("a", "b"), "text")
        >>> score_of(grade, np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0.0, 0.0])).right.value
        0.5
    """
    return score_of_answers(target, answers_of(target, outputs), values)


def answers_of(target: Target, outputs: Floats) -> Floats:
    """Return the predicted numbers, or the places of the most probable classes, [rows]."""
    return outputs.argmax(1).astype(np.float64) if target.classes else outputs[:, 0]


def score_of_answers(target: Target, answers: Floats, values: Floats) -> NewScore:
    """Score what ``answers_of`` returned as ``score_of`` does."""
    known = np.isfinite(values)
    answers, values = answers[known], values[known]
    rows = len(values)
    if target.classes:
        hits = float((answers == values).sum())
        return NewScore(rows, share(hits, rows - hits, float(rows)), math.nan)
    return _of_numbers(answers, values)


def _of_numbers(predicted: Floats, values: Floats) -> NewScore:
    rows = len(values)
    if not rows:
        return NewScore(0, NOT_MEASURED, math.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        missed, centred = values - predicted, values - values.mean()
        unit = 2.0 ** np.frexp(max(np.abs(missed).max(), np.abs(centred).max()))[1]  # so that no square overflows
        lost, spread = (missed / unit) ** 2, (centred / unit) ** 2
        error = math.sqrt(float(lost.mean())) * float(unit)
    if not spread.mean() > 0:
        return NewScore(rows, NOT_MEASURED, error)
    ratio = float(lost.mean() / spread.mean())
    reach = _REACH * float(np.std(lost - ratio * spread)) / float(spread.mean()) / math.sqrt(rows)
    low, high = (1 - ratio - reach, 1 - ratio + reach) if rows >= _FEWEST else (math.nan, math.nan)
    return NewScore(rows, Measured(1 - ratio, low, min(high, 1.0)), error)
