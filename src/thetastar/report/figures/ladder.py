"""Training and validation loss by flexibility: the whole ladder at a glance."""

from __future__ import annotations

import math

from thetastar.fitting.record import Record, Rung
from thetastar.report import facts
from thetastar.report.figures.figure import Figure, Trace, blank
from thetastar.report.figures.style import LIGHT, axis, label, log_axis
from thetastar.report.numbers import number, plus_minus
from thetastar.report.words import say

__all__ = ["ladder_figure"]

SHIFT = 0.1  # training points stand a little left of a rung's place, validation points a little right
FOLD_SHIFT = 0.22
FAR_FROM_ZERO = 0.4  # of the largest loss: above this, an axis from zero hides the steps
LOG_RATIO = 20.0  # losses further apart than this need a logarithmic axis


def ladder_figure(record: Record, lang: str) -> Figure | None:
    """Draw mean losses over the folds by rung, validation with standard errors and single folds, the choice marked."""
    if not any(math.isfinite(facts.estimate(rung.validation).mean) for rung in record.ladder):
        return None
    drawn = [loss for rung in record.ladder for loss in (facts.estimate(rung.training).mean, *rung.validation)]
    losses = [loss for loss in drawn if math.isfinite(loss)]
    axes = {"xaxis": _rung_axis(record, lang), "yaxis": _loss_axis(losses, lang)}
    traces = (_folds(record, lang), _training(record, lang), _validation(record, lang))
    return Figure(traces, blank(400) | axes | _marked_choice(record, lang))


def _rung_axis(record: Record, lang: str) -> dict[str, object]:
    """Name the rungs from left to right, broken over lines so that they fit a small screen."""
    names = [label(say(f"rung.{rung.name}", lang)).replace(" ", "<br>") for rung in record.ladder]
    places = list(range(len(names)))
    ticks = {"tickvals": places, "ticktext": names, "range": [-0.5, len(names) - 0.5], "showgrid": False}
    return {**axis(), **ticks}


def _loss_axis(losses: list[float], lang: str) -> dict[str, object]:
    """Start at zero unless all losses are far from it, or take logarithms when they are of different magnitudes."""
    title = say("ladder.loss", lang)
    if losses and min(losses) > 0 and max(losses) / min(losses) > LOG_RATIO:
        return log_axis(losses, title)
    far = bool(losses) and min(losses) > FAR_FROM_ZERO * max(losses)
    return {**axis(title), "rangemode": "normal" if far else "tozero"}


def _marked_choice(record: Record, lang: str) -> dict[str, object]:
    """Shade the column of the rung that was kept."""
    place = record.ladder.index(facts.chosen(record))
    ends = {"x0": place - 0.42, "x1": place + 0.42, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain"}
    shade = {"type": "rect", **ends, "fillcolor": LIGHT["panel"], "line": {"width": 0}, "layer": "below"}
    words = {
        "x": place,
        "y": 1,
        "yref": "paper",
        "yanchor": "top",
        "showarrow": False,
        "text": say("ladder.kept", lang),
        "font": {"color": LIGHT["accent"], "size": 13},
        "bgcolor": LIGHT["panel"],
    }
    return {"shapes": [shade], "annotations": [words]}


def _folds(record: Record, lang: str) -> Trace:
    """Draw each fold's validation loss as a small dot."""
    places = [place for place, rung in enumerate(record.ladder) for _ in rung.validation]
    losses = [loss for rung in record.ladder for loss in rung.validation]
    return {
        "type": "scatter",
        "x": [place + FOLD_SHIFT for place in places],
        "y": [loss if math.isfinite(loss) else None for loss in losses],
        "mode": "markers",
        "name": say("ladder.fold", lang),
        "legendrank": 2000,  # plotly's default is 1000: single folds come last
        "marker": {"size": 4, "color": LIGHT["second"], "opacity": 0.45},
        "hoverinfo": "skip",
    }


def _training(record: Record, lang: str) -> Trace:
    """Draw the mean training losses, hollow."""
    means = [facts.estimate(rung.training).mean for rung in record.ladder]
    return {
        "type": "scatter",
        "x": [place - SHIFT for place in range(len(means))],
        "y": [mean if math.isfinite(mean) else None for mean in means],
        "mode": "lines+markers",
        "name": say("ladder.training", lang),
        "line": {"color": LIGHT["accent"], "width": 1.5, "dash": "dot"},
        "marker": {"size": 10, "color": LIGHT["paper"], "line": {"color": LIGHT["accent"], "width": 2}},
        "text": [_hover(rung, number(mean), lang) for rung, mean in zip(record.ladder, means, strict=True)],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _validation(record: Record, lang: str) -> Trace:
    """Draw the mean validation losses with their standard errors, filled."""
    found = [facts.estimate(rung.validation) for rung in record.ladder]
    return {
        "type": "scatter",
        "x": [place + SHIFT for place in range(len(found))],
        "y": [one.mean if math.isfinite(one.mean) else None for one in found],
        "error_y": {
            "array": [one.error if math.isfinite(one.error) else 0 for one in found],
            "color": LIGHT["second"],
            "thickness": 1.5,
            "width": 5,
        },
        "mode": "lines+markers",
        "name": say("ladder.validation", lang),
        "line": {"color": LIGHT["second"], "width": 1.5},
        "marker": {"size": 10, "color": LIGHT["second"]},
        "text": [
            _hover(rung, plus_minus(one.mean, one.error), lang) for rung, one in zip(record.ladder, found, strict=True)
        ],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _hover(rung: Rung, value: str, lang: str) -> str:
    """Write what appears when a point is pointed at."""
    return f"{label(say(f'rung.{rung.name}', lang))}: {value}"
