"""θ as one flat vector, and the named parts it is made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

__all__ = ["Part", "lay_out", "views"]


@dataclass(frozen=True)
class Part:
    """A named tensor inside the flat vector: its shape and where it starts."""

    name: str
    shape: tuple[int, ...]
    start: int

    @property
    def size(self) -> int:
        """Return how many numbers the part holds."""
        return math.prod(self.shape)

    @property
    def stop(self) -> int:
        """Return the position after the part's last number."""
        return self.start + self.size


def lay_out(shapes: Sequence[tuple[str, tuple[int, ...]]], *, start: int = 0) -> tuple[Part, ...]:
    """Put named shapes one behind the other.

    Example:
        >>> [part.start for part in lay_out([("bias", (2,)), ("weight", (3, 2))])]
        [0, 2]
    """
    parts = []
    for name, shape in shapes:
        parts.append(Part(name, shape, start))
        start = parts[-1].stop
    return tuple(parts)


def views(parts: Sequence[Part], flat: Tensor) -> dict[str, Tensor]:
    """Return each part of stacked flat vectors as a view that shares their memory.

    Args:
        parts: The layout.
        flat: [members, size].

    Returns:
        Part name → [members, *shape].
    """
    return {part.name: flat[:, part.start : part.stop].view(-1, *part.shape) for part in parts}
