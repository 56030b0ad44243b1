"""η_t, the first of the rule's three parts: by what the learning rate is multiplied at update t.

Updates count from 0, as everywhere in the program; where a formula counts from 1, t = update + 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

from thetastar.errors import UserError

__all__ = ["Constant", "Cosine", "Exponential", "InverseRoot", "Schedule", "Step", "Transformer", "WarmUp"]


class Schedule(Protocol):
    """How the learning rate changes while descending."""

    def factor(self, update: int, total: int, /) -> float:
        """Return what η is multiplied by at this update (from 0) of a descent of `total` updates."""
        ...


@dataclass(frozen=True)
class Constant:
    """The same learning rate throughout."""

    def factor(self, _update: int, _total: int, /) -> float:
        """Return 1."""
        return 1.0


@dataclass(frozen=True)
class InverseRoot:
    """Decay with 1/√t: the course's η_t = η/√(t + 1), t from 0.

    Example:
        >>> InverseRoot().factor(3, 100)
        0.5
    """

    def factor(self, update: int, _total: int, /) -> float:
        """Return 1/√(update + 1)."""
        return 1.0 / math.sqrt(update + 1)


@dataclass(frozen=True)
class Exponential:
    """Decay by the same factor in every update, reaching `end` of the learning rate at the last one's end.

    Raises:
        UserError: `end` is not in (0, 1].

    Example:
        >>> round(Exponential(end=0.01).factor(50, 100), 12)
        0.1
    """

    end: float = 0.01

    def __post_init__(self) -> None:
        """Refuse a decay that grows or stops."""
        if not 0.0 < self.end <= 1.0:
            raise UserError(f"an exponential schedule must end in (0, 1], not at {self.end!r}")

    def factor(self, update: int, total: int, /) -> float:
        """Return end^(share of the way)."""
        return float(self.end ** _share(update, total))


@dataclass(frozen=True)
class Step:
    """Multiply the learning rate by `by` each time another `every` updates are done.

    Raises:
        UserError: `every` is below 1, or `by` not in (0, 1].

    Example:
        >>> [Step(every=2, by=0.5).factor(update, 5) for update in range(5)]
        [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    every: int
    by: float = 0.1

    def __post_init__(self) -> None:
        """Refuse steps that have no length or grow."""
        if self.every < 1 or not 0.0 < self.by <= 1.0:
            raise UserError(
                f"a step schedule needs every ≥ 1 and by in (0, 1]; got every={self.every!r}, by={self.by!r}"
            )

    def factor(self, update: int, _total: int, /) -> float:
        """Return by^(steps done)."""
        return float(self.by ** (update // self.every))


@dataclass(frozen=True)
class Cosine:
    """Half a cosine from 1 down to `end` (Loshchilov and Hutter, 2017, "SGDR", equation 5, without restarts).

    Raises:
        UserError: `end` is not in [0, 1].

    Example:
        >>> [round(Cosine().factor(update, 4), 3) for update in (0, 2, 4)]
        [1.0, 0.5, 0.0]
    """

    end: float = 0.0

    def __post_init__(self) -> None:
        """Refuse an end above the start or below zero."""
        if not 0.0 <= self.end <= 1.0:
            raise UserError(f"a cosine schedule must end in [0, 1], not at {self.end!r}")

    def factor(self, update: int, total: int, /) -> float:
        """Return end + (1 − end)·(1 + cos(π · share of the way))/2."""
        return self.end + (1.0 - self.end) * 0.5 * (1.0 + math.cos(math.pi * _share(update, total)))


@dataclass(frozen=True)
class WarmUp:
    """Rise linearly to the full learning rate in the first `updates` updates, then follow another schedule.

    The first update already moves: its factor is 1/updates. What follows counts its own updates from 0 and
    has the rest of the total to itself.

    Raises:
        UserError: `updates` is below 1.

    Example:
        >>> [WarmUp(updates=4, then=InverseRoot()).factor(update, 100) for update in (0, 1, 3, 4, 7)]
        [0.25, 0.5, 1.0, 1.0, 0.5]
    """

    updates: int
    then: Schedule = field(default_factory=Constant)

    def __post_init__(self) -> None:
        """Refuse a warm-up without updates."""
        if self.updates < 1:
            raise UserError(f"a warm-up needs at least one update, not {self.updates!r}")

    def factor(self, update: int, total: int, /) -> float:
        """Return (update + 1)/updates while warming up, then the other schedule's factor."""
        if update < self.updates:
            return (update + 1) / self.updates
        return self.then.factor(update - self.updates, max(total - self.updates, 1))


@dataclass(frozen=True)
class Transformer:
    """Warm-up, then decay: d^−.5 · min(t^−.5, t · w^−1.5) with t from 1 (Vaswani et al., 2017, section 5.3).

    It is the learning rate itself, so it belongs to η = 1: for d = 512 the largest is 7.0e-4, at t = w.

    Attributes:
        width: d, the number of units of a layer.
        warm_up: w, the updates until the largest learning rate.

    Raises:
        UserError: `width` or `warm_up` is below 1.
    """

    width: int
    warm_up: int = 4000

    def __post_init__(self) -> None:
        """Refuse a width or a warm-up of nothing."""
        if self.width < 1 or self.warm_up < 1:
            raise UserError(f"width and warm_up must be at least 1; got width={self.width!r}, warm_up={self.warm_up!r}")

    def factor(self, update: int, _total: int, /) -> float:
        """Return d^−.5 · min(t^−.5, t · w^−1.5)."""
        t = update + 1
        return float(self.width**-0.5 * min(t**-0.5, t * self.warm_up**-1.5))


def _share(update: int, total: int) -> float:
    """Return how much of the way is done, from 0 to 1, where it stays beyond the total."""
    return min(update / max(total, 1), 1.0)
