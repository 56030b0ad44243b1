"""Permutation importance: what is lost on held-out rows when a column's values are shuffled among them.

Breiman, Random Forests (2001), section 10; Fisher, Rudin and Dominici, All Models are Wrong, but Many are Useful
(2019), who call it model reliance. It says what the function needs, not what causes the target: of two columns that
tell the same, each can stand in for the other, so that they share the importance.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from thetastar.arrays import Floats, Integers
from thetastar.descent import Deadline, side_by_side
from thetastar.errors import BudgetError
from thetastar.fitting.evidence import Importance
from thetastar.fitting.explain.subject import Subject, places_by_column
from thetastar.fitting.rungs.scores import loss_and_error

__all__ = ["importance"]

_PERMUTATIONS = 5
_MOST_ROWS = 2_000  # of each fold
_FEWEST_ROWS = 200  # even if the table is so wide that
_MOST_NUMBERS = 100_000_000  # encoded numbers would be read for one permutation of every column


def importance(subject: Subject, *, deadline: Deadline) -> tuple[Importance, ...]:
    """Return the importance of every column for the function's folds, the largest first.

    Each fold's member judges its own validation rows, in which the values of one column of the table were replaced by
    those of other rows, before they are encoded: all inputs of the column move together.

    Returns:
        Nothing for a constant, or if there was no time to permute every column once.
    """
    if subject.constant:
        return ()
    rounds: list[Floats] = []
    try:
        while len(rounds) < _PERMUTATIONS:
            permuted = side_by_side(lambda fold: _increases(subject, fold, len(rounds), deadline), range(subject.folds))
            rounds.append(np.stack(permuted, axis=1))
    except BudgetError:
        if not rounds:
            return ()
    means = np.mean(rounds, axis=0)  # [columns, folds, loss or error]
    order = np.argsort(-means[:, :, 0].mean(1), kind="stable")
    names = _columns(subject)
    return tuple(
        Importance(names[i], tuple(means[i, :, 0].tolist()), tuple(means[i, :, 1].tolist()), len(rounds)) for i in order
    )


def donors(weights: Floats, random: np.random.Generator) -> Integers:
    """Return the row that each row takes its value from: a permutation; rows of more weight give it more often.

    A row that stands for three identical ones gives as often as three rows would. With equal weights each gives once.
    """
    ends = np.cumsum(weights)
    middles = (np.arange(len(weights)) + 0.5) / len(weights) * ends[-1]
    return random.permutation(np.searchsorted(ends, middles, side="right"))


def _columns(subject: Subject) -> tuple[str, ...]:
    return tuple(column.name for column in subject.problem.columns if column.used)


def _increases(subject: Subject, fold: int, permutation: int, deadline: Deadline) -> Floats:
    """Return by how much loss and error of a fold rise when each column is permuted, [columns, 2]."""
    folded, columns = subject.folded, _columns(subject)
    rows = subject.judging_rows(fold, most=_rows_for(len(columns) * folded.width))
    inputs = folded.examples.take(fold, rows, leading=folded.width)
    weights = folded.examples.weights[fold][rows].double().numpy()
    places = places_by_column(folded.encodings[fold], plain=folded.plain)

    def judge(seen: Tensor) -> Floats:
        deadline.check()
        return np.array(loss_and_error(subject.loss, subject.outputs(fold, seen), folded, fold, rows))

    before, increases = judge(inputs), []
    for position, column in enumerate(columns):
        taken = donors(weights, np.random.default_rng((subject.seed, fold, permutation, position)))
        shuffled = inputs.clone()
        shuffled[:, places[column]] = inputs[:, places[column]][torch.from_numpy(taken)]
        increases.append(judge(shuffled) - before)
    return np.array(increases)


def _rows_for(numbers: int) -> int:
    """Return how many rows to judge on, if one row with every column permuted once is so many numbers."""
    return int(np.clip(_MOST_NUMBERS // max(1, numbers), _FEWEST_ROWS, _MOST_ROWS))
