"""Reliability: what was said, and how often it came true."""

from __future__ import annotations

from thetastar.fitting.classes import ReliabilityBin
from thetastar.fitting.record import Record
from thetastar.report.figures.figure import Figure, Trace, blank
from thetastar.report.figures.style import LAST_TICK, LIGHT, share_axis
from thetastar.report.words import say

__all__ = ["reliability_figure"]

HEIGHT = 360
ROOM = 0.04  # beyond the first and the last value, as a share of their distance


def reliability_figure(record: Record, lang: str) -> Figure | None:
    """Draw the share that came true over the probability that was said, in bins of equal mass; None without classes."""
    if record.classes is None:
        return None
    bins = record.classes.reliability.bins
    start, end = _ends([value for one in bins for value in (one.predicted, one.observed.low, one.observed.high)])
    axes = {
        "xaxis": share_axis(say("classes.said", lang), start=start, end=end),
        "yaxis": share_axis(say("classes.came_true", lang), start=start, end=end),
    }
    return Figure((_diagonal(), _points(bins)), blank(HEIGHT, legend=False, right=LAST_TICK) | axes)


def _diagonal() -> Trace:
    """Draw where what was said comes true as often."""
    line = {"color": LIGHT["second"], "width": 1.5, "dash": "dash"}
    return {"type": "scatter", "x": [0, 1], "y": [0, 1], "mode": "lines", "line": line, "hoverinfo": "skip"}


def _ends(shares: list[float]) -> tuple[float, float]:
    """Return where the axes begin and end, with room around the points; at 0 and 1 if that is near."""
    room = ROOM * (max(shares) - min(shares)) or ROOM
    start, end = min(shares) - room, max(shares) + room
    return (0.0 if start < (end - start) / 3 else start), min(1.0, end)


def _points(bins: tuple[ReliabilityBin, ...]) -> Trace:
    return {
        "type": "scatter",
        "x": [one.predicted for one in bins],
        "y": [one.observed.value for one in bins],
        "error_y": {
            "array": [one.observed.high - one.observed.value for one in bins],
            "arrayminus": [one.observed.value - one.observed.low for one in bins],
            "color": LIGHT["accent"],
            "thickness": 1.5,
            "width": 4,
        },
        "mode": "lines+markers",
        "line": {"color": LIGHT["accent"], "width": 1.2},
        "marker": {"size": 8, "color": LIGHT["accent"]},
        "hovertemplate": "%{x:.2%} → %{y:.2%}<extra></extra>",
    }
