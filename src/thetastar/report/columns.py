"""What is in the table: the target and every column, with how their values are spread drawn small."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from itertools import groupby

from thetastar.data import Column, Kind, Outline
from thetastar.fitting.record import Record
from thetastar.report.numbers import alongside, count, percent
from thetastar.report.words import say

__all__ = ["SPARK_HEIGHT", "SPARK_WIDTH", "Described", "described"]

SPARK_WIDTH, SPARK_HEIGHT = 72, 18  # pixels
LAGGED = re.compile(r"\[t-(\d+)\]$")  # as ``lagged_name`` in thetastar.data.windows writes it
LEAST = 1.0  # pixel: a bar of few values is still seen
LEVELS_NAMED = 3
LONGEST_LEVEL = 16
EPOCH = datetime.datetime(1970, 1, 1)  # days are in UTC, and are written as they are


@dataclass(frozen=True)
class Described:
    """One line of the table of columns, in words; ``bars`` is the path of a small drawing, or nothing."""

    name: str
    kind: str
    reason: str
    used: bool
    target: bool
    values: str
    bars: str
    missing: str
    distinct: str


def described(record: Record, lang: str) -> tuple[Described, ...]:
    """Return the target and then every column; past values of a column that were read alike share a line."""
    target, outlines = record.target, {one.column: one for one in record.outlines[1:]}
    first = Described(
        name=target.name,
        kind=say(f"data.target.kind.{target.task}", lang, classes=len(target.classes)),
        reason=say(f"target.reason.{target.reason}", lang),
        used=True,
        target=True,
        values=_values(record.outlines[0], lang, kind=Kind.number),
        bars=_bars(record.outlines[0]),
        missing="",
        distinct=count(len(target.classes)) if target.classes else "",
    )
    columns = (
        _described(name, column, outlines.get(column.name), record.rows, lang) for name, column in _together(record)
    )
    return (first, *columns)


def _together(record: Record) -> list[tuple[str, Column]]:
    """Return the columns to describe with their names; of windows, the past values of a column once for all of them."""
    if record.series is None or not record.series.lags:
        return [(column.name, column) for column in record.columns]
    found = []
    for (base, *_), same in groupby(record.columns, key=_alike):
        past = list(same)
        steps = [_step(column.name) for column in (past[0], past[-1])]
        found.append((past[0].name if len(past) == 1 else f"{base}[t-{steps[0]} … t-{steps[1]}]", past[0]))
    return found


def _alike(column: Column) -> tuple[str, str, bool, str]:
    """Return what past values of one column share; other columns share it with none."""
    return LAGGED.sub("", column.name), column.kind.value, column.used, column.reason


def _step(name: str) -> str:
    found = LAGGED.search(name)
    return found[1] if found else ""


def _described(name: str, column: Column, outline: Outline | None, rows: int, lang: str) -> Described:
    spread = _values(outline, lang, kind=column.kind) if outline else ""
    return Described(
        name=name,
        kind=say(f"kind.{column.kind.value}", lang),
        reason=say(f"column.reason.{column.reason}", lang),
        used=column.used,
        target=False,
        values=spread or (say("data.for_example", lang, value=column.example) if column.example else ""),
        bars=_bars(outline) if outline else "",
        missing=percent(column.missing / rows) if column.missing else "",
        distinct=count(column.distinct),
    )


def _values(outline: Outline, lang: str, *, kind: Kind) -> str:
    """Write lowest, middle and highest, or the most frequent categories with their shares."""
    if outline.ends:
        written = list(map(_WRITTEN[kind], outline.ends)) if kind in _WRITTEN else alongside(outline.ends)
        return " … ".join(written) if len(set(written)) > 1 else written[0]
    named = zip(outline.levels[:LEVELS_NAMED], outline.shares, strict=False)
    return say("list.comma", lang).join(f"{_short(level)} ({percent(share)})" for level, share in named)


def _bars(outline: Outline) -> str:
    """Return the path of bars that stand side by side, the highest as high as the drawing."""
    if len(outline.shares) < 2:
        return ""
    wide, top = SPARK_WIDTH / len(outline.shares), max(outline.shares)
    steps = []
    for place, share in enumerate(outline.shares):
        if share > 0:
            high = max(LEAST, SPARK_HEIGHT * share / top)
            steps.append(f"M{place * wide:.4g} {SPARK_HEIGHT}v{-high:.3g}h{wide - 0.5:.3g}v{high:.3g}z")
    return "".join(steps)


def _day(days: float) -> str:
    """Write a day, with its time of day if it has one."""
    moment = EPOCH + datetime.timedelta(days=days)
    return moment.strftime("%Y-%m-%d" if moment.time() == datetime.time() else "%Y-%m-%d %H:%M")


def _clock(hours: float) -> str:
    """Write a time of day."""
    minutes = round(hours * 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


_WRITTEN = {Kind.date: _day, Kind.time: _clock}


def _short(level: str) -> str:
    return level if len(level) <= LONGEST_LEVEL else f"{level[: LONGEST_LEVEL - 1]}…"
