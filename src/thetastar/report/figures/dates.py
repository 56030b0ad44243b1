"""Dates along an axis, written the same in every language."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

__all__ = ["DATE_AXIS", "DAY", "along"]

EPOCH = datetime.datetime(1970, 1, 1)  # days are in UTC, and are drawn as they are
DAY = 86_400_000  # plotly counts in milliseconds

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


def along(places: Sequence[float], *, dates: bool) -> list[float | str]:
    """Return places as plotly takes them: numbers as they are, days since 1970-01-01 as texts.

    Example:
        >>> along([0.5], dates=True)
        ['1970-01-01T12:00']
    """
    if not dates:
        return list(places)
    return [(EPOCH + datetime.timedelta(days=place)).isoformat(timespec="minutes") for place in places]
