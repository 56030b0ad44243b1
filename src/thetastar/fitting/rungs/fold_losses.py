"""The mean loss of each fold's member over some of the rows in its own encoding."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from thetastar.descent import mean_loss, side_by_side
from thetastar.fitting.problem import Folded
from thetastar.functions import FunctionSet
from thetastar.losses import Loss

__all__ = ["fold_losses"]


def fold_losses(functions: FunctionSet, loss: Loss, state: Tensor, folded: Folded, rows: Sequence[Tensor]) -> Tensor:
    """Return each fold's mean loss over some of its rows, [folds].

    Args:
        functions: The set of functions.
        loss: Judged by.
        state: One per fold, [folds, functions.state_size].
        folded: Encoded examples.
        rows: Which rows of each fold, whole numbers [rows].
    """

    def mean(fold: int) -> Tensor:
        examples, own = folded.examples, state[fold : fold + 1]
        return mean_loss(functions, loss, state=own, examples=examples, sources=[fold], rows=rows[fold : fold + 1])

    return torch.cat(side_by_side(mean, range(len(folded.folds))))
