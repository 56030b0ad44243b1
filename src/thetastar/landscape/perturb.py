"""How far the loss rises when each parameter moves by a share of its own size: sharpness that scales can't change."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import normalize

from thetastar.landscape.objective import Objective
from thetastar.landscape.operator import stream

__all__ = ["rise_at_random", "row_sized", "worst_rise"]

_MOST_CLIMBS = 10  # of one start, a gradient each; most starts end after two or three


def row_sized(theta: Tensor, shapes: Sequence[torch.Size], *, random: torch.Generator) -> Tensor:
    """Return a random direction [size] each of whose rows is as long as θ's.

    A row is what makes one output: of a matrix its row, of a convolution its filter. Biases and the parameters of
    normalisation stay where they are (Li et al., Visualizing the Loss Landscape of Neural Nets, 2018, section 4). If
    there is nothing else, each vector is one row.
    """
    only_vectors = all(len(shape) <= 1 for shape in shapes)
    pieces = []
    for piece, shape in zip(torch.split(theta, [shape.numel() for shape in shapes]), shapes, strict=True):
        drawn = torch.randn(len(piece), generator=random, dtype=torch.float64).to(theta)
        if len(shape) <= 1 and not only_vectors:
            pieces.append(torch.zeros_like(piece))
            continue
        count = 1 if only_vectors else shape[0]
        lengths = piece.view(count, -1).norm(dim=1, keepdim=True)
        pieces.append((lengths * normalize(drawn.view(count, -1), dim=1)).flatten())
    return torch.cat(pieces)


def rise_at_random(objective: Objective, *, share: float, draws: int, loss: float, seed: int) -> tuple[float, float]:
    """Return by how much the loss rises on average if each row moves at random by a share of its length.

    Args:
        objective: Whose loss.
        share: Of each row's length.
        draws: Random directions.
        loss: At θ.
        seed: Of the directions.

    Returns:
        The mean over the draws, and its standard error.
    """
    random, theta = stream("rows", seed), objective.theta
    moved = [objective.loss(theta + share * row_sized(theta, objective.shapes, random=random)) for _ in range(draws)]
    rises = torch.tensor(moved, dtype=torch.float64) - loss
    return float(rises.mean()), float(rises.std()) / math.sqrt(draws)


def worst_rise(objective: Objective, starts: Sequence[Tensor], *, share: float, loss: float) -> float:
    """Return by how much the loss rises at most, as far as found, if each parameter moves by a share of its size.

    The largest value over a box lies at a corner where the loss is convex, and from corner to corner it rises:
    ε ← share·|θ|·sign g(θ + ε) maximises the tangent over the box (M. Frank, P. Wolfe, An algorithm for quadratic
    programming, 1956). That ends at a corner that may not be the highest, so this is a lower bound.

    Args:
        objective: Whose loss.
        starts: Directions [size] to begin with.
        share: Of each parameter's size.
        loss: At θ.
    """
    theta = objective.theta
    box, highest = share * theta.abs(), loss
    for start in starts:
        before, direction = -math.inf, start
        for _ in range(_MOST_CLIMBS):
            place = theta + box * direction.sign()
            reached = objective.loss(place)
            if not math.isfinite(reached):
                return math.inf
            if reached <= before:
                break
            before, highest = reached, max(highest, reached)
            direction = objective.gradient(place)
    return highest - loss
