"""Squared error after softmax: kept to show why cross-entropy is used instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from thetastar.losses.softmax import classes_first

__all__ = ["SquaredAfterSoftmax"]


@dataclass(frozen=True)
class SquaredAfterSoftmax:
    """Squared error l = Σ over classes of (softmax(logits) − one-hot target)².

    Its error surface is flat where the answer is confidently wrong, so descent can't leave from there;
    compare `CrossEntropy`. Both are least at the same place, which is why it looks like a reasonable choice.

    Example:
        >>> logits, codes = torch.tensor([[[0.0, 0.0]]]), torch.tensor([[1]])
        >>> SquaredAfterSoftmax().value(logits, codes, torch.ones(1, 1)).tolist()
        [0.5]
    """

    name: ClassVar[str] = "squared_after_softmax"
    classes: ClassVar[bool] = True

    def value(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Return L, [members]."""
        probability = torch.softmax(classes_first(outputs), 1)
        target = torch.zeros_like(probability).scatter(1, targets.unsqueeze(1), 1.0)
        return ((probability - target).square().sum(1) * weights).sum(1)

    def value_and_gradient(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Return L and ∂L/∂logits = 2w·p(d − Σ p·d), with p = softmax and d = p − one-hot target.

        ∂l/∂pⱼ = 2dⱼ and ∂pⱼ/∂yᵢ = pᵢ([i = j] − pⱼ). The factor pᵢ is what makes it flat: for the target's
        logit it is the probability given to the right class, next to 0 when the answer is wrong.
        """
        probability = torch.softmax(classes_first(outputs), 1)
        target = torch.zeros_like(probability).scatter_(1, targets.unsqueeze(1), 1.0)
        difference = probability - target
        value = (difference.square().sum(1) * weights).sum(1)
        mean = (probability * difference).sum(1, keepdim=True)
        gradient = difference.sub_(mean).mul_(probability).mul_((2.0 * weights).unsqueeze(1))
        return value, gradient.transpose(1, 2).contiguous()
