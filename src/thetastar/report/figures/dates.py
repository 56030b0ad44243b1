"""Dates and times of day along an axis, written the same in every language."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

__all__ = ["DATE_AXIS", "MILLISECONDS", "along", "axis_of", "hovered"]

EPOCH = datetime.datetime(1970, 1, 1)  # days are in UTC, and are drawn as they are
HOUR = 3_600_000
DAY = 24 * HOUR
MILLISECONDS = {"date": DAY, "time": HOUR}  # in which plotly counts, of a place along a column of this kind

# Plotly would name months in English. What changes more slowly stands below, where it changes.
DATE_AXIS: dict[str, Any] = {
    "type": "date",
    "tickformatstops": [
        {"dtickrange": [None, DAY - 1], "value": "%H:%M\n%Y-%m-%d"},
        {"dtickrange": [DAY, "M1"], "value": "%m-%d\n%Y"},
        {"dtickrange": ["M1", "M11"], "value": "%Y-%m"},
        {"dtickrange": ["M12", None], "value": "%Y"},
    ],
    "hoverformat": "%Y-%m-%d %H:%M",
}

_CLOCK_AXIS: dict[str, Any] = {"type": "date", "tickformat": "%H:%M", "hoverformat": "%H:%M"}
_AXES: dict[str, dict[str, Any]] = {"date": DATE_AXIS, "time": _CLOCK_AXIS}


def along(places: Sequence[float], kind: str) -> list[float | str]:
    """Return places along a column of some kind as plotly takes them: days and hours as texts, numbers as they are.

    Example:
        >>> along([0.5], "date"), along([0.5], "time"), along([0.5], "number")
        (['1970-01-01T12:00:00'], ['1970-01-01T00:30:00'], [0.5])
    """
    if kind not in MILLISECONDS:
        return list(places)
    return [_moment(place * MILLISECONDS[kind]) for place in places]


def axis_of(kind: str) -> dict[str, Any]:
    """Return what an axis along a column of this kind has besides the shared look."""
    return _AXES.get(kind, {})


def hovered(kind: str) -> str:
    """Return how plotly writes the place that is pointed at."""
    return "%{x}" if kind in _AXES else "%{x:.4g}"


def _moment(milliseconds: float) -> str:
    return (EPOCH + datetime.timedelta(milliseconds=milliseconds)).isoformat(timespec="seconds")
