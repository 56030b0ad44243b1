"""The sums over rows that least squares needs: they add up block by block, so the rows needn't be held in memory."""

from __future__ import annotations

import numpy as np
import scipy.linalg
import torch
from torch import Tensor

from thetastar.arrays import Floats

__all__ = ["SMALLEST_PENALTY", "Moments"]

SMALLEST_PENALTY = 1e-9  # keeps the normal equations solvable when columns repeat each other


class Moments:
    """Σ w, Σ w x, Σ w y, Σ w x xᵀ and Σ w x yᵀ of the rows that came by, in float64.

    Args:
        width: Inputs that are read, the leading ones.
        outputs: Numbers to predict.

    Example:
        >>> moments = Moments(1, 1)
        >>> for x, y in ((0.0, 1.0), (1.0, 3.0), (2.0, 5.0)):
        ...     moments.add(torch.tensor([[x]]), torch.tensor([[y]]), torch.ones(1))
        >>> moments.solve(np.zeros(1)).round(6)
        array([1., 2.])
    """

    def __init__(self, width: int, outputs: int) -> None:
        self.width = width
        self.mass = torch.zeros((), dtype=torch.float64)
        self._inputs = torch.zeros(width, dtype=torch.float64)
        self._targets = torch.zeros(outputs, dtype=torch.float64)
        self._gram = torch.zeros(width, width, dtype=torch.float64)
        self._products = torch.zeros(width, outputs, dtype=torch.float64)

    def add(self, inputs: Tensor, targets: Tensor, weights: Tensor) -> None:
        """Add a block of rows: inputs [rows, at least width], targets [rows, outputs], weights [rows]."""
        part = inputs[:, : self.width].double()
        mass = weights.double()[:, None]
        weighted, wanted = part * mass, targets.double() * mass
        self.mass += mass.sum()
        self._inputs += weighted.sum(0)
        self._targets += wanted.sum(0)
        self._gram += part.T @ weighted
        self._products += part.T @ wanted

    def solve(self, penalty: Floats) -> Floats:
        """Return the bias [outputs] and the weights [width · outputs] that make the mean squared error least.

        Args:
            penalty: On each input's squared weights, against the mean over the rows, [width].
        """
        mean, centre = ((sums / self.mass).numpy() for sums in (self._inputs, self._targets))
        weights = (self._products / self.mass).numpy() - np.outer(mean, centre)
        if self.width:
            covariance = (self._gram / self.mass).numpy() - np.outer(mean, mean)
            matrix = covariance + np.diag(np.maximum(penalty, SMALLEST_PENALTY))
            weights = scipy.linalg.solve(matrix, weights, assume_a="pos")
        return np.concatenate([centre - mean @ weights, weights.ravel()])
