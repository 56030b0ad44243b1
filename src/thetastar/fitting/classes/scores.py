"""Scores of the classes when each row gets its most probable one."""

from __future__ import annotations

import numpy as np

from thetastar.arrays import Integers
from thetastar.fitting.classes.design import Clusters, group_effects
from thetastar.fitting.classes.intervals import LEVEL, NOT_MEASURED, Floats, shares
from thetastar.fitting.classes.quality import ClassScore, Measured

__all__ = ["balanced_accuracy", "class_scores"]

_DRAWS = 2000


def class_scores(
    truth: Integers, answer: Integers, weights: Floats, *, classes: int, clusters: Clusters | None
) -> tuple[ClassScore, ...]:
    """Return precision, recall and F1 of every class with their Jeffreys intervals."""
    right = (truth == answer).astype(np.float64)
    wrong = np.flatnonzero(right == 0)  # a wrong row is missed by one class and a false alarm of another
    either = np.concatenate([np.arange(len(truth)), wrong])
    both = None if clusters is None else Clusters(clusters.code[either], clusters.count)
    precision = shares(answer, right, weights, groups=classes, clusters=clusters)
    recall = shares(truth, right, weights, groups=classes, clusters=clusters)
    group = np.concatenate([truth, answer[wrong]])
    jaccard = shares(group, right[either], weights[either], groups=classes, clusters=both)
    rows = np.bincount(truth, weights, classes).tolist()
    return tuple(
        ClassScore(position, rows[position], precision[position], recall[position], _f1(jaccard[position]))
        for position in range(classes)
    )


def _f1(jaccard: Measured) -> Measured:
    """Turn hits / (hits + missed + alarms), a share of rows with its own interval, into F1, which rises with it."""
    return Measured(*(2 * value / (1 + value) for value in (jaccard.value, jaccard.low, jaccard.high)))


def balanced_accuracy(
    truth: Integers, answer: Integers, weights: Floats, *, clusters: Clusters | None, seed: int
) -> Measured:
    """Return the mean recall of the classes that occur, with the interval of the mean of their Jeffreys posteriors.

    Where rows go together, all recalls are as much less certain as their mean is.
    """
    classes, which = np.unique(truth, return_inverse=True)
    if not len(classes):
        return NOT_MEASURED
    mass, right = np.bincount(which, weights), (truth == answer).astype(np.float64)
    hits = np.bincount(which, weights * right)
    worth = mass / np.bincount(which, weights**2)  # rows that a unit of weight is worth
    if clusters is not None:
        one, even = np.zeros(len(truth), dtype=np.int64), weights / mass[which]
        worth = worth / group_effects(one, right, even, groups=1, clusters=clusters)
    random = np.random.default_rng(seed)
    drawn = random.beta(hits * worth + 0.5, (mass - hits).clip(0) * worth + 0.5, (_DRAWS, len(classes))).mean(1)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    value = float((hits / mass).mean())
    return Measured(value, min(float(low), value), max(float(high), value))
