"""Batch normalisation over stacked members, forward and backward (Ioffe and Szegedy, Batch Normalization, 2015).

Rows carry weights, so that a padding row counts nothing and a row of weight two counts as two rows. A batch's share of
row i is p_i = w_i / Σw; μ = Σ p_i x_i and σ² = Σ p_i (x_i − μ)².
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

__all__ = ["EPSILON", "MOMENTUM", "BatchNorm", "normalise", "normalise_backward", "update_running"]

EPSILON = 1e-5  # added to the variance, as torch.nn.BatchNorm1d does
MOMENTUM = 0.1  # of the running averages, as torch.nn.BatchNorm1d has it


def normalise(x: Tensor, shares: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Normalise each unit over the batch.

    Args:
        x: [members, rows, units].
        shares: [members, 1, rows], each member's sum to one.

    Returns:
        Normalised x [members, rows, units], 1/√(σ² + ε), μ and σ², each [members, 1, units].
    """
    mean = torch.bmm(shares, x)
    centred = x - mean
    variance = torch.bmm(shares, centred.square())
    inverse = (variance + EPSILON).rsqrt()
    return centred.mul_(inverse), inverse, mean, variance


def normalise_backward(gradient: Tensor, normalised: Tensor, inverse: Tensor, shares: Tensor) -> Tensor:
    """Return the gradient by x from the gradient by the normalised x.

    The mean and deviation depend on every row, so each row's gradient loses what all rows share: with u_i the gradient
    by row i's normalised value x̂_i, ∂L/∂x_i = (u_i − p_i Σ_j u_j − p_i x̂_i Σ_j u_j x̂_j) / √(σ² + ε).
    """
    total = gradient.sum(1, keepdim=True)
    along = (gradient * normalised).sum(1, keepdim=True)
    correction = normalised * along
    correction += total
    correction *= shares.transpose(1, 2)
    return (gradient - correction).mul_(inverse)


def update_running(mean: Tensor, variance: Tensor, batch: tuple[Tensor, Tensor], rows: Tensor) -> None:
    """Move the running averages towards a batch's mean and (unbiased) variance, in place.

    Args:
        mean: Running mean [members, units].
        variance: Running variance [members, units].
        batch: The batch's mean and variance, each [members, 1, units].
        rows: How many rows of each member's batch count, [members, 1]; the variance of fewer than 2 is 0.
    """
    mean.lerp_(batch[0].squeeze(1), MOMENTUM)
    variance.lerp_(batch[1].squeeze(1) * (rows / (rows - 1).clamp_min(1.0)), MOMENTUM)


class BatchNorm:
    """Batch normalisation of one layer while training: remembers the forward pass for the backward pass.

    Args:
        theta: Views of the members' θ by part name.
        slopes: Views of the gradient by θ.
        running: Views of the running averages.
        layer: Position of the layer among the hidden ones.
    """

    def __init__(
        self, theta: Mapping[str, Tensor], slopes: Mapping[str, Tensor], running: Mapping[str, Tensor], layer: int
    ) -> None:
        self._gamma, self._gamma_slope = theta[f"gamma{layer}"].unsqueeze(1), slopes[f"gamma{layer}"]
        self._running = running[f"mean{layer}"], running[f"variance{layer}"]
        self._last: tuple[Tensor, Tensor, Tensor] | None = None

    def forward(self, z: Tensor, beta: Tensor, weights: Tensor | None) -> None:
        """Turn z [members, rows, units] into γ·ẑ + β in place, and move the running averages."""
        if weights is None:
            weights = z.new_ones(z.shape[:2])
        rows = (weights > 0).sum(1, keepdim=True).to(z.dtype)
        # A batch whose rows all weigh nothing teaches nothing: finite numbers, whose gradient is 0.
        tiny = torch.finfo(z.dtype).tiny
        shares = (weights / weights.sum(1, keepdim=True).clamp_min(tiny)).unsqueeze(1)
        normalised, inverse, mean, variance = normalise(z, shares)
        update_running(*self._running, (mean, variance), rows)
        self._last = normalised, inverse, shares
        torch.mul(normalised, self._gamma, out=z).add_(beta)

    def backward(self, slope: Tensor) -> None:
        """Write γ's gradient, and turn the gradient by γ·ẑ + β into the one by z, in place."""
        if self._last is None:
            raise RuntimeError("backward needs a forward pass before it")
        normalised, inverse, shares = self._last
        torch.sum(slope * normalised, 1, out=self._gamma_slope)
        slope.mul_(self._gamma)
        slope.copy_(normalise_backward(slope, normalised, inverse, shares))
