"""What new rows hold that the function was not found in, in words."""

from __future__ import annotations

from datetime import date, timedelta

from thetastar.data import Kind
from thetastar.fitting.new_rows.unfamiliar import NewRows, Unfamiliar
from thetastar.report.numbers import alongside, count, counted, number
from thetastar.report.words import say

__all__ = ["told"]

_EPOCH = date(1970, 1, 1)
_SHOWN = 24  # characters of an example


def told(new: NewRows, lang: str, *, intervals: bool = False) -> tuple[str, ...]:
    """Return a sentence about columns that are not read, and one for each column and kind of unfamiliar value.

    Nothing where all is familiar.

    Args:
        new: What was found.
        lang: In which language.
        intervals: Whether prediction intervals were asked for, which some rows then don't have.

    Raises:
        UserError: if the language isn't in the catalogue.
    """
    lines = []
    if new.not_read:
        lines.append(say("cli.not_read", lang, names=say("list.comma", lang).join(new.not_read)))
    if new.found:
        rows = counted("rows", new.rows, lang)
        lines.append(say("cli.unfamiliar", lang, affected=count(new.affected), rows=rows))
    lines += [_sentence(one, lang) for one in new.found]
    if intervals and new.far:
        lines.append(say("cli.no_interval", lang, rows=counted("rows", new.far, lang)))
    return tuple(lines)


def _sentence(one: Unfamiliar, lang: str) -> str:
    span = one.span or (0.0, 0.0)
    low, high = map(_day, span) if one.column.kind is Kind.date else alongside(span)
    return say(
        f"cli.unfamiliar.{one.code}",
        lang,
        column=one.column.name,
        rows=counted("rows", one.rows, lang),
        example=repr(one.example if len(one.example) <= _SHOWN else f"{one.example[:_SHOWN]}…"),
        row=count(one.first),
        kind=say(f"kind.{one.column.kind.value}", lang),
        low=low,
        high=high,
    )


def _day(value: float) -> str:
    """Write a day; one that the calendar doesn't have is written as a number."""
    try:
        return (_EPOCH + timedelta(days=value)).isoformat()
    except OverflowError:
        return number(value)
