"""The look that all figures share: one palette in a light and a dark form, quiet axes, ticks that people can read.

Figures are built in the light colours. The page's script swaps each light colour for its dark twin, so a figure is
data once and fits both.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable
from typing import Any

from thetastar.report.numbers import SEPARATED, number

__all__ = [
    "BAND",
    "DARK",
    "FONT",
    "LAST_TICK",
    "LIGHT",
    "RAMP",
    "SERIES",
    "axis",
    "drawable",
    "finite",
    "label",
    "log_axis",
    "ramp_scale",
    "rung_colour",
    "share_axis",
]

# name → (light, dark); text colours keep a contrast of 4.5 : 1 or more on their paper
PALETTE = {
    "paper": ("#fcfbf8", "#15191c"),
    "panel": ("#f3f1eb", "#1d2327"),
    "ink": ("#1c2225", "#ebe8e2"),
    "muted": ("#5f676c", "#a3abaf"),
    "line": ("#dcd8ce", "#343c41"),
    "accent": ("#0b5c6b", "#62c4d4"),
    "second": ("#b84c12", "#f2985e"),
    "series-2": ("#5b4b9a", "#ab9dea"),
    "series-3": ("#7d6d0c", "#d3c252"),
    "series-4": ("#a93566", "#ee8ab3"),
    "series-5": ("#2b7549", "#78c998"),
    "series-6": ("#4a6584", "#9fb8d5"),
    "series-7": ("#75472a", "#cb9d7b"),
    "ramp-0": ("#2a7583", "#0a242b"),
    "ramp-1": ("#5695a0", "#0f3640"),
    "ramp-2": ("#83b2ba", "#174954"),
    "ramp-3": ("#adcdd1", "#225c69"),
    "ramp-4": ("#d2e3e4", "#30717f"),
    "ramp-5": ("#eef4f3", "#438898"),
}
LIGHT = {name: light for name, (light, _) in PALETTE.items()}
DARK = {name: dark for name, (_, dark) in PALETTE.items()}
SERIES = ("accent", "second", "series-2", "series-3", "series-4", "series-5", "series-6", "series-7")
RAMP = tuple(name for name in PALETTE if name.startswith("ramp-"))
RUNGS = {"constant": 6, "linear": 3, "hard_sigmoids": 1, "hidden": 2, "deep": 0}  # rung → position in SERIES

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "PingFang SC", "Noto Sans CJK SC", sans-serif'
LONGEST_LABEL = 28
BAND = "38"  # of a band: the last two of eight hexadecimal digits, which is an opacity of 22 %
LAST_TICK = 22  # pixels right of an axis that ends with the label 100 %
WRITTEN_OUT = (1e-3, 1e7)  # ticks on an axis that ends between these need no powers of ten
FEWEST_TICKS = 3
FEW_DECADES = 2.2  # below this, a logarithmic axis also names 2 and 5 in each decade


def axis(title: str = "", values: Iterable[float] = (), *, longest: int = LONGEST_LABEL) -> dict[str, Any]:
    """Return an axis in the shared look; the title may hold anything, it is escaped here.

    The values decide whether ticks are written out or, where that would be long, as powers of ten.
    """
    largest = max((abs(value) for value in values if math.isfinite(value)), default=1.0)
    return {
        "title": {"text": label(title, longest=longest), "standoff": 10, "font": {"size": 13, "color": LIGHT["muted"]}},
        "gridcolor": LIGHT["line"],
        "linecolor": LIGHT["line"],
        "tickfont": {"size": 12, "color": LIGHT["muted"]},
        "zeroline": False,
        "showline": False,
        "fixedrange": True,
        "automargin": True,
        "exponentformat": "none" if WRITTEN_OUT[0] <= largest < WRITTEN_OUT[1] else "power",
        "separatethousands": largest >= SEPARATED,
        "nticks": 7,
    }


def log_axis(values: Iterable[float], title: str = "") -> dict[str, Any]:
    """Return a logarithmic axis over the positive finite values, with ticks written as people write numbers."""
    positive = [value for value in values if math.isfinite(value) and value > 0]
    if not positive:
        return {**axis(title), "type": "log"}
    low, high = math.log10(min(positive)), math.log10(max(positive))
    pad = max(0.04 * (high - low), 0.02)
    ticks, written = _log_ticks(low - pad, high + pad)
    return {
        **axis(title),
        "type": "log",
        "range": [low - pad, high + pad],
        "tickvals": ticks,
        "ticktext": written,
    }


def share_axis(title: str, *, start: float = 0.0, end: float = 1.0) -> dict[str, Any]:
    """Return an axis of shares between two ends, in per cent, with a little room on either side for thick lines."""
    digits = 0 if end - start > 0.1 else 1
    room = 0.015 * (end - start)
    ticks = {"tickformat": f".{digits}%", "nticks": 6, "ticklabeloverflow": "allow"}
    return {**axis(title), **ticks, "range": [start - room, end + room]}


def label(text: str, *, longest: int = LONGEST_LABEL) -> str:
    """Make any text safe as a label: plotly reads some HTML, names of columns must not be read so, nor grow long."""
    short = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return html.escape(short, quote=False)


def finite(values: Iterable[float]) -> list[float]:
    """Return the values that can be drawn."""
    return [value for value in values if math.isfinite(value)]


def drawable(values: Iterable[float]) -> list[float | None]:
    """Return values for plotly, which leaves a gap for None."""
    return [value if math.isfinite(value) else None for value in values]


def ramp_scale() -> list[list[float | str]]:
    """Return the sequential colour scale, low to high."""
    return [[position / (len(RAMP) - 1), LIGHT[name]] for position, name in enumerate(RAMP)]


def rung_colour(rung: str) -> str:
    """Return the colour that a rung has in every figure."""
    return LIGHT[SERIES[RUNGS[rung]]]


def _log_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Return round numbers between two powers of ten, and how they are written.

    They are decades, with 2 and 5 between them when there are few; evenly spaced numbers where even these are too few.
    """
    steps = (1, 2, 5) if high - low < FEW_DECADES else (1,)
    skip = max(1, round((high - low) / 6))
    decades = range(math.floor(low), math.ceil(high) + 1)
    ticks = [step * 10.0**decade for decade in decades if decade % skip == 0 for step in steps]
    inside = [tick for tick in ticks if low <= math.log10(tick) <= high]
    if len(inside) >= FEWEST_TICKS:
        return inside, [number(tick, digits=1) for tick in inside]
    return _even_ticks(10.0**low, 10.0**high)


def _even_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Return about five round numbers between two ends, and how they are written: to the last digit that differs."""
    rough = (high - low) / 5
    decade = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * decade for factor in (1, 2, 5, 10) if factor * decade >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    ticks = [place * step for place in range(first, last + 1)]
    length = math.floor(math.log10(high)) - math.floor(math.log10(step)) + 1
    digits = [length - (tick < 10.0 ** math.floor(math.log10(high))) for tick in ticks]  # 0.09 beside 0.10
    return ticks, [number(tick, digits=max(1, some)) for tick, some in zip(ticks, digits, strict=True)]
