"""What the threshold trades: precision, recall and the share flagged, with the thresholds that people ask for."""

from __future__ import annotations

from thetastar.fitting.classes import Band, ThresholdCurve, WorkingPoint
from thetastar.fitting.record import Record
from thetastar.report.figures.figure import Figure, Trace, blank, upright
from thetastar.report.figures.ranking import area
from thetastar.report.figures.style import LAST_TICK, LIGHT, axis, share_axis
from thetastar.report.words import say

__all__ = ["threshold_figure"]

HEIGHT = 380
COLOURS = {"precision": "accent", "recall": "second", "flagged": "series-2"}
MARKED = ("best_f1", "break_even")  # one above the other, since they often lie close together
LABEL_STEP = 0.075
FEWEST = 10  # rows: what the curves do with fewer is luck


def threshold_figure(record: Record, lang: str) -> Figure | None:
    """Draw the three shares over the threshold, and mark the best F1 and the break-even; None but for two classes."""
    if record.classes is None or record.classes.thresholds is None:
        return None
    curve = record.classes.thresholds
    last = _last(curve, record.classes.rows)
    points = {point.name: point for point in curve.points}
    layout = {
        "xaxis": axis(say("classes.threshold", lang)) | {"range": [0, last], "tickformat": ".2~f"},
        "yaxis": share_axis(""),
        "shapes": [upright(points[name].threshold, colour=LIGHT["muted"], width=1.2, dash="dash") for name in MARKED],
        "annotations": [
            _words(points[name], height=1 - place * LABEL_STEP, right=points[name].threshold > last / 2, lang=lang)
            for place, name in enumerate(MARKED)
        ],
    }
    bands = {"precision": curve.precision, "recall": curve.recall, "flagged": curve.flagged}
    areas = [area(found, LIGHT[COLOURS[name]]) for name, found in bands.items()]
    lines = [_line(found, name, lang) for name, found in bands.items()]
    return Figure((*areas, *lines), blank(HEIGHT, right=LAST_TICK) | layout)


def _last(curve: ThresholdCurve, rows: float) -> float:
    """Return where the axis ends: beyond every marked threshold, and where a handful of rows is still flagged."""
    marked = max(point.threshold for point in curve.points if point.name in MARKED)
    flagged = [x for x, share in zip(curve.flagged.x, curve.flagged.y, strict=True) if share * rows >= FEWEST]
    return min(1.0, 1.05 * max(marked, *flagged))


def _line(curve: Band, name: str, lang: str) -> Trace:
    return {
        "type": "scatter",
        "x": curve.x,
        "y": curve.y,
        "mode": "lines",
        "name": say(f"classes.{name}", lang),
        "line": {"color": LIGHT[COLOURS[name]], "width": 2, "dash": "dot" if name == "flagged" else "solid"},
        "hovertemplate": "%{x:.3f}: %{y:.1%}<extra></extra>",
    }


def _words(point: WorkingPoint, *, height: float, right: bool, lang: str) -> dict[str, object]:
    """Name a threshold beside its vertical line, on the side where there is room."""
    return {
        "x": point.threshold,
        "y": height,
        "yanchor": "top",
        "xanchor": "right" if right else "left",
        "showarrow": False,
        "text": say(f"classes.point.{point.name}", lang),
        "font": {"color": LIGHT["ink"], "size": 12},
        "bgcolor": LIGHT["paper"],
    }
