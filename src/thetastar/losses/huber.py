"""Huber's loss: squared for small errors, absolute for large ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from thetastar.errors import UserError

__all__ = ["Huber"]


@dataclass(frozen=True)
class Huber:
    """Huber (1964): l = Σ over outputs of d²/2 where |d| ≤ delta, else delta·(|d| − delta/2), with d = ŷ − y.

    Attributes:
        delta: The error, in the unit of the targets, beyond which a row pulls no harder.

    Raises:
        UserError: delta is not a positive finite number.

    Example:
        >>> y = torch.tensor([[[1.0], [3.0]]])
        >>> Huber(delta=1.0).value(torch.zeros_like(y), y, torch.full((1, 2), 0.5)).tolist()
        [1.5]
    """

    delta: float = 1.0
    name: ClassVar[str] = "huber"
    classes: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Refuse a delta that makes no loss."""
        if not (self.delta > 0 and math.isfinite(self.delta)):
            raise UserError(f"Huber's delta must be a positive finite number, not {self.delta!r}")

    def value(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Return L, [members]."""
        size = (outputs - targets).abs()
        inside = 0.5 * size.square()
        outside = self.delta * (size - 0.5 * self.delta)
        return (torch.where(size <= self.delta, inside, outside).sum(2) * weights).sum(1)

    def value_and_gradient(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Return L and ∂L/∂ŷ = w·c with c = clip(ŷ − y, −delta, delta).

        In both branches l = c·(d − c/2): d²/2 where c = d, and delta·(|d| − delta/2) where c = ±delta.
        """
        difference = outputs - targets
        clipped = difference.clamp(-self.delta, self.delta)
        difference.sub_(clipped, alpha=0.5)
        gradient = clipped.mul_(weights.unsqueeze(2))
        return difference.mul_(gradient).sum((1, 2)), gradient
