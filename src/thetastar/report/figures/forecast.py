"""What came and what was predicted, along time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from thetastar.data.windows import longest_step
from thetastar.fitting.record import Record
from thetastar.report.figures.dates import along, axis_of
from thetastar.report.figures.figure import Figure, Trace, blank
from thetastar.report.figures.style import LIGHT, axis
from thetastar.report.words import say

__all__ = ["forecast_figure"]

# The truth is wide below a thin prediction, or the one would hide the other where they agree.
TRUE: dict[str, object] = {"color": LIGHT["muted"], "width": 2.6}
PREDICTED: dict[str, object] = {"color": LIGHT["second"], "width": 1.2}


def forecast_figure(record: Record, lang: str) -> Figure | None:
    """Draw the truth and the prediction as lines over the last fold; None where no time was given."""
    found = record.forecast
    if found is None or len(found.time) < 2:
        return None
    kind = "date" if found.dates else "number"
    when = along(found.time, kind)
    steps = np.diff(found.time)
    gaps = (np.flatnonzero(steps > longest_step(steps)) + 1).tolist()
    traces = tuple(
        _line(when, values, gaps=gaps, name=say(f"good.forecast.{name}", lang), line=line)
        for name, values, line in (("true", found.truth, TRUE), ("predicted", found.prediction, PREDICTED))
    )
    axes = {
        "xaxis": axis(found.column) | axis_of(kind),
        "yaxis": axis(record.target.name, (*found.truth, *found.prediction)),
    }
    return Figure(traces, blank(380) | axes)


def _line(
    when: Sequence[float | str], values: Sequence[float], *, gaps: Sequence[int], name: str, line: dict[str, object]
) -> Trace:
    """Draw a line that is broken before each position in ``gaps``: nothing is known of what lies between."""
    x: list[float | str | None] = list(when)
    y: list[float | None] = [float(f"{value:.5g}") for value in values]
    for place in reversed(gaps):
        x.insert(place, None)
        y.insert(place, None)
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "name": name,
        "mode": "lines",
        "line": line,
        "hovertemplate": "%{x}: %{y:.4g}<extra>" + name + "</extra>",
    }
