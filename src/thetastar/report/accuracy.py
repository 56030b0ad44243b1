"""How good the predictions of a number are, as sentences and rows of finished words."""

from __future__ import annotations

from dataclasses import dataclass

from thetastar.fitting.record import Record
from thetastar.report import facts
from thetastar.report.numbers import PERCENT, number, percent, plus_minus
from thetastar.report.words import say

__all__ = ["IntervalRow", "interval_rows", "intervals"]


@dataclass(frozen=True)
class IntervalRow:
    """One level of the prediction intervals."""

    asked: str
    measured: str
    length: str


def intervals(record: Record, lang: str) -> str:
    """Say where nine in ten truths lie, how that was measured, and whether intervals grow with the prediction."""
    check = record.evidence.intervals
    if check is None or not check.levels:
        return ""
    keys = ["good.intervals", "good.intervals.scaled" if check.scaled else "good.intervals.same"]
    return say("sentence.space", lang).join(say(key, lang, folds=record.folds) for key in keys)


def interval_rows(record: Record) -> tuple[IntervalRow, ...]:
    """Return asked and measured coverage (± one standard error over the folds) and the median length, by level."""
    check = record.evidence.intervals
    if check is None:
        return ()
    return tuple(
        IntervalRow(f"{100 * level:g}{PERCENT}", _share(folds), number(length))
        for level, folds, length in zip(check.levels, check.coverage, check.length, strict=True)
    )


def _share(folds: tuple[float, ...]) -> str:
    """Write a share with its standard error over the folds."""
    found = facts.estimate(folds)
    if not found.error > 0:
        return percent(found.mean)
    return f"{plus_minus(100 * found.mean, 100 * found.error)}{PERCENT}"
