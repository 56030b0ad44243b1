"""Which columns the function needs: one bar a column, with its interval over the folds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from thetastar.fitting.record import Record
from thetastar.report import facts
from thetastar.report.figures.figure import Figure, Trace, blank
from thetastar.report.figures.style import LIGHT, axis, label
from thetastar.report.influence import IMPORTANT_SHOWN
from thetastar.report.numbers import number
from thetastar.report.words import say

__all__ = ["importance_figure"]

ROW = 40  # pixels
ABOVE_BAR = 15  # pixels from the bar's middle to that of its name
FRAME = 64  # pixels for the axis


@dataclass(frozen=True)
class _Bar:
    """One column's bar."""

    name: str
    found: facts.Interval
    words: str
    needed: bool


def importance_figure(record: Record, lang: str) -> Figure | None:
    """Draw the increase of the error (for classes: of the loss) when a column is shuffled; None without importances.

    Names stand above their bars, so that a small screen needn't give them half of its width.
    """
    bars = _bars(record)
    if not bars:
        return None
    ends = [end for bar in bars for end in (bar.found.low, bar.found.high, 0.0)]
    pad = 0.03 * (max(ends) - min(ends)) or 1.0
    key = f"found.importance.axis.{record.target.task}"
    title = say(key, lang, target=record.target.name)
    reach = [min(ends) - (pad if min(ends) < 0 else 0), max(ends) + pad]
    layout = {
        "xaxis": axis(title, ends) | {"range": reach, "nticks": 5, "zeroline": True, "zerolinecolor": LIGHT["muted"]},
        "yaxis": axis() | {"visible": False, "range": [len(bars) - 0.45, -0.8]},
        "bargap": 0.7,
        "annotations": [_name(bar, place) for place, bar in enumerate(bars)],
    }
    return Figure((_trace(bars),), blank(FRAME + ROW * len(bars), legend=False) | layout)


def _bars(record: Record) -> list[_Bar]:
    """Return the most important columns, as far as their numbers are finite."""
    bars = []
    for one in record.evidence.importance[:IMPORTANT_SHOWN]:
        found = facts.rise(record, one)
        if all(map(math.isfinite, (found.low, found.high))):
            words = f"+{number(found.mean)}" if found.mean > 0 else number(found.mean)
            bars.append(_Bar(one.column, found, words, needed=facts.needed(record, one)))
    return bars


def _trace(bars: list[_Bar]) -> Trace:
    """Draw the bars; those that aren't beyond chance are hollow."""
    return {
        "type": "bar",
        "x": [bar.found.mean for bar in bars],
        "y": list(range(len(bars))),
        "orientation": "h",
        "marker": {
            "color": [LIGHT["ramp-2"] if bar.needed else LIGHT["paper"] for bar in bars],
            "line": {"color": LIGHT["muted"], "width": 1},
        },
        "error_x": {
            "symmetric": True,
            "array": [bar.found.high - bar.found.mean for bar in bars],
            "color": LIGHT["second"],
            "thickness": 2,
            "width": 5,
        },
        "text": [
            f"{label(bar.name)}: {bar.words} ({number(bar.found.low)} … {number(bar.found.high)})" for bar in bars
        ],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
    }


def _name(bar: _Bar, place: int) -> dict[str, object]:
    """Write a column's name and number above its bar."""
    return {
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "xshift": 3,
        "y": place,
        "yshift": ABOVE_BAR,
        "showarrow": False,
        "text": f"{label(bar.name)}  <b>{bar.words}</b>",
        "font": {"color": LIGHT["ink"], "size": 13},
        "bgcolor": LIGHT["paper"],
        "borderpad": 0,
    }
