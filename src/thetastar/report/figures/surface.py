"""The loss as a function of θ over a plane, with the path of descent on it."""

from __future__ import annotations

import math

import plotly.graph_objects as go

from thetastar.fitting.record import Record, Surface
from thetastar.report.figures.style import LIGHT, axis, blank, label, ramp_scale
from thetastar.report.numbers import number
from thetastar.report.words import say

__all__ = ["surface_figure"]

LEVELS = 16


def surface_figure(record: Record, lang: str) -> go.Figure | None:
    """Draw contours of the loss (by its logarithm where it is positive) and the path; None without a surface."""
    surface = record.surface
    if surface is None or not surface.loss:
        return None
    figure = blank(440, legend=False)
    figure.update_layout(xaxis=_axis(surface, 0, lang), yaxis=_axis(surface, 1, lang))
    figure.add_trace(_contour(surface))
    if surface.path_x:
        for trace in _path(surface, lang):
            figure.add_trace(trace)
    return figure


def _axis(surface: Surface, which: int, lang: str) -> dict[str, object]:
    """Name a coordinate: an entry of θ, or a direction of the path."""
    name = surface.axes[which]
    places = surface.y if which else surface.x
    if surface.plane == "path":
        title = say("descent.surface.direction", lang, number=which + 1)
    elif name == "intercept":
        title = say("descent.surface.intercept", lang)
    else:
        title = say("descent.surface.weight", lang, column=name)
    return {**axis(title, places), "range": [min(places), max(places)], "showgrid": False}


def _contour(surface: Surface) -> go.Contour:
    """Fill between lines of equal loss; the logarithm shows the narrow valley as well as the wide slopes."""
    finite = [value for row in surface.loss for value in row if math.isfinite(value)]
    logarithmic = bool(finite) and min(finite) > 0
    heights = [[_height(value, logarithmic=logarithmic) for value in row] for row in surface.loss]
    known = [value for row in heights for value in row if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    ticks = [low + (high - low) * step / 4 for step in range(5)]
    return go.Contour(
        x=list(surface.x),
        y=list(surface.y),
        z=heights,
        autocontour=False,
        contours={"start": low, "end": high, "size": (high - low) / LEVELS or 1.0},
        colorscale=ramp_scale(),
        line={"width": 0.6, "color": LIGHT["muted"]},
        colorbar=_colour_bar(ticks, logarithmic=logarithmic),
        hoverinfo="skip",
        showlegend=False,
    )


def _colour_bar(ticks: list[float], *, logarithmic: bool) -> dict[str, object]:
    """Write real losses beside the colours, not their logarithms."""
    return {
        "tickvals": ticks,
        "ticktext": [number(10**tick if logarithmic else tick) for tick in ticks],
        "thickness": 10,
        "outlinewidth": 0,
        "tickfont": {"size": 12, "color": LIGHT["muted"]},
        "len": 1.0,
    }


def _height(value: float, *, logarithmic: bool) -> float | None:
    """Return what is drawn for a loss; where it isn't finite the surface has a hole."""
    if not math.isfinite(value):
        return None
    return math.log10(value) if logarithmic else value


def _path(surface: Surface, lang: str) -> tuple[go.Scatter, ...]:
    """Draw the path twice, light under dark, so that it stands out on any colour, then its two ends."""
    steps = {"x": list(surface.path_x), "y": list(surface.path_y)}
    hover = [f"L = {number(loss)}" for loss in surface.path_loss]
    ends = {"mode": "markers+text", "textposition": "top center", "hoverinfo": "skip", "showlegend": False}
    font = {"color": LIGHT["ink"], "size": 13}
    return (
        go.Scatter(
            **steps, mode="lines", line={"color": LIGHT["paper"], "width": 5}, hoverinfo="skip", showlegend=False
        ),
        go.Scatter(
            **steps,
            mode="lines+markers",
            line={"color": LIGHT["second"], "width": 2},
            marker={"size": 4, "color": LIGHT["second"]},
            text=hover,
            hovertemplate="%{text}<extra></extra>",
            showlegend=False,
        ),
        go.Scatter(
            x=[surface.path_x[0]],
            y=[surface.path_y[0]],
            text=[label(say("descent.surface.start", lang))],
            textfont=font,
            marker={"size": 11, "color": LIGHT["paper"], "line": {"color": LIGHT["second"], "width": 2.5}},
            **ends,
        ),
        go.Scatter(
            x=[surface.path_x[-1]],
            y=[surface.path_y[-1]],
            text=[label(say("descent.surface.end", lang))],
            textfont=font,
            marker={"size": 11, "color": LIGHT["second"], "line": {"color": LIGHT["paper"], "width": 2}},
            **ends,
        ),
    )
