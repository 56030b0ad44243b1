"""Precision-recall and ROC curves: how well a probability puts the rows of a class first."""

from __future__ import annotations

import math
from itertools import takewhile
from typing import Any

from thetastar.fitting.classes import Band, Ranking
from thetastar.fitting.record import Record
from thetastar.report.figures.figure import Figure, Layout, Trace, blank
from thetastar.report.figures.style import LAST_TICK, LIGHT, SERIES, label, share_axis
from thetastar.report.words import say

__all__ = ["area", "meeting_alarms", "parting_recall", "precision_recall_figure", "roc_figure"]

HEIGHT = 360
DASHES = ("solid", "dash", "dot")  # more classes than colours: the same colours again, broken
BAND_OPACITY = 0.16
PERFECT = 0.99
WORTH_IT = 0.5  # of an axis on which all curves are perfect: then the rest is drawn larger


def precision_recall_figure(record: Record, lang: str) -> Figure | None:
    """Draw precision over recall, and the share of a single class, where a blind order stays; None without classes."""
    rankings = record.classes.rankings if record.classes else ()
    if not rankings:
        return None
    single = rankings[0].share if len(rankings) == 1 else None
    traces = [] if single is None else [_blind([0, 1], [single, single])]
    for place, ranking in enumerate(rankings):
        traces += _drawn(record, ranking, ranking.precision_recall, place=place)
    across = share_axis(say("classes.recall", lang), start=parting_recall(rankings))
    return Figure(tuple(traces), _layout(rankings, across, share_axis(say("classes.precision", lang))))


def roc_figure(record: Record, lang: str) -> Figure | None:
    """Draw recall over the share of other rows that are flagged too; None without classes."""
    rankings = record.classes.rankings if record.classes else ()
    if not rankings:
        return None
    traces = [_blind([0, 1], [0, 1])]
    for place, ranking in enumerate(rankings):
        curve = ranking.roc
        limits = ((0.0, *curve.low), (0.0, *curve.high)) if curve.low else ((), ())
        start = Band((0.0, *curve.x), (0.0, *curve.y), *limits)
        traces += _drawn(record, ranking, start, place=place)
    across = share_axis(say("classes.false_alarms", lang), end=meeting_alarms(rankings))
    return Figure(tuple(traces), _layout(rankings, across, share_axis(say("classes.recall", lang))))


def area(curve: Band, colour: str) -> Trace:
    """Return the area between a curve's limits; the colour stays one that the page can swap for its dark twin."""
    return {
        "type": "scatter",
        "x": [*curve.x, *reversed(curve.x)],
        "y": [*curve.high, *reversed(curve.low)],
        "fill": "toself",
        "fillcolor": colour,
        "opacity": BAND_OPACITY,
        "line": {"width": 0},
        "mode": "lines",
        "showlegend": False,
        "hoverinfo": "skip",
    }


def parting_recall(rankings: tuple[Ranking, ...]) -> float:
    """Return the recall from which the curves of several classes are drawn: up to there, all of them are perfect."""
    curves = [ranking.precision_recall for ranking in rankings]
    parted = min(_last(curve) for curve in curves)
    return _rounded(parted) if len(curves) > 1 and parted >= WORTH_IT else 0.0


def meeting_alarms(rankings: tuple[Ranking, ...]) -> float:
    """Return the share of false alarms to which the curves of several classes are drawn: beyond, all find all."""
    met = max(next((x for x, y in zip(one.roc.x, one.roc.y, strict=True) if y >= PERFECT), 1.0) for one in rankings)
    return 1.0 - _rounded(1.0 - met) if len(rankings) > 1 and 1.0 - met >= WORTH_IT else 1.0


def _last(curve: Band) -> float:
    """Return the largest recall up to which the precision is perfect all the way."""
    order = sorted(zip(curve.x, curve.y, strict=True))
    perfect = list(takewhile(lambda point: point[1] >= PERFECT, order))
    return perfect[-1][0] if perfect else 0.0


def _rounded(share: float) -> float:
    """Return a share with one digit, a little less so that the last perfect part is seen."""
    return math.floor(10 * (share - 0.05)) / 10


def _layout(rankings: tuple[Ranking, ...], x: dict[str, Any], y: dict[str, Any]) -> Layout:
    """Return the frame between two axes; several classes need a legend."""
    axes = {"xaxis": x, "yaxis": y}
    return blank(HEIGHT, legend=len(rankings) > 1, right=LAST_TICK) | axes


def _drawn(record: Record, ranking: Ranking, curve: Band, *, place: int) -> list[Trace]:
    """Draw one class's curve, over its band if it has one."""
    colour = LIGHT[SERIES[place % len(SERIES)]]
    line = {
        "type": "scatter",
        "x": curve.x,
        "y": curve.y,
        "mode": "lines",
        "name": label(str(record.target.classes[ranking.position])),
        "line": {"color": colour, "width": 2, "dash": DASHES[place // len(SERIES) % len(DASHES)]},
        "hovertemplate": "%{x:.1%} → %{y:.1%}<extra></extra>",
    }
    return [area(curve, colour), line] if curve.low else [line]


def _blind(x: list[float], y: list[float]) -> Trace:
    """Draw what an order that knows nothing would reach."""
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "lines",
        "line": {"color": LIGHT["muted"], "width": 1.2, "dash": "dash"},
        "showlegend": False,
        "hoverinfo": "skip",
    }
