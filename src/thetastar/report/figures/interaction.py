"""What two columns do together, as a map: one field a cell, empty where no rows are."""

from __future__ import annotations

import math

from thetastar.fitting.evidence import Interaction
from thetastar.fitting.record import Record
from thetastar.report import facts
from thetastar.report.figures.dates import along, axis_of
from thetastar.report.figures.figure import Figure, Trace, blank
from thetastar.report.figures.style import LIGHT, axis, label
from thetastar.report.numbers import number, percent
from thetastar.report.words import say

__all__ = ["interaction_figure"]

HEIGHT = 400
LONGEST_LEVEL = 14


def interaction_figure(record: Record, lang: str) -> Figure | None:
    """Draw the strongest interaction; None if there is none beyond chance."""
    found = facts.interaction(record)
    if found is None:
        return None
    axes = {"xaxis": _axis(found, 0, lang), "yaxis": _axis(found, 1, lang)}
    return Figure((_fields(found),), blank(HEIGHT, legend=False) | axes | {"plot_bgcolor": LIGHT["line"]})


def _fields(found: Interaction) -> Trace:
    """Colour each field by its value."""
    values = [value for row in found.value for value in row if math.isfinite(value)]
    reach = max(map(abs, values), default=0.0) or 1.0
    return {
        "type": "heatmap",
        "x": _edges(found, 0),
        "y": _edges(found, 1),
        "z": [list(column) for column in zip(*_known(found), strict=True)],
        "zmin": -reach,
        "zmax": reach,
        "colorscale": [[0.0, LIGHT["second"]], [0.5, LIGHT["paper"]], [1.0, LIGHT["accent"]]],
        "xgap": 1,
        "ygap": 1,
        "text": [list(column) for column in zip(*_words(found), strict=True)],
        "hovertemplate": "%{text}<extra></extra>",
        "colorbar": {
            "thickness": 10,
            "outlinewidth": 0,
            "tickvals": [-reach, 0, reach],
            "ticktext": [number(-reach, digits=2), "0", f"+{number(reach, digits=2)}"],
            "tickfont": {"size": 12, "color": LIGHT["muted"]},
        },
    }


def _axis(found: Interaction, which: int, lang: str) -> dict[str, object]:
    """Name a column, or the part of its dates, and its categories."""
    levels, places, part = found.levels[which], found.places[which], found.parts[which]
    name = say(f"found.effects.{part}", lang, column=found.columns[which]) if part else found.columns[which]
    drawn = {**axis(name, places), "showgrid": False, "nticks": 5}
    if levels:
        names = [label(level if len(level) <= LONGEST_LEVEL else f"{level[: LONGEST_LEVEL - 1]}…") for level in levels]
        return drawn | {"tickvals": list(range(len(names))), "ticktext": names}
    return drawn | axis_of(found.kinds[which])


def _edges(found: Interaction, which: int) -> list[float | str]:
    """Return the edges of the fields; of categories half a step around their places."""
    if found.levels[which]:
        return [place - 0.5 for place in range(len(found.levels[which]) + 1)]
    return along(found.places[which], found.kinds[which])


def _known(found: Interaction) -> list[list[float | None]]:
    """Return the values of the cells that hold rows."""
    return [
        [value if share > 0 and math.isfinite(value) else None for value, share in zip(row, shares, strict=True)]
        for row, shares in zip(found.value, found.shares, strict=True)
    ]


def _words(found: Interaction) -> list[list[str]]:
    """Write what appears when a field is pointed at: its value, and the share of the rows."""
    return [
        [
            f"{'+' if value > 0 else ''}{number(value)} ({percent(share)})"
            for value, share in zip(row, shares, strict=True)
        ]
        for row, shares in zip(found.value, found.shares, strict=True)
    ]
