"""Predicted against true values of rows that the predicting member had not seen."""

from __future__ import annotations

import math

from thetastar.fitting.record import Record
from thetastar.report.figures.figure import Figure, Trace, blank
from thetastar.report.figures.style import LIGHT, axis
from thetastar.report.words import say

__all__ = ["predicted_figure"]

UNTURNED = {"nticks": 5, "tickangle": 0}  # ticks that a small screen has room for
CROWDED = 800  # with more points than this, dots are smaller and fainter


def predicted_figure(record: Record, lang: str) -> Figure | None:
    """Draw one dot a row and the diagonal on which predictions are right; None for classes or without rows."""
    pairs = zip(record.held_out.truth, record.held_out.prediction, strict=True)
    points = [(truth, guess) for truth, guess in pairs if math.isfinite(truth) and math.isfinite(guess)]
    if record.target.task != "regression" or not points:
        return None
    ends = _range([value for point in points for value in point])
    axes = {
        "xaxis": {**axis(say("good.true", lang, target=record.target.name), ends), "range": ends, **UNTURNED},
        "yaxis": {**axis(say("good.predicted", lang, target=record.target.name), ends), "range": ends},
    }
    traces = (_dots(points), _diagonal(ends), *_ends_of_intervals(record))
    return Figure(traces, blank(500, legend=False) | axes)


def _range(values: list[float]) -> list[float]:
    """Return one range for both axes, with a little room around the values."""
    low, high = min(values), max(values)
    pad = 0.03 * (high - low) or 1.0
    return [low - pad, high + pad]


def _dots(points: list[tuple[float, float]]) -> Trace:
    """Draw the rows; digits beyond the fifth only make the file larger."""
    crowded = len(points) > CROWDED
    return {
        "type": "scatter",
        "x": [float(f"{truth:.5g}") for truth, _ in points],
        "y": [float(f"{guess:.5g}") for _, guess in points],
        "mode": "markers",
        "marker": {"size": 4 if crowded else 6, "color": LIGHT["accent"], "opacity": 0.3 if crowded else 0.55},
        "hovertemplate": "%{x:.4g} → %{y:.4g}<extra></extra>",
    }


def _ends_of_intervals(record: Record) -> list[Trace]:
    """Draw the lines between which the truth lies for most predictions."""
    check = record.evidence.intervals
    if check is None:
        return []
    line = {"color": LIGHT["second"], "width": 1}
    return [
        {
            "type": "scatter",
            "x": list(ends),
            "y": list(check.predicted),
            "mode": "lines",
            "line": line,
            "hoverinfo": "skip",
        }
        for ends in (check.low, check.high)
        if ends
    ]


def _diagonal(ends: list[float]) -> Trace:
    """Draw the line on which a prediction is right."""
    return {
        "type": "scatter",
        "x": ends,
        "y": ends,
        "mode": "lines",
        "line": {"color": LIGHT["second"], "width": 1.5, "dash": "dash"},
        "hoverinfo": "skip",
    }
