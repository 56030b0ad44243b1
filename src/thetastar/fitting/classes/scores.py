"""Scores of the classes when each row gets its most probable one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from thetastar.fitting.classes.intervals import LEVEL, NOT_MEASURED, Floats, share
from thetastar.fitting.classes.quality import ClassScore, Measured

__all__ = ["balanced_accuracy", "class_scores"]

_DRAWS = 2000

Codes = npt.NDArray[np.int64]


def class_scores(truth: Codes, answer: Codes, weights: Floats, *, classes: int) -> tuple[ClassScore, ...]:
    """Return precision, recall and F1 of every class with their Jeffreys intervals."""
    right = truth == answer
    groups = {"hits": (truth, right), "missed": (truth, ~right), "alarms": (answer, ~right)}
    sums = {name: np.bincount(which[rows], weights[rows], classes) for name, (which, rows) in groups.items()}
    squares = {name: np.bincount(which[rows], weights[rows] ** 2, classes) for name, (which, rows) in groups.items()}
    return tuple(
        _score(
            position,
            {name: float(found[position]) for name, found in sums.items()},
            {name: float(found[position]) for name, found in squares.items()},
        )
        for position in range(classes)
    )


def _score(position: int, sums: dict[str, float], squares: dict[str, float]) -> ClassScore:
    hits, missed, alarms = sums["hits"], sums["missed"], sums["alarms"]
    return ClassScore(
        position=position,
        rows=hits + missed,
        precision=share(hits, alarms, squares["hits"] + squares["alarms"]),
        recall=share(hits, missed, squares["hits"] + squares["missed"]),
        f1=_f1(share(hits, missed + alarms, sum(squares.values()))),
    )


def _f1(jaccard: Measured) -> Measured:
    """Turn hits / (hits + missed + alarms), a share of rows with its own interval, into F1, which rises with it."""
    return Measured(*(2 * value / (1 + value) for value in (jaccard.value, jaccard.low, jaccard.high)))


def balanced_accuracy(truth: Codes, answer: Codes, weights: Floats, *, seed: int) -> Measured:
    """Return the mean recall of the classes that occur, with the interval of the mean of their Jeffreys posteriors."""
    classes, which = np.unique(truth, return_inverse=True)
    if not len(classes):
        return NOT_MEASURED
    mass = np.bincount(which, weights)
    hits = np.bincount(which, weights * (truth == answer))
    worth = mass / np.bincount(which, weights**2)  # rows that a unit of weight is worth
    random = np.random.default_rng(seed)
    drawn = random.beta(hits * worth + 0.5, (mass - hits).clip(0) * worth + 0.5, (_DRAWS, len(classes))).mean(1)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    value = float((hits / mass).mean())
    return Measured(value, min(float(low), value), max(float(high), value))
