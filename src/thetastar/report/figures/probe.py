"""How far short trial runs got with each learning rate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean

from thetastar.fitting.record import Curve, Record
from thetastar.report.figures.figure import Figure, Trace, blank, upright
from thetastar.report.figures.style import log_axis, rung_colour
from thetastar.report.numbers import number
from thetastar.report.words import say

__all__ = ["Trial", "probe_figure", "trials"]


@dataclass(frozen=True)
class Trial:
    """What the trial runs of one rung with one learning rate reached on validation rows."""

    rung: str
    learning_rate: float
    loss: float
    diverged: bool


def trials(record: Record) -> tuple[Trial, ...]:
    """Gather the learning rate trials by rung and rate; one diverged member makes a diverged trial."""
    groups: dict[tuple[str, float], list[Curve]] = {}
    for curve in record.curves:
        if curve.purpose == "probe" and curve.learning_rate > 0:
            groups.setdefault((curve.rung, curve.learning_rate), []).append(curve)
    return tuple(_trial(rung, rate, curves) for (rung, rate), curves in sorted(groups.items()))


def probe_figure(record: Record, lang: str) -> Figure | None:
    """Draw the validation loss by learning rate, both logarithmic, one line a rung; None when no trial was recorded."""
    found = trials(record)
    losses = [trial.loss for trial in found if not trial.diverged]
    if not losses:
        return None
    failed = [trial for trial in found if trial.diverged]
    top = max(losses) * (1.6 if failed else 1.0)  # where crosses stand for losses that have no place on the axis
    tried = {rung.name: [trial for trial in found if trial.rung == rung.name] for rung in record.ladder}
    lines = [_line(rung, mine, lang) for rung, mine in tried.items() if mine]
    layout = {
        "xaxis": log_axis([trial.learning_rate for trial in found], say("descent.rate", lang)),
        "yaxis": log_axis([*losses, top], say("ladder.validation", lang)),
        "shapes": [shape for rung, mine in tried.items() if mine for shape in _used(record, rung)],
    }
    return Figure((*lines, *([_crosses(failed, top, lang)] if failed else [])), blank(340) | layout)


def _trial(rung: str, rate: float, curves: list[Curve]) -> Trial:
    """Average the lowest validation losses of the members that share rung and learning rate."""
    ends = [min(curve.validation_loss, default=math.nan) for curve in curves]
    diverged = any(curve.stopped == "diverged" for curve in curves) or not all(0 < end < math.inf for end in ends)
    return Trial(rung=rung, learning_rate=rate, loss=math.nan if diverged else fmean(ends), diverged=diverged)


def _line(rung: str, found: list[Trial], lang: str) -> Trace:
    """Draw one rung's trials that ended with a loss."""
    alive = [trial for trial in found if not trial.diverged]
    colour = rung_colour(rung)
    return {
        "type": "scatter",
        "x": [trial.learning_rate for trial in alive],
        "y": [trial.loss for trial in alive],
        "mode": "lines+markers",
        "name": say(f"rung.{rung}", lang),
        "line": {"color": colour, "width": 1.6},
        "marker": {"size": 8, "color": colour},
        "text": [f"η = {number(trial.learning_rate, digits=2)}: {number(trial.loss)}" for trial in alive],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _crosses(failed: list[Trial], height: float, lang: str) -> Trace:
    """Draw diverged trials along the upper edge."""
    return {
        "type": "scatter",
        "x": [trial.learning_rate for trial in failed],
        "y": [height] * len(failed),
        "mode": "markers",
        "name": say("descent.probe.diverged", lang),
        "marker": {"size": 9, "symbol": "x-thin", "line": {"width": 2, "color": [rung_colour(t.rung) for t in failed]}},
        "hoverinfo": "skip",
    }


def _used(record: Record, rung: str) -> list[dict[str, object]]:
    """Draw the learning rate that the rung was trained with, if it was settled as a number."""
    settings = next(one.settings for one in record.ladder if one.name == rung)
    rate = settings.get("learning_rate")
    if not (isinstance(rate, float) and 0 < rate < math.inf):
        return []
    return [upright(rate, colour=rung_colour(rung), width=1.2, dash="dash")]
