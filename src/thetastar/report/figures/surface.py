"""The loss as a function of θ over a plane, with the path of descent on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from thetastar.fitting.record import Record, Surface
from thetastar.report.figures.figure import Figure, Trace, blank
from thetastar.report.figures.style import LIGHT, axis, label, ramp_scale
from thetastar.report.inputs import input_name
from thetastar.report.numbers import number
from thetastar.report.words import say

__all__ = ["LONGEST_TITLE", "Plane", "contour_figure", "heights", "loss_ticks", "plane_of", "surface_figure"]

LEVELS = 16
LONGEST_TITLE = 44  # characters: beside the column it says what was made of it


@dataclass(frozen=True)
class Plane:
    """The loss over two coordinates, and a path.

    Attributes:
        x: Coordinates across.
        y: Coordinates upwards.
        loss: One row for each y.
        path_x: Of the path's points; none without a path.
        path_y: The same.
        path_loss: At the path's own points.
        titles: Of the two axes. Not escaped yet.
    """

    x: Sequence[float]
    y: Sequence[float]
    loss: Sequence[Sequence[float]]
    path_x: Sequence[float]
    path_y: Sequence[float]
    path_loss: Sequence[float]
    titles: tuple[str, str]


def surface_figure(record: Record, lang: str) -> Figure | None:
    """Draw contours of the loss and the path; None without a surface."""
    plane = plane_of(record, lang)
    return None if plane is None else contour_figure(plane, lang)


def plane_of(record: Record, lang: str) -> Plane | None:
    """Return the surface of a record with its axes named; None without one."""
    surface = record.surface
    if surface is None or not surface.loss:
        return None
    titles = (_axis_title(surface, 0, lang), _axis_title(surface, 1, lang))
    path = (surface.path_x, surface.path_y, surface.path_loss)
    return Plane(surface.x, surface.y, surface.loss, *path, titles)


def contour_figure(plane: Plane, lang: str) -> Figure:
    """Draw contours of the loss, by its logarithm where it is positive, and the path."""
    axes = {"xaxis": _axis(plane, 0), "yaxis": _axis(plane, 1)}
    path = _path(plane, lang) if plane.path_x else ()
    return Figure((_contour(plane), *path), blank(440, legend=False) | axes)


def _axis_title(surface: Surface, which: int, lang: str) -> str:
    """Name a coordinate: an entry of θ, or a direction of the path. Names are not escaped yet."""
    if surface.weight is None:
        return say("descent.surface.direction", lang, number=which + 1)
    if which == 0:
        return say("descent.surface.intercept", lang)
    return say("descent.surface.weight", lang, input=input_name(surface.weight, lang))


def heights(plane: Plane) -> list[list[float | None]]:
    """Return what is drawn for each loss: its logarithm where all are positive, None where it isn't finite.

    The logarithm shows the narrow valley as well as the wide slopes.
    """
    logarithmic = _logarithmic(plane)
    return [[_height(value, logarithmic=logarithmic) for value in row] for row in plane.loss]


def loss_ticks(plane: Plane) -> tuple[list[float], list[str]]:
    """Return a few heights and the real losses that they stand for."""
    known = [value for row in heights(plane) for value in row if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    ticks = [low + (high - low) * step / 4 for step in range(5)]
    return ticks, [number(10**tick if _logarithmic(plane) else tick) for tick in ticks]


def _axis(plane: Plane, which: int) -> dict[str, object]:
    """Return the axis of a coordinate."""
    places = plane.y if which else plane.x
    return {
        **axis(plane.titles[which], places, longest=LONGEST_TITLE),
        "range": [min(places), max(places)],
        "showgrid": False,
    }


def _contour(plane: Plane) -> Trace:
    """Fill between lines of equal loss."""
    ticks, names = loss_ticks(plane)
    return {
        "type": "contour",
        "x": list(plane.x),
        "y": list(plane.y),
        "z": heights(plane),
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


def _logarithmic(plane: Plane) -> bool:
    """Tell whether all finite losses are positive."""
    finite = [value for row in plane.loss for value in row if math.isfinite(value)]
    return bool(finite) and min(finite) > 0


def _height(value: float, *, logarithmic: bool) -> float | None:
    """Return what is drawn for one loss."""
    if not math.isfinite(value):
        return None
    return math.log10(value) if logarithmic else value


def _path(plane: Plane, lang: str) -> tuple[Trace, ...]:
    """Draw the path twice, light under dark, so that it stands out on any colour, then its two ends."""
    steps = {"x": list(plane.path_x), "y": list(plane.path_y)}
    hover = [f"L = {number(loss)}" for loss in plane.path_loss]
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
            "x": [plane.path_x[0]],
            "y": [plane.path_y[0]],
            "text": [label(say("descent.surface.start", lang))],
            "textfont": font,
            "marker": {"size": 11, "color": LIGHT["paper"], "line": {"color": LIGHT["second"], "width": 2.5}},
            **ends,
        },
        {
            "type": "scatter",
            "x": [plane.path_x[-1]],
            "y": [plane.path_y[-1]],
            "text": [label(say("descent.surface.end", lang))],
            "textfont": font,
            "marker": {"size": 11, "color": LIGHT["second"], "line": {"color": LIGHT["paper"], "width": 2}},
            **ends,
        },
    )
