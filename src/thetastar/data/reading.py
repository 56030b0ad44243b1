"""How a file was read, as plain values: what was asked, how each column is written, and what a person should know.

The same values read new files alike: a column written with a decimal comma stays one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from thetastar.data.codes import NoteCode
from thetastar.errors import UserError

__all__ = ["ColumnFormat", "Note", "ReadOptions", "Reading", "together"]

_DECIMALS = (".", ",")
_DAY_ORDERS = ("dmy", "mdy")


@dataclass(frozen=True)
class ReadOptions:
    """What a person asks for instead of what would be found out; None leaves it to the file.

    Attributes:
        encoding: Of a text file, a name that Python knows: utf-8, gb18030, cp1252, …
        delimiter: The one character between cells.
        header: Whether the first line names the columns.
        decimal: The decimal mark, ``"."`` or ``","``.
        dates: Whether ``3/4/2024`` is the 3rd of April (``"dmy"``) or March the 4th (``"mdy"``).
        sheet: Of a workbook, by name.

    Raises:
        UserError: if one of them can't be.
    """

    encoding: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    decimal: str | None = None
    dates: str | None = None
    sheet: str | None = None

    def __post_init__(self) -> None:
        if self.delimiter is not None and len(self.delimiter) != 1:
            raise UserError(f"the delimiter is one character; seen {self.delimiter!r} (a tab is written as \\t)")
        if self.decimal not in (None, *_DECIMALS):
            raise UserError(f"the decimal mark is '.' or ','; seen {self.decimal!r}")
        if self.dates not in (None, *_DAY_ORDERS):
            raise UserError(f"the order of dates is 'dmy' or 'mdy'; seen {self.dates!r}")

    def over(self, others: ReadOptions) -> ReadOptions:
        """Return the others, with what is asked for here in place of theirs."""
        asked = {name: value for name, value in vars(self).items() if value is not None}
        return replace(others, **asked)


@dataclass(frozen=True)
class ColumnFormat:
    """How a column's values are written.

    Attributes:
        column: Its name.
        kind: text, number, date, time (of day) or duration (in seconds); for a number or date the rest says how.
        decimal: The decimal mark of a number.
        grouping: What stands between its thousands; empty for nothing.
        unit: Sign of currency or percent, or unit, beside it; the number is kept as it is written (12 % is 12).
        order: Of a date's parts, a key of ``date_text.ORDERS``.
        missing: Words that stand for no value.
    """

    column: str
    kind: str
    decimal: str = "."
    grouping: str = ""
    unit: str = ""
    order: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Note:
    """One decision about a file; the words for it stand in the report's catalogue under ``reading.<code>``.

    Attributes:
        code: Which decision.
        columns: Which columns it is about; empty for the whole file.
        text: What was seen or decided: the encoding's name, the sign of currency, …
        rows: How many rows it touches, 0 where that means nothing.
        texts: Where several were seen: the words that count as missing, the units, …
    """

    code: NoteCode
    columns: tuple[str, ...] = ()
    text: str = ""
    rows: int = 0
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """How a file was read."""

    options: ReadOptions = ReadOptions()
    formats: tuple[ColumnFormat, ...] = ()
    notes: tuple[Note, ...] = ()


def together(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Join notes that say the same about several columns.

    Example:
        >>> together([Note("percent", ("a",), rows=2), Note("percent", ("b",), rows=3)])
        (Note(code='percent', columns=('a', 'b'), text='', rows=5, texts=()),)
    """
    joined: dict[Note, Note] = {}
    for note in notes:
        key = Note(note.code, text=note.text, texts=note.texts)
        before = joined.get(key, key)
        joined[key] = replace(before, columns=before.columns + note.columns, rows=before.rows + note.rows)
    return tuple(joined.values())
