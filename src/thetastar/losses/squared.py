"""The squared error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

__all__ = ["Squared"]


@dataclass(frozen=True)
class Squared:
    """Squared error l = Σ over outputs of (ŷ − y)²; its best constant is the mean.

    Example:
        >>> import torch
        >>> y = torch.tensor([[[1.0], [3.0]]])
        >>> Squared().value(torch.zeros_like(y), y, torch.full((1, 2), 0.5)).tolist()
        [5.0]
    """

    name: ClassVar[str] = "squared"
    classes: ClassVar[bool] = False

    def value(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Return L, [members]."""
        return ((outputs - targets).square().sum(2) * weights).sum(1)

    def value_and_gradient(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Return L = Σ d·wd and ∂L/∂ŷ = 2wd, with d = ŷ − y."""
        difference = outputs - targets
        gradient = difference * weights.unsqueeze(2)
        value = difference.mul_(gradient).sum((1, 2))
        return value, gradient.add_(gradient)
