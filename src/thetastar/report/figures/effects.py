"""What each column does to the answer: one small figure a column, with the folds' disagreement and where rows are."""

from __future__ import annotations

import math
from collections.abc import Sequence

from thetastar.fitting.evidence import Effect
from thetastar.fitting.record import Record
from thetastar.report.figures.dates import MILLISECONDS, along, axis_of, hovered
from thetastar.report.figures.figure import Figure, Trace, across, blank, upright
from thetastar.report.figures.levels import level_axis, short, value_axis
from thetastar.report.figures.style import BAND, LIGHT, SERIES, axis, drawable, finite, label
from thetastar.report.numbers import number, percent
from thetastar.report.words import say

__all__ = ["effect_columns", "effect_figure", "effect_parts", "effect_range"]

HEIGHT = 230
LEVEL_HEIGHT = 21  # pixels of a category
LEVELS_FRAME = 44  # pixels around them
FEW_LEVELS = 4  # have slimmer bars, for the eye's sake
ROWS = "80"  # an opacity of a half, as the last two of eight hexadecimal digits
STRIP = 0.15  # of the height shows how many rows there are
GAP_PLACE = 0.07  # of the axis' length, the diamond of a missing value stands right of the last place
FEW_WHOLE = 4  # steps between whole numbers that all get a tick


def effect_columns(record: Record) -> tuple[str, ...]:
    """Return the columns whose effect was measured, the most important first."""
    return tuple(dict.fromkeys(effect.column for effect in record.evidence.effects))


def effect_parts(record: Record) -> tuple[tuple[str, str], ...]:
    """Return each column whose effect was measured, with the part of its dates that moves or nothing."""
    return tuple(dict.fromkeys((effect.column, effect.of) for effect in record.evidence.effects))


def effect_range(record: Record, column: str, *, of: str = "") -> str:
    """Write the lowest and the highest effect of a column, for which its figure's scale is no measure."""
    values = [value for effect in _of(record, column, of) for value in effect.value if math.isfinite(value)]
    if not values:
        return number(math.nan)
    signs = (f"+{number(value)}" if value > 0 else number(value) for value in (min(values), max(values)))
    return " … ".join(signs)


def effect_figure(record: Record, column: str, lang: str, *, of: str = "") -> Figure:
    """Draw one column's effect (for classes: one a class): a curve along numbers, bars for categories."""
    effects = _of(record, column, of)
    several = len({effect.output for effect in effects}) > 1
    names = [_name(record, effect, several=several) for effect in effects]
    return _levels_figure(effects, names, lang) if effects[0].levels else _curve_figure(effects, names)


def _name(record: Record, effect: Effect, *, several: bool) -> str:
    """Name the class that an effect is of, for who points at it; nothing if there is only one to point at."""
    return label(str(record.target.classes[effect.output])) if several else ""


def _of(record: Record, column: str, of: str) -> list[Effect]:
    return [effect for effect in record.evidence.effects if (effect.column, effect.of) == (column, of)]


def _curve_figure(effects: Sequence[Effect], names: Sequence[str]) -> Figure:
    """Draw curves over a strip that shows where the rows are."""
    places = effects[0].places
    span = places[-1] - places[0]
    traces: list[Trace] = []
    for effect, name in zip(effects, names, strict=True):
        traces += [*_band(effect), _line(effect, name)]
        if effect.gap:
            traces.append(_gap(effect, along([places[-1] + GAP_PLACE * span], effect.kind)))
    spread = finite([value for effect in effects for fold in (*effect.folds, effect.gap) for value in fold])
    layout = {
        "xaxis": _places_axis(effects[0]),
        "yaxis": axis("", spread) | {"nticks": 5, "domain": [STRIP + 0.04, 1.0]},
        "yaxis2": axis() | {"visible": False, "domain": [0.0, STRIP]},
        "bargap": 0.0,
        "shapes": [across(0, colour=LIGHT["muted"])],
    }
    return Figure((*traces, _strip(effects[0])), blank(HEIGHT, legend=False) | layout)


def _places_axis(effect: Effect) -> dict[str, object]:
    """Return the axis of a column's values, with room for the mark of a missing one."""
    places = effect.places
    span = places[-1] - places[0]
    end = places[-1] + (2 * GAP_PLACE * span if effect.gap else 0.0)
    ends = along([places[0] - 0.02 * span, end + 0.02 * span], effect.kind)
    drawn = axis("", places) | {"nticks": 4, "showgrid": False, "range": ends, "anchor": "y2"}
    whole = effect.kind == "number" and all(place == round(place) for place in places)
    return drawn | axis_of(effect.kind) | ({"dtick": 1} if whole and span <= FEW_WHOLE else {})  # no year is 2021.5


