"""The rungs without hidden layers: θ* is certain, only the strength of the penalty is chosen, by the folds."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from thetastar.arrays import Floats
from thetastar.descent import ConvexProblem, Deadline, side_by_side
from thetastar.fitting.problem import Folded, FoldRows, thin
from thetastar.fitting.rungs.fold_losses import fold_losses
from thetastar.fitting.rungs.settings import Settings
from thetastar.functions import FunctionSet
from thetastar.losses import Loss

__all__ = ["Settled", "settle_convex", "train_convex"]

# Strengths of Σ u² against a mean loss of standardised targets, strong to weak: each start is near the next solution.
_FINE = tuple(10.0 ** (power / 2) for power in range(2, -13, -1))
_COARSE = (1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5)  # where each strength costs a descent
_PATIENCE = 2  # times as long as the last strength took must be left for the next, weaker one
_MOST_PRODUCTS = 1e11  # multiplications for the normal equations of a fold, some seconds
_MOST_ROWS = 1_000_000  # of a fold, however few the weights are
_MOST_NUMBERS = 5e6  # of the encoded rows of a fold, where they are gone through again and again
_RISES = 2  # so many strengths in a row that are worse than the best end the search


@dataclass(frozen=True)
class Settled:
    """What came out for a rung without hidden layers.

    Attributes:
        settings: The penalties.
        state: Each fold's θ, [folds, size].
        tried: How many strengths were.
        cut: Whether time ended the search for them.
    """

    settings: Settings
    state: Tensor
    tried: int
    cut: bool


def settle_convex(
    functions: FunctionSet, loss: Loss, *, folded: Folded, below: Settings | None, deadline: Deadline
) -> Settled:
    """Choose the penalty with the lowest mean validation loss.

    The plain inputs keep the penalty that the rung below settled; the pieces get their own, so that an infinite one
    gives the rung below back. The search ends before a strength for which no time is left.

    Raises:
        BudgetError: if the time ran out.
    """
    if functions.shortcut == 0:
        settings = Settings()
        state = train_convex(functions, loss, folded=folded, settings=settings, deadline=deadline)
        return Settled(settings, state, 1, cut=False)
    problems = _problems(functions, loss, folded, deadline)
    judges = [folded.validation(fold) for fold in range(len(folded.folds))]
    lowest, chosen, state, best, rises = math.inf, Settings(), torch.empty(0), torch.empty(0), 0
    tried, strengths = 0, _FINE if loss.name == "squared" else _COARSE
    for strength in strengths:
        begun, candidate = time.monotonic(), _settings(functions, folded, strength, below)
        state = _minimise(problems, _penalty(functions, folded, candidate), start=state)
        validation = float(fold_losses(functions, loss, state, folded, judges).mean())
        tried += 1
        if validation < lowest or not len(best):  # the first counts also where its loss can't be told
            lowest, chosen, best, rises = validation, candidate, state, 0
        else:
            rises += 1
        if rises == _RISES:
            break
        if deadline.left() < _PATIENCE * (time.monotonic() - begun):
            return Settled(chosen, best, tried, cut=tried < len(strengths))
    return Settled(chosen, best, tried, cut=False)


def train_convex(
    functions: FunctionSet, loss: Loss, *, folded: Folded, settings: Settings, deadline: Deadline
) -> Tensor:
    """Return each fold's θ under settled penalties, [folds, size].

    Raises:
        BudgetError: if the time ran out.
    """
    penalty = _penalty(functions, folded, settings)
    return _minimise(_problems(functions, loss, folded, deadline), penalty, start=torch.empty(0))


def _problems(functions: FunctionSet, loss: Loss, folded: Folded, deadline: Deadline) -> list[ConvexProblem]:
    """Return each fold's problem."""

    def problem(fold: int) -> ConvexProblem:
        examples = folded.examples
        rows = thin(folded.train(fold), _most_rows(functions, loss))
        weights = examples.weights[fold][rows]
        inputs, targets = FoldRows(examples, fold, rows, functions.leading), examples.targets_of(fold, rows)
        mass = weights / weights.sum()
        return ConvexProblem(functions, loss, inputs=inputs, targets=targets, weights=mass, deadline=deadline)

    return side_by_side(problem, range(len(folded.folds)))


def _most_rows(functions: FunctionSet, loss: Loss) -> int:
    """Return from how many rows θ* is computed: with many more rows than weights, further ones hardly move it."""
    if loss.name == "squared":
        return min(int(_MOST_PRODUCTS / max(1, functions.shortcut) ** 2), _MOST_ROWS)
    return min(int(_MOST_NUMBERS / max(1, functions.shortcut)), _MOST_ROWS)


def _minimise(problems: Sequence[ConvexProblem], penalty: Floats, *, start: Tensor) -> Tensor:
    """Return each fold's θ*, [folds, size], from θ nearby if ``start`` holds one per fold."""

    def solve(fold: int) -> Tensor:
        return problems[fold].minimise(penalty, start=start[fold] if len(start) else None)

    return torch.stack(side_by_side(solve, range(len(problems))))


def _settings(functions: FunctionSet, folded: Folded, strength: float, below: Settings | None) -> Settings:
    """Return a candidate."""
    if functions.shortcut <= folded.plain or below is None or below.plain_l2 == 0:
        return Settings(plain_l2=strength, piece_l2=strength)
    return Settings(plain_l2=below.plain_l2, piece_l2=strength)


def _penalty(functions: FunctionSet, folded: Folded, settings: Settings) -> Floats:
    """Return one penalty per shortcut input."""
    penalty = np.full(functions.shortcut, settings.plain_l2)
    penalty[folded.plain :] = settings.piece_l2
    return penalty
