"""The target: a number to predict (regression) or one of several classes (classification)."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Target"]


@dataclass(frozen=True)
class Target:
    """What is predicted. ``classes`` is sorted, and empty for regression; ``reason`` is a code as in ``Column``."""

    name: str
    task: str  # regression or classification
    classes: tuple[str | int | float | bool, ...]
    reason: str
