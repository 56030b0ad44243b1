"""How good the predictions of a number are, as sentences and rows of finished words."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from thetastar.fitting.evidence import WorstRow
from thetastar.fitting.record import Record
from thetastar.report import facts
from thetastar.report.numbers import PERCENT, count, counted, number, percent, plus_minus
from thetastar.report.words import say

__all__ = ["IntervalRow", "WorstTable", "band", "interval_rows", "intervals", "residuals", "worst", "worst_table"]

WORST_COLUMNS = 8  # of a table of rows, the most important ones
LONGEST_NUMBER = 10  # characters
CELL_DIGITS = 6
DECIMAL = re.compile(r"-?\d+\.\d+(e[+-]?\d+)?")


@dataclass(frozen=True)
class IntervalRow:
    """One level of the prediction intervals."""

    asked: str
    measured: str
    length: str


def intervals(record: Record, lang: str) -> str:
    """Say where nine in ten truths lie, how that was measured, and what the intervals' length changes with."""
    check = record.evidence.intervals
    if check is None or not check.levels:
        return ""
    low, high = check.tenths or (math.nan, math.nan)
    length = say(
        f"good.intervals.{check.by or 'same'}",
        lang,
        level=number(100 * check.band_level, digits=2),
        low=number(low),
        high=number(high),
        columns=say("list.comma", lang).join(check.columns),
    )
    return say("sentence.space", lang).join([say("good.intervals", lang, folds=record.folds), length])


def band(record: Record, lang: str) -> str:
    """Say what the lines beside the diagonal are; nothing if there are none."""
    check = record.evidence.intervals
    if check is None or not check.predicted:
        return ""
    key = "good.figure.band.inputs" if check.by == "inputs" else "good.figure.band"
    return say(key, lang, level=number(100 * check.band_level, digits=2))


def interval_rows(record: Record) -> tuple[IntervalRow, ...]:
    """Return asked and measured coverage (± one standard error over the folds) and the median length, by level."""
    check = record.evidence.intervals
    if check is None:
        return ()
    return tuple(
        IntervalRow(f"{100 * level:g}{PERCENT}", _share(folds), number(length))
        for level, folds, length in zip(check.levels, check.coverage, check.length, strict=True)
    )


@dataclass(frozen=True)
class WorstTable:
    """The rows that are predicted worst; each holds its number, truth, prediction, error and some columns' values."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def residuals(record: Record, lang: str) -> str:
    """Say what is left along the columns, and in how many of them it is beyond chance."""
    curves = record.evidence.residuals
    beyond = [curve.column for curve in curves if curve.band.beyond]
    if not beyond:
        return say("good.residuals.all.none", lang, columns=counted("columns", len(curves), lang))
    return say("good.residuals.all.some", lang, names=say("list.comma", lang).join(beyond))


def worst(record: Record, lang: str) -> str:
    """Say what the worst rows are, and what their number counts: rows of the source, or windows of a series."""
    cut = record.series is not None and record.series.lags > 0
    key = "good.worst.windows" if cut else "good.worst"
    return say(key, lang, target=record.target.name, source=record.source)


def worst_table(record: Record, lang: str, *, most: int = WORST_COLUMNS) -> WorstTable:
    """Return the rows predicted worst, with the values of their most important columns."""
    worst = record.evidence.worst
    if not worst:
        return WorstTable((), ())
    order = [one.column for one in record.evidence.importance if one.column in worst[0].values] or list(worst[0].values)
    columns = tuple(order[:most])
    return WorstTable(columns, tuple(_worst(one, columns, lang) for one in worst))


def _worst(one: WorstRow, columns: tuple[str, ...], lang: str) -> tuple[str, ...]:
    """Write one row; several identical ones are counted beside its number."""
    name = count(one.row) if one.rows == 1 else say("good.worst.several", lang, row=count(one.row), rows=one.rows)
    missed = one.prediction - one.truth
    sizes = (number(one.truth), number(one.prediction), f"+{number(missed)}" if missed > 0 else number(missed))
    return (name, *sizes, *(_cell(one.values[column]) for column in columns))


def _cell(text: str) -> str:
    """Return a cell as the table holds it, but for decimals that no one reads."""
    long = len(text) > LONGEST_NUMBER and DECIMAL.fullmatch(text)
    return number(float(text), digits=CELL_DIGITS) if long else text


def _share(folds: tuple[float, ...]) -> str:
    """Write a share with its standard error over the folds."""
    found = facts.estimate(folds)
    if not found.error > 0:
        return percent(found.mean)
    return f"{plus_minus(100 * found.mean, 100 * found.error)}{PERCENT}"
