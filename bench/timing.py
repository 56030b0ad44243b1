"""Times of several contestants, measured in turn, so that what disturbs the machine meets all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

__all__ = ["in_turn", "ratio"]


def in_turn(contestants: Mapping[str, Callable[[], object]], *, rounds: int) -> dict[str, list[float]]:
    """Return each contestant's seconds in each round, after one round that isn't counted."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for counted in (False, *[True] * rounds):
        for name, work in contestants.items():
            begin = time.perf_counter()
            work()
            if counted:
                seconds[name].append(time.perf_counter() - begin)
    return seconds


def ratio(slow: list[float], fast: list[float]) -> float:
    """Return how many times faster one contestant is: the median over the rounds, each by itself."""
    return statistics.median(a / b for a, b in zip(slow, fast, strict=True))
