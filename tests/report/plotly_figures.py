"""Figures as plotly's own objects, which check every name and value in them."""

from __future__ import annotations

import plotly.graph_objects as go

from thetastar.report.figures.figure import Figure


def checked(figure: Figure | None) -> go.Figure | None:
    """Return the figure as plotly understands it, None if there is none.

    Raises:
        ValueError: if plotly doesn't know a name or a value in it.
    """
    return None if figure is None else go.Figure({"data": figure.data, "layout": {"template": "none"} | figure.layout})
