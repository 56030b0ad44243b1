"""How well each fold's member does on the rows it was trained on and on those that judge it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from thetastar.descent import MemberCurve, outputs_on, side_by_side
from thetastar.fitting.problem import MOST_JUDGES, Folded, thin
from thetastar.functions import FunctionSet
from thetastar.losses import Loss

__all__ = [
    "Scores",
    "Stops",
    "agreed_stops",
    "agreed_temperature",
    "loss_and_error",
    "score_folds",
    "stopped_by_others",
]


@dataclass(frozen=True)
class Scores:
    """Losses and errors of each fold, [folds] each.

    Attributes:
        training: Mean loss on the training rows; like all of these, a network's where ``Stops`` says.
        validation: Mean loss on the validation rows.
        training_error: Root mean square in the target's unit, or share of rows put into a wrong class.
        validation_error: The same on the validation rows.
    """

    training: Tensor
    validation: Tensor
    training_error: Tensor
    validation_error: Tensor


def score_folds(
    functions: FunctionSet, loss: Loss, *, state: Tensor, temperatures: Sequence[float], folded: Folded
) -> Scores:
    """Score each fold's member on both parts of its rows, of those it was trained on an even share if they are many.

    Args:
        functions: The set of functions.
        loss: Judged by.
        state: One per fold, [folds, functions.state_size].
        temperatures: What each member's outputs are divided by, [folds].
        folded: Encoded examples.
    """

    def score(fold: int) -> Tensor:
        both = (thin(folded.train(fold), MOST_JUDGES), folded.validation(fold))
        outputs = outputs_on(functions, state[fold], examples=folded.examples, source=fold, rows=torch.cat(both))
        outputs = outputs / temperatures[fold]
        each = zip(torch.split(outputs, [len(rows) for rows in both]), both, strict=True)
        return torch.tensor([loss_and_error(loss, predicted, folded, fold, rows) for predicted, rows in each])

    scores = torch.stack(
        side_by_side(score, range(len(folded.folds)))
    )  # [folds, training or validation, loss or error]
    return Scores(scores[:, 0, 0], scores[:, 1, 0], scores[:, 0, 1], scores[:, 1, 1])


@dataclass(frozen=True)
class Stops:
    """Where each fold's member is judged: at the look and temperature that the other folds choose.

    A fold's own validation rows chose when its member stopped, the luckiest of many looks, the first of which is the
    simpler function that it started from: judged there, a network could never come out worse than that function, on
    noise neither. The look and temperature at which the mean of the other folds' losses is lowest owe nothing to the
    fold's own rows.

    Attributes:
        looks: Of the fold's own looks at every so many, [folds]; the last finite one where the others chose a later.
        temperatures: Positions among those that were tried, [folds].
        losses: There, [folds].
        errors: There, [folds].
    """

    looks: tuple[int, ...]
    temperatures: tuple[int, ...]
    losses: Tensor
    errors: Tensor


def agreed_stops(curves: Sequence[MemberCurve], *, every: int = 1) -> Stops:
    """Return where each fold's member is judged.

    Args:
        curves: What each fold's member recorded; one that had left before a look counts with its last finite loss.
        every: Of so many looks one may be chosen, as the states of the others aren't kept.
    """
    losses, errors, places = _looks(curves, every)
    chosen = torch.stack([_lowest(losses, but=fold) for fold in range(len(curves))])
    folds, looks, temperatures = torch.arange(len(curves)), *chosen.T
    return Stops(
        looks=tuple(places[folds, looks].tolist()),
        temperatures=tuple(temperatures.tolist()),
        losses=losses[folds, looks, temperatures],
        errors=errors[folds, looks],
    )


def stopped_by_others(scores: Scores, stops: Stops, *, deviations: Sequence[float]) -> Scores:
    """Return a network's scores with each fold judged where the other folds say.

    Args:
        scores: At the kept states.
        stops: Where each fold is judged.
        deviations: Each fold's deviation of the target, 1 for classes.
    """
    return replace(
        scores,
        validation=stops.losses.float(),
        validation_error=stops.errors * torch.tensor(deviations, dtype=torch.float64),
    )


def agreed_temperature(curves: Sequence[MemberCurve]) -> int:
    """Return the position of the temperature at which the mean of all folds' losses is lowest, at whichever look."""
    return int(_lowest(_looks(curves, 1)[0])[1])


def _looks(curves: Sequence[MemberCurve], every: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return losses [folds, looks, temperatures], errors [folds, looks] and each fold's own looks [folds, looks].

    Where a fold has no further finite loss, its last one goes on.
    """
    longest, losses, errors, places = max(len(curve.looks[::every]) for curve in curves), [], [], []
    for curve in curves:
        seen = torch.tensor(curve.by_temperature[::every], dtype=torch.float64).nan_to_num(math.inf, posinf=math.inf)
        finite = seen.isfinite().all(1)
        last = torch.where(finite, torch.arange(len(finite)), -1).cummax(0).values.tolist()
        index = [max(place, 0) for place in last] + [max(last[-1], 0)] * (longest - len(last))
        losses.append(seen[index])
        errors.append(torch.tensor(curve.error[::every], dtype=torch.float64)[index])
        places.append(torch.tensor(index))
    return torch.stack(losses), torch.stack(errors), torch.stack(places)


def _lowest(losses: Tensor, *, but: int | None = None) -> Tensor:
    """Return the look and the temperature at which the mean over all folds, or all but one, is lowest, [2]."""
    others = [fold for fold in range(len(losses)) if fold != but]
    place = losses[others].mean(0).argmin()
    return torch.stack([place // losses.shape[2], place % losses.shape[2]])


def loss_and_error(loss: Loss, predicted: Tensor, folded: Folded, fold: int, rows: Tensor) -> tuple[float, float]:
    """Return a member's weighted mean loss and error on some rows, from its outputs for them, [rows, outputs]."""
    weights = folded.examples.weights[fold][rows]
    shares = weights / weights.sum()
    targets = folded.examples.targets_of(fold, rows)
    value = float(loss.value(predicted.unsqueeze(0), targets.unsqueeze(0), shares.unsqueeze(0))[0])
    if not targets.is_floating_point():
        return value, float((shares * (predicted.argmax(1) != targets)).sum())
    squares = (predicted - targets).double().square().sum(1)
    return value, math.sqrt(float((shares * squares).sum())) * folded.scales[fold].deviation
