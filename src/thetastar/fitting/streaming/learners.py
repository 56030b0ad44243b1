"""How the members of a function learn from rows that come by once: by sums that give θ*, or by descent."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from thetastar.descent import Member, Moments, Onward
from thetastar.fitting.codes import Learned
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.recipe import Recipe
from thetastar.fitting.rungs.settings import Settings
from thetastar.functions import FunctionSet
from thetastar.losses import Loss

__all__ = ["Learner", "learner_of"]

_WIDEST = 3000  # inputs, of which the normal equations take 72 MB a member
_RATE = 1e-3  # of descent on rungs whose θ* is otherwise computed, and which have no learning rate of their own
_BATCH = 1024


class Learner(Protocol):
    """Members that learn from encoded rows."""

    @property
    def name(self) -> Learned:
        """Return how they learn."""
        ...

    def learn(self, inputs: Tensor, targets: Tensor, *, share: float) -> None:
        """Learn from some rows.

        Args:
            inputs: [members, rows, leading inputs].
            targets: [members, rows, outputs], or class codes [members, rows].
            share: How much of the way over all rows is done, from 0 to 1.
        """
        ...

    def state(self) -> Tensor:
        """Return where the members stand now, [members, functions.state_size]."""
        ...


def learner_of(
    function: FoundFunction, settings: Settings, loss: Loss, *, recipe: Recipe, sample: int, seed: int
) -> Learner:
    """Return what suits a function.

    Args:
        function: Where its members stand is where descent goes on from.
        settings: What was settled for it on the sample.
        loss: What is minimised.
        recipe: Weight decay and dropout of networks.
        sample: Rows that the penalty was settled for.
        seed: Of dropout.
    """
    functions = function.functions
    if loss.name == "squared" and not functions.hidden and functions.shortcut <= _WIDEST:
        penalty = np.full(functions.shortcut, settings.plain_l2)
        penalty[function.plain :] = settings.piece_l2
        return _LeastSquares(functions, penalty * sample, members=len(function.state))
    network = bool(functions.hidden)
    like = Member(
        train=torch.empty(0, dtype=torch.int64),
        seed=seed,
        learning_rate=settings.learning_rate or _RATE,
        weight_decay=recipe.weight_decay if network else 0.0,
        dropout=recipe.dropout if network else 0.0,
        batch_size=settings.batch_size or _BATCH,
    )
    return _Descent(Onward(functions, loss, state=function.state, like=like))


class _LeastSquares:
    """θ* of all rows, exactly. The penalty counts against their sum of squares as it did against the sample's."""

    name: Learned = "normal_equations"

    def __init__(self, functions: FunctionSet, penalty: np.ndarray, *, members: int) -> None:
        self._penalty = penalty
        self._moments = [Moments(functions.shortcut, functions.outputs) for _ in range(members)]

    def learn(self, inputs: Tensor, targets: Tensor, *, share: float) -> None:  # noqa: ARG002  # each row counts the same
        weights = torch.ones(inputs.shape[1])
        for moments, own, wanted in zip(self._moments, inputs, targets, strict=True):
            moments.add(own, wanted, weights)

    def state(self) -> Tensor:
        solved = [moments.solve(self._penalty / float(moments.mass)) for moments in self._moments]
        return torch.from_numpy(np.stack(solved)).float()


class _Descent:
    """Adam, whose learning rate falls along a cosine over the whole way."""

    name: Learned = "descent"

    def __init__(self, onward: Onward) -> None:
        self._onward = onward

    def learn(self, inputs: Tensor, targets: Tensor, *, share: float) -> None:
        factor = (1 + math.cos(math.pi * share)) / 2
        parts = math.ceil(inputs.shape[1] / self._onward.batch_size)
        for batch in zip(inputs.tensor_split(parts, 1), targets.tensor_split(parts, 1), strict=True):
            self._onward.learn(*batch, factor=factor)

    def state(self) -> Tensor:
        return self._onward.state
