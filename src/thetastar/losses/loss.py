"""Step 2: what every loss can do, whatever it measures."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

__all__ = ["Loss"]


class Loss(Protocol):
    """How wrong the outputs are: L = Σ over rows of weights · l(outputs, target), for every member at once.

    **Shape**: outputs [members, rows, outputs]; targets [members, rows, outputs] of the same floating type
    for numbers, [members, rows] int64 codes for classes; weights [members, rows], already divided by the
    number of rows where L is to be a mean. A row of weight 0 (padding) has no part in L or its gradient as
    long as its outputs are finite. Members never mix: NaN in one stays in that one.
    """

    @property
    def name(self) -> str:
        """What the recipe and the report call it."""
        ...

    @property
    def classes(self) -> bool:
        """Whether targets are codes of classes; otherwise they are numbers."""
        ...

    def value(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Return L, [members]; autograd goes through it."""
        ...

    def value_and_gradient(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Return L, [members], and ∂L/∂outputs, [members, rows, outputs], written out and without a graph."""
        ...
