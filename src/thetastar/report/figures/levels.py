"""Categories one below the other, and the values beside them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from thetastar.report.figures.style import axis, finite, label

__all__ = ["level_axis", "short", "value_axis"]

LONGEST = 12  # of a category's name
ROUND = (8, 6, 5, 4, 3, 2, 1.5, 1)
NEARLY = 0.9  # a side that nearly reaches its number is widened to it by the whiskers, or by plotly


def short(level: str) -> str:
    """Make a category's name short and safe enough to stand beside a small figure."""
    return label(level if len(level) <= LONGEST else f"{level[: LONGEST - 1]}…")


def level_axis(names: Sequence[str]) -> dict[str, Any]:
    """Return an axis of categories from the top down, named by texts that are safe already or short."""
    ticks = {"tickvals": list(range(len(names))), "ticktext": list(names)}
    return {**axis(), **ticks, "range": [len(names) - 0.4, -0.6], "showgrid": False}


def value_axis(values: Iterable[float | None]) -> dict[str, Any]:
    """Return the axis of the values beside categories: narrow, so it names 0 and a round number on either side."""
    known = finite(value for value in values if value is not None)
    return axis("", known) | {"tickvals": _ticks(min(known, default=0.0), max(known, default=0.0)), "tickangle": 0}


def _ticks(low: float, high: float) -> list[float]:
    """Return 0 and the largest round number that lies within the farther end, on the sides that reach it.

    Example:
        >>> _ticks(-0.46, 0.76), _ticks(-0.3, 0.1), _ticks(0.0, 0.0)
        ([0.0, 0.6], [-0.3, 0.0], [0.0])
    """
    farther = max(-low, high)
    if farther <= 0:
        return [0.0]
    decade = 10.0 ** math.floor(math.log10(farther))
    steps = (float(f"{factor * decade:.2g}") for factor in ROUND)  # 3 · 0.1 is a little more than 0.3
    step = next((step for step in steps if step <= farther), decade)
    sides = [(-step, low <= -NEARLY * step), (0.0, True), (step, high >= NEARLY * step)]
    return [tick for tick, there in sides if there]
