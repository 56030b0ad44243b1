"""Words about a series: its columns of time and group, its windows, and rows without one."""

from __future__ import annotations

from thetastar.arrays import Flags
from thetastar.fitting import FoundFunction, Record, Series
from thetastar.report import sentences
from thetastar.report.numbers import count, counted
from thetastar.report.words import say

__all__ = ["not_ready", "series"]


def series(record: Record, lang: str) -> str:
    """Say what became of the columns of time and group, and how windows were cut; nothing if there are none."""
    found = record.series
    if found is None:
        return ""
    if found.lags:
        words = say(
            "series.windows.group" if found.group else "series.windows",
            lang,
            target=record.target.name,
            time=found.time,
            group=found.group,
            lags=counted("rows", found.lags, lang),
            steps=counted("steps", found.horizon, lang),
            windows=count(found.windows),
        )
        left = say(
            "series.left_out",
            lang,
            rows=counted("rows", found.left_out, lang),
            stretches=counted("stretches", found.stretches, lang),
        )
        return say("sentence.space", lang).join(
            (words, left, *_missing(record, found, lang), *_repeated(record, found, lang))
        )
    names = say("list.comma", lang).join(name for name in (found.time, found.group) if name)
    return say("series.no_input.time" if found.time else "series.no_input.group", lang, names=names)


def _missing(record: Record, found: Series, lang: str) -> tuple[str, ...]:
    """Say what stands in for past values of the target that are missing."""
    if not found.missing:
        return ()
    return (say("series.missing", lang, target=record.target.name, rows=counted("rows", found.missing, lang)),)


def _repeated(record: Record, found: Series, lang: str) -> tuple[str, ...]:
    """Compare with the forecast that costs nothing."""
    if not found.repeated_error:
        return ()
    errors = (found.repeated_error, found.own_error)
    repeated, own = (sentences.error(record, folds) for folds in errors)
    return (say("series.repeated", lang, target=record.target.name, repeated=repeated, own=own),)


def not_ready(function: FoundFunction, ready: Flags, lang: str) -> tuple[str, ...]:
    """Say how many rows have no complete window before them, if there are any."""
    left = int((~ready).sum())
    if function.history is None or not left:
        return ()
    lags = counted("rows", function.history.lags.lags, lang)
    return (say("series.not_ready", lang, rows=counted("rows", left, lang), lags=lags),)
