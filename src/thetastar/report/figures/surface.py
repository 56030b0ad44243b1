"""The loss as a function of θ over a plane, with the path of descent on it."""

from __future__ import annotations

import math

from thetastar.fitting.record import Record, Surface
from thetastar.report.figures.figure import Figure, Trace, blank
from thetastar.report.figures.style import LIGHT, axis, label, ramp_scale
from thetastar.report.inputs import input_name
from thetastar.report.numbers import number
from thetastar.report.words import say

__all__ = ["LONGEST_TITLE", "axis_title", "heights", "loss_ticks", "surface_figure"]

LEVELS = 16
LONGEST_TITLE = 44  # characters: beside the column it says what was made of it


def surface_figure(record: Record, lang: str) -> Figure | None:
    """Draw contours of the loss (by its logarithm where it is positive) and the path; None without a surface."""
    surface = record.surface
    if surface is None or not surface.loss:
        return None
    axes = {"xaxis": _axis(surface, 0, lang), "yaxis": _axis(surface, 1, lang)}
    path = _path(surface, lang) if surface.path_x else ()
    return Figure((_contour(surface), *path), blank(440, legend=False) | axes)


def axis_title(surface: Surface, which: int, lang: str) -> str:
    """Name a coordinate: an entry of θ, or a direction of the path. Names are not escaped yet."""
    if surface.weight is None:
        return say("descent.surface.direction", lang, number=which + 1)
    if which == 0:
        return say("descent.surface.intercept", lang)
    return say("descent.surface.weight", lang, input=input_name(surface.weight, lang))


def heights(surface: Surface) -> list[list[float | None]]:
    """Return what is drawn for each loss: its logarithm where all are positive, None where it isn't finite.

    The logarithm shows the narrow valley as well as the wide slopes.
    """
    logarithmic = _logarithmic(surface)
    return [[_height(value, logarithmic=logarithmic) for value in row] for row in surface.loss]


def loss_ticks(surface: Surface) -> tuple[list[float], list[str]]:
    """Return a few heights and the real losses that they stand for."""
    known = [value for row in heights(surface) for value in row if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    ticks = [low + (high - low) * step / 4 for step in range(5)]
    return ticks, [number(10**tick if _logarithmic(surface) else tick) for tick in ticks]


def _axis(surface: Surface, which: int, lang: str) -> dict[str, object]:
    """Return the axis of a coordinate."""
    places = surface.y if which else surface.x
    title = axis_title(surface, which, lang)
    return {**axis(title, places, longest=LONGEST_TITLE), "range": [min(places), max(places)], "showgrid": False}


def _contour(surface: Surface) -> Trace:
    """Fill between lines of equal loss."""
    ticks, names = loss_ticks(surface)
    return {
        "type": "contour",
        "x": list(surface.x),
        "y": list(surface.y),
        "z": heights(surface),
        "autocontour": False,
        "contours": {"start": ticks[0], "end": ticks[-1], "size": (ticks[-1] - ticks[0]) / LEVELS or 1.0},
        "colorscale": ramp_scale(),
        "line": {"width": 0.6, "color": LIGHT["muted"]},
        "colorbar": _colour_bar(ticks, names),
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _colour_bar(ticks: list[float], names: list[str]) -> dict[str, object]:
    """Write real losses beside the colours, not their logarithms."""
    return {
        "tickvals": ticks,
        "ticktext": names,
        "thickness": 10,
        "outlinewidth": 0,
        "tickfont": {"size": 12, "color": LIGHT["muted"]},
        "len": 1.0,
    }


def _logarithmic(surface: Surface) -> bool:
    """Tell whether all finite losses are positive."""
    finite = [value for row in surface.loss for value in row if math.isfinite(value)]
    return bool(finite) and min(finite) > 0


def _height(value: float, *, logarithmic: bool) -> float | None:
    """Return what is drawn for one loss."""
    if not math.isfinite(value):
        return None
    return math.log10(value) if logarithmic else value


def _path(surface: Surface, lang: str) -> tuple[Trace, ...]:
    """Draw the path twice, light under dark, so that it stands out on any colour, then its two ends."""
    steps = {"x": list(surface.path_x), "y": list(surface.path_y)}
    hover = [f"L = {number(loss)}" for loss in surface.path_loss]
    ends = {"mode": "markers+text", "textposition": "top center", "hoverinfo": "skip", "showlegend": False}
    font = {"color": LIGHT["ink"], "size": 13}
    return (
        {
            "type": "scatter",
            **steps,
            "mode": "lines",
            "line": {"color": LIGHT["paper"], "width": 5},
            "hoverinfo": "skip",
            "showlegend": False,
        },
        {
            "type": "scatter",
            **steps,
            "mode": "lines+markers",
            "line": {"color": LIGHT["second"], "width": 2},
            "marker": {"size": 4, "color": LIGHT["second"]},
            "text": hover,
            "hovertemplate": "%{text}<extra></extra>",
            "showlegend": False,
        },
        {
            "type": "scatter",
            "x": [surface.path_x[0]],
            "y": [surface.path_y[0]],
            "text": [label(say("descent.surface.start", lang))],
            "textfont": font,
            "marker": {"size": 11, "color": LIGHT["paper"], "line": {"color": LIGHT["second"], "width": 2.5}},
            **ends,
        },
        {
            "type": "scatter",
            "x": [surface.path_x[-1]],
            "y": [surface.path_y[-1]],
            "text": [label(say("descent.surface.end", lang))],
            "textfont": font,
            "marker": {"size": 11, "color": LIGHT["second"], "line": {"color": LIGHT["paper"], "width": 2}},
            **ends,
        },
    )
