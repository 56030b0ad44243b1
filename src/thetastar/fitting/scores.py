"""How well each fold's member does on the rows it was trained on and on those that judge it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.descent import outputs_for, side_by_side
from thetastar.fitting.problem import Folded
from thetastar.functions import FunctionSet
from thetastar.losses import Loss

__all__ = ["Scores", "score_folds"]


@dataclass(frozen=True)
class Scores:
    """Losses and errors of each fold, [folds] each.

    Attributes:
        training: Mean loss on the training rows.
        validation: Mean loss on the validation rows.
        training_error: Root mean square in the target's unit, or share of rows put into a wrong class.
        validation_error: The same on the validation rows.
    """

    training: Tensor
    validation: Tensor
    training_error: Tensor
    validation_error: Tensor


def score_folds(functions: FunctionSet, loss: Loss, *, state: Tensor, folded: Folded) -> Scores:
    """Score each fold's member on both parts of its rows, all from one pass over the rows.

    Args:
        functions: The set of functions.
        loss: Judged by.
        state: One per fold, [folds, functions.state_size].
        folded: Encoded examples.
    """

    def score(fold: int) -> Tensor:
        outputs = outputs_for(functions, state[fold : fold + 1], folded.examples.inputs[fold : fold + 1])[0]
        both = (folded.train(fold), folded.validation(fold))
        return torch.tensor([_loss_and_error(loss, outputs, folded, fold, rows) for rows in both])

    scores = torch.stack(
        side_by_side(score, range(len(folded.folds)))
    )  # [folds, training or validation, loss or error]
    return Scores(scores[:, 0, 0], scores[:, 1, 0], scores[:, 0, 1], scores[:, 1, 1])


def _loss_and_error(loss: Loss, outputs: Tensor, folded: Folded, fold: int, rows: Tensor) -> tuple[float, float]:
    """Return a member's weighted mean loss and error on some rows, from its outputs for all of them."""
    weights = folded.examples.weights[fold][rows]
    shares, predicted = weights / weights.sum(), outputs[rows]
    targets = folded.examples.targets[fold][rows]
    value = float(loss.value(predicted.unsqueeze(0), targets.unsqueeze(0), shares.unsqueeze(0))[0])
    if not targets.is_floating_point():
        return value, float((shares * (predicted.argmax(1) != targets)).sum())
    squares = (predicted - targets).double().square().sum(1)
    return value, math.sqrt(float((shares * squares).sum())) * folded.scales[fold].deviation
