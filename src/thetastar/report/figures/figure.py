"""A figure as plain values: what plotly.js draws, written as the JSON that it reads.

Plotly's own Python objects check every value at every change, which took most of a report's time. Here a figure is
data; the tests have plotly check all of them.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, TypeAlias

from thetastar.report.figures.style import FONT, LIGHT, axis

__all__ = ["Figure", "Layout", "Trace", "across", "blank", "upright"]

Trace: TypeAlias = dict[str, Any]
Layout: TypeAlias = dict[str, Any]

MARGIN = 8  # pixels
ABOVE = {True: 36, False: 12}  # pixels, with and without a legend


@dataclass(frozen=True)
class Figure:
    """Traces and their layout, in the terms of plotly.js."""

    data: tuple[Trace, ...]
    layout: Layout

    @property
    def height(self) -> int:
        """Return the height in pixels."""
        return int(self.layout["height"])

    def json(self) -> str:
        """Write the figure as plotly.js reads it: what isn't finite is null, a gap."""
        return json.dumps(_gaps({"data": self.data, "layout": self.layout}), allow_nan=False, separators=(",", ":"))


def blank(height: int, *, legend: bool = True, right: int = MARGIN) -> Layout:
    """Return the layout that all figures share, of a height and a right margin in pixels."""
    return {
        "height": height,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13, "color": LIGHT["muted"]},
        "margin": {"l": MARGIN, "r": right, "t": ABOVE[legend], "b": MARGIN},
        "showlegend": legend,
        "legend": {"orientation": "h", "x": 0, "y": 1.01, "xanchor": "left", "yanchor": "bottom"},
        "hoverlabel": {"bgcolor": LIGHT["paper"], "bordercolor": LIGHT["line"], "font": {"color": LIGHT["ink"]}},
        "dragmode": False,
        "xaxis": axis(),
        "yaxis": axis(),
    }


def across(height: float, *, colour: str, width: float = 1, dash: str = "dot") -> dict[str, Any]:
    """Return a level line from one side to the other."""
    line = {"color": colour, "width": width, "dash": dash}
    return {"type": "line", "x0": 0, "x1": 1, "xref": "x domain", "y0": height, "y1": height, "yref": "y", "line": line}


def upright(place: float, *, colour: str, width: float = 1, dash: str = "dot") -> dict[str, Any]:
    """Return a vertical line from the bottom to the top."""
    line = {"color": colour, "width": width, "dash": dash}
    return {"type": "line", "x0": place, "x1": place, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain", "line": line}


def _gaps(value: Any) -> Any:
    """Return the same values with None for numbers that JSON has no words for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _gaps(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_gaps(inner) for inner in value]
    return value