def _band(effect: Effect) -> tuple[Trace, Trace]:
    """Fill between the lowest and the highest of the folds' curves."""
    x = along(effect.places, effect.kind)
    low, high = _extent(effect)
    quiet: Trace = {"type": "scatter", "x": x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    return quiet | {"y": low}, quiet | {"y": high, "fill": "tonexty", "fillcolor": f"{_colour(effect)}{BAND}"}


def _line(effect: Effect, name: str) -> Trace:
    """Draw the kept function's curve."""
    return {
        "type": "scatter",
        "x": along(effect.places, effect.kind),
        "y": drawable(effect.value),
        "mode": "lines",
        "line": {"color": _colour(effect), "width": 2},
        "hovertemplate": f"{hovered(effect.kind)}: %{{y:.4g}}<extra>{name}</extra>",
    }


def _gap(effect: Effect, place: list[float | str]) -> Trace:
    """Draw the effect of a missing value right of the curve, from the lowest to the highest fold."""
    low, middle, high = _folds(effect.gap)
    return {
        "type": "scatter",
        "x": place,
        "y": [middle],
        "error_y": _whisker([low], [middle], [high], _colour(effect)),
        "mode": "markers",
        "marker": {"symbol": "diamond", "size": 8, "color": _colour(effect)},
        "hovertemplate": "%{y:.4g}<extra></extra>",
    }


def _strip(effect: Effect) -> Trace:
    """Draw how many rows there are along the column."""
    width = (effect.places[-1] - effect.places[0]) / len(effect.shares)
    middles = [effect.places[0] + (bar + 0.5) * width for bar in range(len(effect.shares))]
    return {
        "type": "bar",
        "x": along(middles, effect.kind),
        "y": list(effect.shares),
        "width": width * MILLISECONDS.get(effect.kind, 1),
        "yaxis": "y2",
        "marker": {"color": f"{LIGHT['accent']}{ROWS}"},
        "hoverinfo": "skip",
    }


def _levels_figure(effects: Sequence[Effect], outputs: Sequence[str], lang: str) -> Figure:
    """Draw bars for categories, the most frequent at the top; several classes as dots, which don't hide each other."""
    levels, shares = effects[0].levels, effects[0].shares
    names = [f"{short(level)} · {percent(share)}" for level, share in zip(levels, shares, strict=True)]
    if effects[0].gap:
        names.append(say("found.effects.missing", lang))
    places = list(range(len(names)))
    layout = {
        "xaxis": value_axis([value for effect in effects for value in effect.value]),
        "yaxis": level_axis(names),
        "bargap": 0.35 if len(names) > FEW_LEVELS else 0.65,
        "shapes": [upright(0, colour=LIGHT["muted"])],
    }
    traces = tuple(
        _levels(effect, places, name, single=len(effects) == 1) for effect, name in zip(effects, outputs, strict=True)
    )
    return Figure(traces, blank(max(HEIGHT, LEVELS_FRAME + LEVEL_HEIGHT * len(names)), legend=False) | layout)


def _levels(effect: Effect, places: list[int], name: str, *, single: bool) -> Trace:
    """Draw one output's effect of every category and of a missing one, with whiskers over the folds."""
    low, high = _extent(effect)
    values = drawable(effect.value)
    if effect.gap:
        below, middle, above = _folds(effect.gap)
        low, values, high = [*low, below], [*values, middle], [*high, above]
    shared: Trace = {
        "x": values,
        "y": places,
        "error_x": _whisker(low, values, high, LIGHT["second"] if single else _colour(effect)),
        "hovertemplate": f"%{{x:.4g}}<extra>{name}</extra>",
    }
    if single:
        outline = {"color": LIGHT["muted"], "width": 1}
        return shared | {"type": "bar", "orientation": "h", "marker": {"color": LIGHT["ramp-2"], "line": outline}}
    return shared | {"type": "scatter", "mode": "markers", "marker": {"size": 7, "color": _colour(effect)}}


def _whisker(
    low: Sequence[float | None], middle: Sequence[float | None], high: Sequence[float | None], colour: str
) -> dict[str, object]:
    """Return whiskers that reach from the lowest to the highest fold."""
    return {
        "symmetric": False,
        "array": [_distance(top, value) for top, value in zip(high, middle, strict=True)],
        "arrayminus": [_distance(value, bottom) for bottom, value in zip(low, middle, strict=True)],
        "color": colour,
        "thickness": 1.5,
        "width": 3,
    }


def _distance(above: float | None, below: float | None) -> float:
    """Return how far one value is above the other, 0 where either is unknown."""
    return max(0.0, above - below) if above is not None and below is not None else 0.0


def _extent(effect: Effect) -> tuple[list[float | None], list[float | None]]:
    """Return the lowest and the highest fold at every place or level."""
    ends = [_folds(values) for values in zip(*effect.folds, strict=True)]
    return [low for low, _, _ in ends], [high for _, _, high in ends]


def _folds(values: Sequence[float]) -> tuple[float | None, float | None, float | None]:
    """Return the lowest, the mean and the highest of the folds' finite values."""
    known = finite(values)
    return (min(known), sum(known) / len(known), max(known)) if known else (None, None, None)


def _colour(effect: Effect) -> str:
    return LIGHT[SERIES[effect.output % len(SERIES)]]
