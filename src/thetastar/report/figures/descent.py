"""Loss and length of the gradient at every update, for each member that was trained."""

from __future__ import annotations

import math

import numpy as np

from thetastar.fitting.record import Curve, Record
from thetastar.report.figures.figure import Figure, Layout, Trace, blank
from thetastar.report.figures.style import LIGHT, axis, log_axis, rung_colour
from thetastar.report.words import say

__all__ = ["descent_figure", "smooth", "trained"]

SMOOTHED = 0.1  # decades of updates


def trained(record: Record) -> tuple[Curve, ...]:
    """Return the curves of members that were trained in earnest (no trials of learning rates)."""
    return tuple(curve for curve in record.curves if curve.purpose != "probe" and curve.update)


def descent_figure(record: Record, lang: str) -> Figure | None:
    """Draw loss (top) and gradient norm (bottom) by update, logarithmic; None when nothing was trained by descent.

    Validation losses are drawn for the kept rung only, so that the picture stays readable.
    """
    curves = trained(record)
    if not curves:
        return None
    traces: list[Trace] = []
    seen: set[str] = set()
    for curve in sorted(curves, key=lambda curve: curve.rung == record.choice.rung):
        kept = curve.rung == record.choice.rung
        rank = [rung.name for rung in record.ladder].index(curve.rung)
        traces.append(_loss_line(curve, lang, kept=kept, rank=None if curve.rung in seen else rank))
        traces.append(_gradient_line(curve, kept=kept))
        seen.add(curve.rung)
    traces += _validation([curve for curve in curves if curve.rung == record.choice.rung], lang)
    return Figure((*traces, _best(curves, lang)), blank(520) | _axes(curves, record.choice.rung, lang))


def _axes(curves: tuple[Curve, ...], kept: str, lang: str) -> Layout:
    """Stack two panels over one axis of updates."""
    losses = [value or 0 for curve in curves for value in smooth(curve.update, curve.loss)]
    losses += [value for curve in curves if curve.rung == kept for value in curve.validation_loss]
    norms = [value or 0 for curve in curves for value in smooth(curve.update, curve.gradient_norm)]
    updates = [float(update) for curve in curves for update in curve.update]
    title = say("descent.update", lang)
    logarithmic = any(update > 0 for update in updates)
    return {
        "xaxis": (log_axis(updates, title) if logarithmic else axis(title)) | {"anchor": "y2"},
        "yaxis": log_axis(losses, say("descent.loss", lang)) | {"domain": [0.44, 1]},
        "yaxis2": log_axis(norms, say("descent.gradient", lang)) | {"domain": [0, 0.38]},
    }


def _loss_line(curve: Curve, lang: str, *, kept: bool, rank: int | None) -> Trace:
    """Draw one member's training loss; the first member of a rung has a rank, its place in the legend."""
    return {
        "type": "scatter",
        "x": _positive(curve.update),
        "y": smooth(curve.update, curve.loss),
        "mode": "lines",
        "name": say(f"rung.{curve.rung}", lang),
        "legendgroup": curve.rung,
        "showlegend": rank is not None,
        **({} if rank is None else {"legendrank": rank}),
        "opacity": 1.0 if kept else 0.45,
        "line": {"color": rung_colour(curve.rung), "width": 1.6 if kept else 1.1},
        "hoverinfo": "skip",
    }


def _gradient_line(curve: Curve, *, kept: bool) -> Trace:
    """Draw one member's gradient norm in the lower panel."""
    return {
        "type": "scatter",
        "x": _positive(curve.update),
        "y": smooth(curve.update, curve.gradient_norm),
        "mode": "lines",
        "yaxis": "y2",
        "legendgroup": curve.rung,
        "showlegend": False,
        "opacity": 1.0 if kept else 0.45,
        "line": {"color": rung_colour(curve.rung), "width": 1.6 if kept else 1.1},
        "hoverinfo": "skip",
    }


def smooth(updates: tuple[int, ...], values: tuple[float, ...]) -> list[float | None]:
    """Return the geometric mean over neighbouring updates, so that a batch's luck doesn't hide where descent goes.

    Neighbours are less than a tenth of a decade away: the first updates stay as they are. Gaps stay where a logarithm
    has no place.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        place, height = np.log10(np.array(updates, dtype=float)), np.log(np.array(values, dtype=float))
        near = (np.abs(place[:, None] - place) < SMOOTHED) & np.isfinite(height)
        means = np.exp(np.where(near, height, 0).sum(1) / near.sum(1))
    drawn = np.isfinite(height) & np.isfinite(place)
    return [float(mean) if there else None for mean, there in zip(means, drawn, strict=True)]


def _validation(curves: list[Curve], lang: str) -> list[Trace]:
    """Draw the kept members' validation losses, dotted."""
    return [
        {
            "type": "scatter",
            "x": _positive(curve.validation_update),
            "y": _positive(curve.validation_loss),
            "mode": "lines",
            "name": say("ladder.validation", lang),
            "legendgroup": "validation",
            "showlegend": position == 0,
            "line": {"color": LIGHT["ink"], "width": 1.2, "dash": "dot"},
            "hoverinfo": "skip",
        }
        for position, curve in enumerate(curve for curve in curves if curve.validation_update)
    ]


def _best(curves: tuple[Curve, ...], lang: str) -> Trace:
    """Mark on each loss curve the update whose parameters were kept."""
    points = [(curve, _nearest(curve)) for curve in curves if curve.stopped != "diverged"]
    return {
        "type": "scatter",
        "x": _positive([curve.update[place] for curve, place in points]),
        "y": [smooth(curve.update, curve.loss)[place] for curve, place in points],
        "mode": "markers",
        "name": say("descent.best", lang),
        "marker": {"size": 8, "color": LIGHT["paper"], "line": {"color": LIGHT["ink"], "width": 1.8}},
        "hoverinfo": "skip",
    }


def _nearest(curve: Curve) -> int:
    """Return the place on the thinned curve that is nearest to the update whose parameters were kept."""
    distances = [abs(update - curve.best_update) for update in curve.update]
    return distances.index(min(distances))


def _positive(values: tuple[float, ...] | tuple[int, ...] | list[int] | list[float]) -> list[float | None]:
    """Leave gaps where a logarithm has no place."""
    return [value if math.isfinite(value) and value > 0 else None for value in values]
