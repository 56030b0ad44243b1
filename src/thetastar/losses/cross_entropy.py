"""Cross-entropy on logits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import torch
from torch import Tensor

from thetastar.errors import UserError
from thetastar.losses.softmax import classes_first

__all__ = ["CrossEntropy"]


@dataclass(frozen=True)
class CrossEntropy:
    """Cross-entropy l = w_t · −Σ over classes of q·log softmax(logits), for target class t.

    q is 1 at the target, or with smoothing ε: ε/classes everywhere and 1 − ε more at the target (Szegedy et
    al., 2016, "Rethinking the Inception Architecture", section 7). It takes logits, never probabilities.

    A class weight multiplies the whole loss of every row of that class, as if the row were there that many
    times, and nothing is divided by the sum of the weights: scikit-learn's meaning. torch's own cross_entropy
    agrees on each row without smoothing, but with smoothing weighs each class's term by that class's weight.

    Attributes:
        label_smoothing: ε, in [0, 1).
        class_weights: w, one factor a class in the order of the codes, or None for 1 each.

    Raises:
        UserError: ε is outside [0, 1), or a class weight is negative or not finite; while computing: the
            number of class weights is not the number of outputs.

    Example:
        >>> logits, codes = torch.tensor([[[0.0, 0.0]]]), torch.tensor([[1]])
        >>> round(CrossEntropy().value(logits, codes, torch.ones(1, 1)).item(), 4)  # ln 2
        0.6931
    """

    label_smoothing: float = 0.0
    class_weights: tuple[float, ...] | None = None
    name: ClassVar[str] = "cross_entropy"
    classes: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Refuse settings that make no loss."""
        if not 0.0 <= self.label_smoothing < 1.0:
            raise UserError(f"label smoothing must be at least 0 and below 1, not {self.label_smoothing!r}")
        for code, weight in enumerate(self.class_weights or ()):
            if not (weight >= 0 and math.isfinite(weight)):
                raise UserError(f"class weights must be finite and ≥ 0; that of class {code} is {weight!r}")

    def value(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Return L, [members]."""
        logs = torch.log_softmax(classes_first(outputs), 1)
        return (self._rows(logs, targets) * self._weights(outputs, targets, weights)).sum(1)

    def value_and_gradient(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Return L and ∂L/∂logits = w(softmax − q).

        Because log softmaxⱼ = yⱼ − log Σ exp(y), its derivative by yᵢ is [i = j] − softmaxᵢ, and Σ q = 1:
        −Σⱼ qⱼ([i = j] − softmaxᵢ) = softmaxᵢ − qᵢ. However wrong the row is, the slope stays near 1.
        """
        logs = torch.log_softmax(classes_first(outputs), 1)
        by_row = self._weights(outputs, targets, weights)
        value = (self._rows(logs, targets) * by_row).sum(1)
        gradient = logs.exp_()
        if self.label_smoothing:
            gradient.sub_(self.label_smoothing / outputs.shape[2])
        gradient.mul_(by_row.unsqueeze(1))
        gradient.scatter_add_(1, targets.unsqueeze(1), (by_row * (self.label_smoothing - 1.0)).unsqueeze(1))
        return value, gradient.transpose(1, 2).contiguous()

    def _rows(self, logs: Tensor, targets: Tensor) -> Tensor:
        """Return −Σ q·logs, [members, rows], from logs [members, classes, rows]."""
        at_target = logs.gather(1, targets.unsqueeze(1)).squeeze(1)
        if not self.label_smoothing:
            return -at_target
        return (self.label_smoothing - 1.0) * at_target - self.label_smoothing * logs.mean(1)

    def _weights(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Return the weights of the rows times those of their classes, [members, rows]."""
        if self.class_weights is None:
            return weights
        if len(self.class_weights) != outputs.shape[2]:
            raise UserError(
                f"{len(self.class_weights)} class weights were given for {outputs.shape[2]} classes; "
                "give one for each class"
            )
        return weights * _on_device(self.class_weights, weights.dtype, weights.device)[targets]


@lru_cache(maxsize=64)
def _on_device(values: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """Build the tensor once: doing so in every update would make a GPU wait for the CPU."""
    return torch.tensor(values, dtype=dtype, device=device)
