"""How well each fold's member does on the rows it was trained on and on those that judge it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from thetastar.descent import outputs_for, side_by_side
from thetastar.fitting.problem import Folded
from thetastar.functions import FunctionSet
from thetastar.losses import Loss

__all__ = ["Scores", "score_folds", "stopped_by_others"]


@dataclass(frozen=True)
class Scores:
    """Losses and errors of each fold, [folds] each.

    Attributes:
        training: Mean loss on the training rows.
        validation: Mean loss on the validation rows; a network's at the look that the other folds chose.
        training_error: Root mean square in the target's unit, or share of rows put into a wrong class.
        validation_error: The same on the validation rows; a network's as ``stopped_by_others`` says.
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


def stopped_by_others(
    scores: Scores, validation: Sequence[Sequence[float]], *, deviations: Sequence[float] | None = None
) -> Scores:
    """Return a network's scores with each fold's validation loss taken where the other folds would have stopped it.

    A fold's own validation rows chose when its member stopped, the luckiest of many looks, the first of which is the
    simpler function that it started from: judged there, a network could never come out worse than that function, on
    noise neither. The look at which the mean of the other folds' losses is lowest owes nothing to the fold's own rows.

    Args:
        scores: At the kept states.
        validation: Each fold's losses at the looks that its member lived to see; one that had left by then counts with
            its last finite loss.
        deviations: Each fold's deviation of the target where the loss is the squared one: its root is then the error,
            which is taken at the same look. None where the losses don't tell the errors; they stay at the kept state.

    Example:
        >>> zeros = torch.zeros(2)
        >>> looks = [[4.0, 1.0, 2.0], [4.0, 3.0, 2.5]]  # the first had a luckier look of its own
        >>> stopped_by_others(Scores(zeros, zeros, zeros, zeros), looks).validation.tolist()
        [2.0, 3.0]
    """
    longest, rows = max(len(losses) for losses in validation), []
    for losses in validation:
        finite = [value for value in losses if math.isfinite(value)] or [math.inf]
        rows.append(finite + [finite[-1]] * (longest - len(finite)))
    table = torch.tensor(rows, dtype=torch.float64)
    others = (torch.ones(len(rows), len(rows), dtype=torch.float64) - torch.eye(len(rows), dtype=torch.float64)) @ table
    honest = table.gather(1, others.argmin(1, keepdim=True))[:, 0]
    if deviations is None:
        return replace(scores, validation=honest.float())
    errors = honest.sqrt() * torch.tensor(deviations, dtype=torch.float64)
    return replace(scores, validation=honest.float(), validation_error=errors)


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
