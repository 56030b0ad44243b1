"""What a column is: its kind, whether it is used, and a reason code for both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Column", "Kind"]


class Kind(str, Enum):
    """What the values of a column mean, which decides how they are encoded."""

    number = "number"
    category = "category"
    boolean = "boolean"
    date = "date"
    time = "time"  # of day
    identifier = "identifier"
    text = "text"
    constant = "constant"

    @property
    def ordered(self) -> bool:
        """Whether values lie along a line: they can be measured, compared and put in order."""
        return self in (Kind.number, Kind.date, Kind.time)


@dataclass(frozen=True)
class Column:
    """One column of a table as it was understood.

    ``reason`` is a short code such as ``"numeric"`` or ``"few_distinct"``; the words for it stand in the
    report's catalogue under ``column.reason.<code>``. ``missing`` counts rows without a value, ``distinct``
    the different values among the others.
    """

    name: str
    kind: Kind
    used: bool
    reason: str
    missing: int
    distinct: int
    example: str
    overruled: bool
