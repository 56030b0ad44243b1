"""The error surface in three dimensions: the same heights and the same path as on the contour map, to be turned."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from thetastar.fitting.record import Record
from thetastar.report.figures.figure import Figure, Trace, blank
from thetastar.report.figures.style import LIGHT, finite, label, ramp_scale
from thetastar.report.figures.surface import LONGEST_TITLE, Plane, heights, loss_ticks, plane_of
from thetastar.report.words import say

__all__ = ["relief_figure", "turned_figure"]

HEIGHT = 440
LIFT = 0.012  # of the range of heights, by which the path stands above the surface so that it can be seen
SUBSTEPS = 4  # a long step of the path follows the surface instead of going through it


def relief_figure(record: Record, lang: str) -> Figure | None:
    """Draw the loss as a landscape and the path on it; None without a surface of finite heights."""
    plane = plane_of(record, lang)
    return None if plane is None else turned_figure(plane, lang)


def turned_figure(plane: Plane, lang: str) -> Figure | None:
    """Draw any plane as a landscape; None if no height is finite."""
    if not finite(height for row in _grid(plane) for height in row):
        return None
    layout = {"margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "scene": _scene(plane, lang)}
    return Figure((_landscape(plane), *_path(plane)), blank(HEIGHT, legend=False) | layout)


def _scene(plane: Plane, lang: str) -> dict[str, object]:
    """Return the three axes and where the eye stands."""
    ticks, names = loss_ticks(plane)
    return {
        "xaxis": _axis(plane.titles[0]),
        "yaxis": _axis(plane.titles[1]),
        "zaxis": _axis(say("ladder.loss", lang)) | {"tickvals": ticks, "ticktext": names},
        "aspectmode": "manual",
        "aspectratio": {"x": 1, "y": 1, "z": 0.75},
        "camera": {"eye": {"x": 1.6, "y": -1.78, "z": 1.15}, "center": {"x": 0, "y": 0, "z": -0.12}},
        "dragmode": "turntable",
    }


def _grid(plane: Plane) -> list[list[float]]:
    """Return the heights with nan for holes."""
    return [[float("nan") if height is None else height for height in row] for row in heights(plane)]


def _axis(title: str) -> dict[str, object]:
    return {
        "title": {"text": label(title, longest=LONGEST_TITLE), "font": {"size": 12, "color": LIGHT["muted"]}},
        "gridcolor": LIGHT["line"],
        "zeroline": False,
        "showbackground": False,
        "showspikes": False,
        "nticks": 4,
        "tickfont": {"size": 11, "color": LIGHT["muted"]},
    }


def _landscape(plane: Plane) -> Trace:
    return {
        "type": "surface",
        "x": list(plane.x),
        "y": list(plane.y),
        "z": heights(plane),
        "colorscale": ramp_scale(),
        "showscale": False,
        "hoverinfo": "skip",
        "contours": {"x": {"highlight": False}, "y": {"highlight": False}, "z": {"highlight": False}},
        "lighting": {"ambient": 0.85, "diffuse": 0.35, "specular": 0.05},
    }


def _path(plane: Plane) -> list[Trace]:
    """Draw the path on the surface, its start hollow and its end filled."""
    if len(plane.path_x) < 2:
        return []
    x, y = (_followed(places) for places in (plane.path_x, plane.path_y))
    z = _on_surface(plane, x, y)
    line = {
        "type": "scatter3d",
        "x": x,
        "y": y,
        "z": z,
        "mode": "lines",
        "line": {"color": LIGHT["second"], "width": 6},
        "hoverinfo": "skip",
    }
    ends = {
        "type": "scatter3d",
        "x": [x[0], x[-1]],
        "y": [y[0], y[-1]],
        "z": [z[0], z[-1]],
        "mode": "markers",
        "marker": {
            "size": 5,
            "color": [LIGHT["paper"], LIGHT["second"]],
            "line": {"color": LIGHT["second"], "width": 2},
        },
        "hoverinfo": "skip",
    }
    return [line, ends]


def _followed(places: Sequence[float]) -> list[float]:
    """Return the path with places between its steps."""
    between = [low + (high - low) * step / SUBSTEPS for low, high in pairwise(places) for step in range(SUBSTEPS)]
    return [*between, places[-1]]


def _on_surface(plane: Plane, x: list[float], y: list[float]) -> list[float | None]:
    """Return the surface's height at each place, by bilinear interpolation, a little lifted."""
    grid = np.array(_grid(plane))
    lift = LIFT * float(np.nanmax(grid) - np.nanmin(grid))
    columns, rows = (
        np.clip(np.interp(places, ticks, np.arange(len(ticks))), 0, len(ticks) - 1)
        for places, ticks in ((x, plane.x), (y, plane.y))
    )
    left, low = (
        np.minimum(position.astype(int), size - 2)
        for position, size in ((columns, grid.shape[1]), (rows, grid.shape[0]))
    )
    across, up = columns - left, rows - low
    height = (
        grid[low, left] * (1 - across) * (1 - up)
        + grid[low, left + 1] * across * (1 - up)
        + grid[low + 1, left] * (1 - across) * up
        + grid[low + 1, left + 1] * across * up
    )
    return [float(value + lift) if np.isfinite(value) else None for value in height]
