"""What to look at before the result is believed, in words."""

from __future__ import annotations

import shlex

from thetastar.fitting.record import Caution, Record
from thetastar.report.numbers import count, counted, number, percent
from thetastar.report.sentences import class_names
from thetastar.report.words import say

__all__ = ["cautions"]


def cautions(record: Record, lang: str) -> tuple[str, ...]:
    """Return a sentence for each caution, with its evidence and what to do about it.

    Raises:
        UserError: if the language isn't in the catalogue.
    """
    return tuple(_sentence(record, caution, lang) for caution in record.cautions)


def _sentence(record: Record, caution: Caution, lang: str) -> str:
    numbers, key = caution.numbers, f"caution.{caution.code}"
    if caution.code == "known_after":
        key = "caution.known_after.missing" if numbers["missing"] else "caution.known_after.same"
    elif caution.code == "conflicts":
        key = f"caution.conflicts.{record.target.task}"
    return say(
        key,
        lang,
        column=caution.column,
        target=record.target.name,
        **{name: percent(numbers[name]) for name in ("alone", "others", "inside", "outside") if name in numbers},
        **{name: counted("rows", int(numbers[name]), lang) for name in ("rows", "all") if name in numbers},
        floor=_floor(record, numbers.get("floor", 0.0)),
        value=_value(record, numbers.get("value", 0.0)),
        names=class_names([record.target.classes[position] for position in caution.classes], lang),
        fewest=count(int(numbers.get("fewest", 0.0))),
        leave_out=_leave_out(record, caution.column, lang),
    )


def _leave_out(record: Record, column: str, lang: str) -> str:
    """Write what leaves a column out of the next fit, in the language that this one was asked for in."""
    if record.asked.by == "command":
        return say("caution.leave_out.command", lang, pair=shlex.quote(f"{column}=identifier"))
    return say("caution.leave_out.python", lang, column=column)


def _floor(record: Record, floor: float) -> str:
    return percent(floor) if record.target.classes else number(floor)


def _value(record: Record, value: float) -> str:
    """Write the class or the number that a column gives away."""
    return str(record.target.classes[int(value)]) if record.target.classes else number(value)
