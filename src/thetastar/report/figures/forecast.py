"""What came and what was predicted, along time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from thetastar.data.windows import longest_step
from thetastar.fitting.record import Record
from thetastar.report.figures.style import LIGHT, along, axis, blank
from thetastar.report.words import say

__all__ = ["forecast_figure"]


def forecast_figure(record: Record, lang: str) -> go.Figure | None:
    """Draw the truth and the prediction as lines over the last fold; None where no time was given."""
    found = record.forecast
    if found is None or len(found.time) < 2:
        return None
    figure = blank(380)
    across = axis(found.column) | ({"type": "date"} if found.dates else {})
    figure.update_layout(xaxis=across, yaxis=axis(record.target.name, (*found.truth, *found.prediction)))
    when = along(found.time, dates=found.dates)
    steps = np.diff(found.time)
    gaps = (np.flatnonzero(steps > longest_step(steps)) + 1).tolist()
    for name, values, colour in (("true", found.truth, "muted"), ("predicted", found.prediction, "second")):
        words = say(f"good.forecast.{name}", lang)
        figure.add_trace(_line(when, values, gaps=gaps, name=words, colour=LIGHT[colour]))
    return figure


def _line(
    when: Sequence[float | str], values: Sequence[float], *, gaps: Sequence[int], name: str, colour: str
) -> go.Scatter:
    """Draw a line that is broken before each position in ``gaps``: nothing is known of what lies between."""
    x: list[float | str | None] = list(when)
    y: list[float | None] = [float(f"{value:.5g}") for value in values]
    for place in reversed(gaps):
        x.insert(place, None)
        y.insert(place, None)
    return go.Scatter(
        x=x,
        y=y,
        name=name,
        mode="lines",
        line={"color": colour, "width": 1.6},
        hovertemplate="%{x}: %{y:.4g}<extra>" + name + "</extra>",
    )
