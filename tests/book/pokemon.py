"""The ten points of R26 and R27, their squared error summed, and long descents over (b, w) by the program's rule."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from thetastar.data import read
from thetastar.descent import RULES, Hyper, coefficients, start, step

START = (-120.0, -4.0)  # (b, w)
_BLOCK = 1000


def points(folder: Path) -> tuple[Tensor, Tensor]:
    """Return what b and w are multiplied by, [points, 2], and y, [points]."""
    x, y = torch.tensor(read(folder / "pokemon10.csv").select("x", "y").to_numpy().T, dtype=torch.float64)
    return torch.stack([torch.ones_like(x), x], 1), y


def descend(rule: str, features: Tensor, y: Tensor, *, rates: Sequence[float], updates: int) -> Tensor:
    """Return the path of (b, w) for every learning rate, [updates + 1, rates, 2]."""
    settings = (rates, 0.9, 0.999, 0.0, math.inf)
    hyper = Hyper(
        *(torch.tensor(each, dtype=torch.float64).expand(len(rates)).reshape(-1, 1).clone() for each in settings)
    )
    theta = torch.tensor([START] * len(rates), dtype=torch.float64)
    state, path = start(RULES[rule], theta, hyper=hyper), [theta.clone()]
    while len(path) <= updates:
        factors = theta.new_ones(min(_BLOCK, updates + 1 - len(path)), len(rates), 1)
        for now in zip(*coefficients(RULES[rule], hyper, updates=state.updates, factors=factors), strict=True):
            gradient = (theta @ features.T - y).mul_(2) @ features
            step(RULES[rule], theta, gradient, state=state, hyper=hyper, now=now)
            path.append(theta.clone())
    return torch.stack(path)
