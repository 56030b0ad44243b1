"""What each column adds to the answer: one small figure a column, all on one scale."""

from __future__ import annotations

import math

import plotly.graph_objects as go

from thetastar.fitting.record import PiecewiseCurve, Record
from thetastar.report.figures.style import LIGHT, SERIES, axis, blank

__all__ = ["PIECEWISE_SHOWN", "curve_figure", "widest_columns"]

PIECEWISE_SHOWN = 12


def widest_columns(record: Record) -> tuple[str, ...]:
    """Return the columns that have a curve, the one with the widest effect first."""
    widths: dict[str, float] = {}
    for curve in record.piecewise:
        heights = [height for height in curve.y if math.isfinite(height)]
        width = max(heights) - min(heights) if heights else 0.0
        widths[curve.column] = max(width, widths.get(curve.column, 0.0))
    return tuple(sorted(widths, key=lambda column: -widths[column]))


def curve_figure(record: Record, column: str) -> go.Figure:
    """Draw one column's curve (for classes: one a class), on the scale that all columns share."""
    figure = blank(190, legend=False)
    heights = [y for curve in record.piecewise for y in curve.y if math.isfinite(y)] or [0.0]
    places = [x for curve in record.piecewise if curve.column == column for x in curve.x]
    pad = 0.06 * (max(heights) - min(heights)) or 1.0
    figure.update_layout(
        xaxis={**axis("", places), "nticks": 4, "showgrid": False},
        yaxis={**axis("", heights), "nticks": 5, "range": [min(heights) - pad, max(heights) + pad]},
    )
    figure.add_hline(y=0, line={"color": LIGHT["muted"], "width": 1, "dash": "dot"})
    for curve in (curve for curve in record.piecewise if curve.column == column):
        figure.add_trace(_line(curve))
    return figure


def _line(curve: PiecewiseCurve) -> go.Scatter:
    """Draw one curve in the colour of its class."""
    return go.Scatter(
        x=list(curve.x),
        y=[y if math.isfinite(y) else None for y in curve.y],
        mode="lines",
        line={"color": LIGHT[SERIES[curve.output % len(SERIES)]], "width": 2},
        hovertemplate="%{x:.4g}: %{y:.3g}<extra></extra>",
    )
