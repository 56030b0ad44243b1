"""What normalising the columns does for descent: the canyon that the loss of a linear function is, before and after.

The Hessian of the mean squared error of b + w·x is 2/n · Σ (1, x)(1, x)ᵀ: where its largest eigenvalue is κ times its
smallest, the steps that the steep direction allows get ahead κ times more slowly in the flat one. Gradient descent's
path on it is known exactly: along each eigenvector the distance to θ* shrinks by 1 − ηλ with every update (Boyd and
Vandenberghe, Convex Optimization, 2004, §9.3), fastest overall with η = 2/(λ_min + λ_max).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from thetastar.arrays import Floats
from thetastar.data import Encoding
from thetastar.descent import Deadline
from thetastar.fitting.problem import Folded, thin
from thetastar.fitting.record import Conditioning

__all__ = ["conditioning_of", "updates_needed"]


_ROWS = 20_000  # tell the Hessian well enough
_MOST_INPUTS = 500  # the eigenvalues of more take seconds
_CLOSE = 1e-3  # of the first gap to the smallest loss
_FLAT = 1e-9  # of the largest eigenvalue after normalisation: a direction in which the loss does not change
_NEVER = 1e15  # updates, and a condition number: beyond them float64 can't tell


def conditioning_of(folded: Folded, *, classes: bool, deadline: Deadline) -> Conditioning | None:
    """Compare the Hessian of the first fold's training rows in normalised columns with that in the columns' own units.

    Args:
        folded: Encoded examples.
        classes: Whether the target is classes; then no updates are counted, since their loss is another one.
        deadline: Nothing is computed after it.

    Returns:
        None without a column of numbers, where there are very many inputs, where the columns were not just shifted and
        scaled, or where no time is left.
    """
    encoding = folded.encodings[0]
    offset, scale = _shifts(encoding)
    plain = encoding.plain
    unlike = encoding.settings.normalisation != "standard" or not np.any((offset != 0) | (scale != 1))
    if unlike or plain > _MOST_INPUTS or deadline.left() <= 0:
        return None
    rows = torch.from_numpy(thin(folded.folds[0].train, _ROWS))
    inputs = folded.examples.take(0, rows, leading=plain).double().numpy()
    weights = folded.examples.weights[0][rows].double().numpy()
    ones = np.c_[np.ones(len(inputs)), inputs]
    mass = 2 * weights / weights.sum()
    hessian = ones.T @ (ones * mass[:, None])
    targets = np.zeros(len(inputs)) if classes else folded.examples.targets[0][rows, 0].double().numpy()
    gradient = ones.T @ (mass * targets)
    back = np.diag(np.r_[1.0, scale])  # (1, x) = back · (1, z)
    back[1:, 0] = offset
    after = _eigen(hessian, gradient)
    before = _eigen(back @ hessian @ back.T, back @ gradient, rank=len(after.values))
    return Conditioning(
        before=before.condition,
        after=after.condition,
        updates_before=None if classes else updates_needed(before.values, before.slopes),
        updates_after=None if classes else updates_needed(after.values, after.slopes),
    )


def updates_needed(eigenvalues: Floats, slopes: Floats) -> float:
    """Return after how many updates gradient descent at its best rate is within a thousandth of the first gap.

    Args:
        eigenvalues: Of the Hessian, positive, ascending.
        slopes: The gradient at the start along each eigenvector.

    Returns:
        A whole number; infinite where it is beyond what float64 can tell.

    Example:
        >>> updates_needed(np.array([1.0, 1.0]), np.array([3.0, 4.0]))  # a round bowl
        1.0
    """
    gaps = slopes**2 / eigenvalues
    if not gaps.sum() > 0:
        return 0.0
    rate = 2 / (eigenvalues[0] + eigenvalues[-1])
    with np.errstate(divide="ignore"):
        logs = 2 * np.log(np.abs(1 - rate * eigenvalues))

    def close(updates: float) -> bool:
        return float(gaps @ np.exp(updates * logs)) <= _CLOSE * float(gaps.sum())

    most = 1.0
    while not close(most):
        most *= 2
        if most > _NEVER:
            return math.inf
    least = most / 2  # bisection, as the gap only shrinks
    while most - least > 1:
        middle = math.floor((least + most) / 2)
        least, most = (least, middle) if close(middle) else (middle, most)
    return float(most)


@dataclass(frozen=True)
class _Eigen:
    values: Floats
    slopes: Floats

    @property
    def condition(self) -> float:
        found = float(self.values[-1] / self.values[0])
        return found if found < _NEVER else math.inf


def _eigen(hessian: Floats, gradient: Floats, *, rank: int = 0) -> _Eigen:
    """Return the eigenvalues that aren't 0 and the gradient along their eigenvectors; so many if a rank is given."""
    values, vectors = np.linalg.eigh(hessian)
    kept = rank or int(np.count_nonzero(values > _FLAT * values[-1]))
    values = np.maximum(values[-kept:], np.finfo(np.float64).tiny)
    return _Eigen(values, vectors[:, -kept:].T @ gradient)


def _shifts(encoding: Encoding) -> tuple[Floats, Floats]:
    """Return offset and scale of each plain input: what is no number has 0 and 1."""
    features = encoding.features[: encoding.plain]
    return np.array([feature.offset for feature in features]), np.array([feature.scale for feature in features])
