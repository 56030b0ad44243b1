"""What a linear function multiplies by its weights, in words."""

from __future__ import annotations

from thetastar.data.calendar import PERIODS
from thetastar.fitting.record import Input
from thetastar.report.words import say

__all__ = ["input_name"]


def input_name(one: Input, lang: str) -> str:
    """Name an input: a column, or what was made of it; conditions stand in square brackets and count 0 or 1."""
    if one.role == "category" and not one.category:
        return say("found.formula.other", lang, column=one.column)
    if one.role in ("category", "boolean"):
        return say("found.formula.is", lang, column=one.column, category=one.category)
    if one.role == "missing":
        return say("found.formula.missing", lang, column=one.column)
    wave, _, cycle = one.role.partition("_")
    if cycle:
        part = say(f"found.formula.cycle.{cycle}", lang, column=one.column)
        return f"{wave}(2π·{part}/{PERIODS[cycle]:g})"
    if one.role == "year":
        return say("found.formula.year", lang, column=one.column)
    if one.role == "date":
        return say("found.formula.date", lang, column=one.column)
    return one.column
