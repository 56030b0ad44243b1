"""Words about what normalising the columns did for descent."""

from __future__ import annotations

import math

from thetastar.fitting.record import Record
from thetastar.report.numbers import count, number
from thetastar.report.words import say

__all__ = ["conditioning"]

_READABLE = 1e6  # updates; more are written as a power of ten


def conditioning(record: Record, lang: str) -> str:
    """Say how round the canyon became, and how many updates that saves; nothing where it wasn't measured."""
    found = record.conditioning
    if found is None:
        return ""
    words = say("descent.normalised", lang, before=_size(found.before, lang), after=_size(found.after, lang))
    if found.updates_before is None or found.updates_after is None:
        return words
    saved = say(
        "descent.normalised.updates",
        lang,
        before=_updates(found.updates_before, lang),
        after=_updates(found.updates_after, lang),
    )
    return say("sentence.space", lang).join((words, saved))


def _size(condition: float, lang: str) -> str:
    return number(condition, digits=2) if math.isfinite(condition) else say("descent.normalised.beyond", lang)


def _updates(updates: float, lang: str) -> str:
    if not math.isfinite(updates):
        return say("descent.normalised.beyond", lang)
    return count(round(updates)) if updates < _READABLE else number(updates, digits=2)
