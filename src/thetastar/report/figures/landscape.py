"""Where descent stopped, drawn: the loss around θ, its eigenvalues, and how these went along training."""

from __future__ import annotations

from collections.abc import Sequence

from thetastar.errors import UserError
from thetastar.landscape import Density, Spectrum, Surface
from thetastar.report.figures.figure import Figure, Trace, across, blank
from thetastar.report.figures.relief import turned_figure
from thetastar.report.figures.style import LIGHT, axis, drawable, share_axis
from thetastar.report.figures.surface import LONGEST_TITLE, Plane, contour_figure
from thetastar.report.numbers import number
from thetastar.report.words import say

__all__ = ["eigenvalues_figure", "landscape_figure", "landscape_relief", "spectrum_figure"]

HEIGHT = 320


def landscape_figure(surface: Surface, lang: str) -> Figure:
    """Draw a plane by its contours, or a line by its curve, with the path."""
    return contour_figure(_plane(surface, lang), lang) if len(surface.axes) > 1 else _line(surface, lang)


def landscape_relief(surface: Surface, lang: str) -> Figure | None:
    """Draw a plane in three dimensions with the path on it; None if no loss is finite.

    Raises:
        UserError: if it is a line.
    """
    if len(surface.axes) == 1:
        raise UserError("a relief needs a plane; this surface is a line, of one direction")
    return turned_figure(_plane(surface, lang), lang)


def spectrum_figure(spectrum: Spectrum, lang: str, *, density: Density | None = None) -> Figure:
    """Draw eigenvalues by how many are larger, those of the density as a step line below the known ones."""
    places = [*range(spectrum.largest), *range(spectrum.size - len(spectrum.values) + spectrum.largest, spectrum.size)]
    known: Trace = {
        "type": "scatter",
        "mode": "markers",
        "name": say("landscape.known", lang),
        "x": [(place + 0.5) / spectrum.size for place in places],
        "y": spectrum.values.tolist(),
        "error_y": {"type": "data", "array": spectrum.residuals.tolist(), "color": LIGHT["second"], "thickness": 1},
        "marker": {"size": 7, "color": LIGHT["second"]},
        "hovertemplate": "λ = %{y:.4g}<extra></extra>",
    }
    layout = blank(HEIGHT) | {
        "xaxis": share_axis(say("landscape.share_above", lang)),
        "yaxis": axis(say("landscape.eigenvalue", lang), known["y"]),
        "shapes": [across(0, colour=LIGHT["muted"])],
    }
    return Figure((*(() if density is None else (_steps(density, lang),)), known), layout)


def eigenvalues_figure(
    updates: Sequence[float],
    largest: Sequence[float],
    lang: str,
    *,
    smallest: Sequence[float] = (),
    limit: float | None = None,
) -> Figure:
    """Draw the outermost eigenvalues along training, and what the optimizer is stable with.

    Args:
        updates: After how many of them each value was taken.
        largest: λ_max, or η·λ_max.
        lang: Of the words.
        smallest: λ_min, in the same units; none to leave it out.
        limit: Of stability, in the same units.
    """
    lines = [("largest", largest, "accent")] + ([("smallest", smallest, "second")] if smallest else [])
    traces: list[Trace] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": say(f"landscape.{name}", lang),
            "x": list(updates),
            "y": drawable(values),
            "line": {"color": LIGHT[colour], "width": 2},
        }
        for name, values, colour in lines
    ]
    if limit is not None:
        dashed = {"color": LIGHT["muted"], "width": 1.5, "dash": "dash"}
        ends = [min(updates), max(updates)]
        name = say("landscape.limit", lang)
        traces.append(
            {"type": "scatter", "mode": "lines", "name": name, "x": ends, "y": [limit, limit], "line": dashed}
        )
    title = say("landscape.eigenvalue", lang)
    axes = {"xaxis": axis(say("descent.update", lang), updates), "yaxis": axis(title, largest)}
    return Figure(tuple(traces), blank(HEIGHT) | axes)


def _plane(surface: Surface, lang: str) -> Plane:
    """Return a plane's first axis across and its second upwards."""
    path_x, path_y = ([], []) if surface.path is None else surface.path.T.tolist()
    return Plane(
        x=surface.axes[0].tolist(),
        y=surface.axes[1].tolist(),
        loss=surface.losses.T.tolist(),
        path_x=path_x,
        path_y=path_y,
        path_loss=[] if surface.path_losses is None else surface.path_losses.tolist(),
        titles=(_title(surface, 0, lang), _title(surface, 1, lang)),
    )


def _title(surface: Surface, which: int, lang: str) -> str:
    """Name an axis; a parameter is its place in θ in any language."""
    if surface.kind == "parameters":
        return surface.labels[which]
    curvature = number(float(surface.curvatures[which]))
    return say(f"landscape.axis.{surface.kind}", lang, number=which + 1, curvature=curvature)


def _line(surface: Surface, lang: str) -> Figure:
    """Draw the loss along one direction, and where θ is."""
    places, losses = surface.axes[0].tolist(), surface.losses.tolist()
    curve: Trace = {
        "type": "scatter",
        "mode": "lines",
        "x": places,
        "y": drawable(losses),
        "line": {"color": LIGHT["accent"], "width": 2},
        "showlegend": False,
    }
    here: Trace = {
        "type": "scatter",
        "mode": "markers",
        "x": surface.origin.tolist(),
        "y": [surface.loss],
        "marker": {"size": 10, "color": LIGHT["second"]},
        "hovertemplate": "L = %{y:.4g}<extra></extra>",
        "showlegend": False,
    }
    across_axis = axis(_title(surface, 0, lang), places, longest=LONGEST_TITLE)
    axes = {"xaxis": across_axis, "yaxis": axis(say("ladder.loss", lang), losses)}
    return Figure((curve, here), blank(HEIGHT, legend=False) | axes)


def _steps(density: Density, lang: str) -> Trace:
    """Draw at each share of all eigenvalues how large they are there."""
    values, weights = density.nodes.flip(0), density.weights.flip(0)
    ends = weights.cumsum(0)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": say("landscape.density", lang),
        "x": [0.0, *ends.tolist()],
        "y": [float(values[0]), *values.tolist()],
        "line": {"shape": "vh", "color": LIGHT["accent"], "width": 2},
        "hoverinfo": "skip",
    }
