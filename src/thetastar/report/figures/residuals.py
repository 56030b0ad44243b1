"""What held-out predictions miss along a column: dots, their smoothed mean, and the band that chance leaves it."""

from __future__ import annotations

from thetastar.fitting.evidence import ResidualCurve
from thetastar.fitting.record import Record
from thetastar.report.figures.dates import along, axis_of, hovered
from thetastar.report.figures.figure import Figure, Trace, across, blank, upright
from thetastar.report.figures.levels import level_axis, short, value_axis
from thetastar.report.figures.style import BAND, LIGHT, axis, drawable, finite

__all__ = ["residual_figure"]

HEIGHT = 230
LEVEL_HEIGHT = 21  # pixels of a category
LEVELS_FRAME = 44  # pixels around them
SHOWN_SHARE = 0.98  # of the dots lie within the axis; a few far off would flatten everything else


def residual_figure(record: Record, column: str) -> Figure:
    """Draw the residuals along one column; of categories the means with their intervals."""
    curve = next(one for one in record.evidence.residuals if one.column == column)
    return _levels_figure(curve) if curve.levels else _curve_figure(curve)


def _curve_figure(curve: ResidualCurve) -> Figure:
    dots = _dots_range(curve)
    layout = {
        "xaxis": axis("", curve.places) | {"nticks": 4, "showgrid": False, "tickangle": 0} | axis_of(curve.kind),
        "yaxis": axis("", dots) | {"nticks": 5, "range": dots},
        "shapes": [across(0, colour=LIGHT["muted"])],
    }
    return Figure((_dots(curve), *_band(curve), _mean(curve)), blank(HEIGHT, legend=False) | layout)


def _dots(curve: ResidualCurve) -> Trace:
    """Draw single rows."""
    return {
        "type": "scatter",
        "x": along(curve.x, curve.kind),
        "y": drawable(curve.missed),
        "mode": "markers",
        "marker": {"size": 3, "color": LIGHT["accent"], "opacity": 0.35},
        "hoverinfo": "skip",
    }


def _band(curve: ResidualCurve) -> tuple[Trace, Trace]:
    """Fill what chance leaves the mean."""
    x = along(curve.places, curve.kind)
    quiet: Trace = {"type": "scatter", "x": x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    fill = {"fill": "tonexty", "fillcolor": f"{LIGHT['second']}{BAND}"}
    return quiet | {"y": drawable(curve.band.low)}, quiet | {"y": drawable(curve.band.high)} | fill


def _mean(curve: ResidualCurve) -> Trace:
    """Draw the smoothed mean."""
    return {
        "type": "scatter",
        "x": along(curve.places, curve.kind),
        "y": drawable(curve.band.mean),
        "mode": "lines",
        "line": {"color": LIGHT["second"], "width": 2},
        "hovertemplate": f"{hovered(curve.kind)}: %{{y:.3g}}<extra></extra>",
    }


def _dots_range(curve: ResidualCurve) -> list[float]:
    """Return a range that holds the band and nearly all dots."""
    dots, band = sorted(finite(curve.missed)), finite([*curve.band.low, *curve.band.high, 0.0])
    cut = int((1 - SHOWN_SHARE) / 2 * len(dots))
    ends = [*band, *dots[cut : len(dots) - cut]]
    pad = 0.04 * (max(ends) - min(ends)) or 1.0
    return [min(ends) - pad, max(ends) + pad]


def _levels_figure(curve: ResidualCurve) -> Figure:
    """Draw a dot and its interval for every category, the most frequent at the top."""
    means = drawable(curve.band.mean)
    reach = [0.0 if mean is None else high - mean for high, mean in zip(curve.band.high, means, strict=True)]
    layout = {
        "xaxis": value_axis([*curve.band.low, *curve.band.high]),
        "yaxis": level_axis([short(level) for level in curve.levels]),
        "shapes": [upright(0, colour=LIGHT["muted"])],
    }
    dots: Trace = {
        "type": "scatter",
        "x": means,
        "y": list(range(len(means))),
        "mode": "markers",
        "error_x": {"array": reach, "color": LIGHT["second"], "thickness": 1.5, "width": 3},
        "marker": {"size": 7, "color": LIGHT["second"]},
        "hovertemplate": "%{x:.3g}<extra></extra>",
    }
    height = max(HEIGHT, LEVELS_FRAME + LEVEL_HEIGHT * len(curve.levels))
    return Figure((dots,), blank(height, legend=False) | layout)
