"""The absolute error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

__all__ = ["Absolute"]


@dataclass(frozen=True)
class Absolute:
    """Absolute error l = Σ over outputs of |ŷ − y|; its best constant is the median.

    Example:
        >>> y = torch.tensor([[[1.0], [3.0]]])
        >>> Absolute().value(torch.zeros_like(y), y, torch.full((1, 2), 0.5)).tolist()
        [2.0]
    """

    name: ClassVar[str] = "absolute"
    classes: ClassVar[bool] = False

    def value(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Return L, [members]."""
        return ((outputs - targets).abs().sum(2) * weights).sum(1)

    def value_and_gradient(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Return L and ∂L/∂ŷ = w·sign(ŷ − y), with the subgradient 0 at ŷ = y; then L = Σ (ŷ − y) · ∂L/∂ŷ."""
        difference = outputs - targets
        gradient = torch.sign(difference).mul_(weights.unsqueeze(2))
        return difference.mul_(gradient).sum((1, 2)), gradient
