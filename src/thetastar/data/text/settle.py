"""What the columns of a file mean together, where one alone could be read in two ways.

- 1,234 is a thousand in a file that writes 3.5, and little more than one in a file that writes 3,5. Where no other
  column tells, a file whose cells are separated by semicolons is taken to write a decimal comma (spreadsheets choose
  the semicolon where the comma is taken), any other a decimal point.
- 3/4/2024 is a day of April if any value of the column has a first number above 12, of March if any has a second one.
  Where no value of the column tells, the other columns of the file do; then points between the numbers (day first),
  then the order in which the dates ascend from row to row; otherwise the day is taken to stand first, as in most
  countries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from thetastar.data.codes import NoteCode
from thetastar.data.reading import ColumnFormat, Note, ReadOptions
from thetastar.data.text.date_text import parse_dates
from thetastar.data.text.guess import Guess, unread
from thetastar.data.text.missing import ALWAYS_MISSING, missing_counts
from thetastar.data.text.number_text import NumberStyle, is_currency
from thetastar.errors import DataError

__all__ = ["settle"]

_THOUSANDS = r"^[+-]?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d{1,3})$"  # 1.234 could be a thousand
_POINTS = NumberStyle(",", ".")
_DATES: dict[str, NoteCode] = {"dmy": "dates_dmy", "mdy": "dates_mdy", "compact": "dates_compact"}
_SETTLED: dict[str, NoteCode] = {"dmy": "dates_settled_dmy", "mdy": "dates_settled_mdy"}


@dataclass(frozen=True)
class _File:
    """What the columns say about the whole file."""

    decimal: str
    order: str  # dmy, mdy, or empty where no column says


def settle(
    guesses: Sequence[Guess], *, options: ReadOptions, delimiter: str
) -> tuple[tuple[ColumnFormat, ...], tuple[Note, ...]]:
    """Return how each column is written, and what a person should know about it.

    Raises:
        DataError: if dates contradict the order that was asked for.
    """
    file = _File(
        options.decimal or _file_decimal(guesses, delimiter),
        options.dates or _file_order(guesses),
    )
    for guess in guesses:
        _check_order(guess, options.dates)
    settled = [_settle(guess, file) for guess in guesses]
    return tuple(form for form, _ in settled), tuple(note for _, notes in settled for note in notes)


def _settle(guess: Guess, file: _File) -> tuple[ColumnFormat, tuple[Note, ...]]:
    name = guess.texts.name
    if guess.kind == "number":
        return _settle_number(guess, file)
    if guess.kind == "date":
        return _settle_date(guess, file)
    if guess.kind in ("time", "duration"):
        notes = (Note("durations", (name,)),) if guess.kind == "duration" else ()
        return ColumnFormat(name, guess.kind, missing=unread(guess.words)), notes + _missing_notes(guess)
    notes = (Note(guess.problem, (name,), texts=guess.units),) if guess.problem else ()
    return ColumnFormat(name, "text", missing=_unusual(guess.words)), notes + _missing_notes(guess)


def _settle_number(guess: Guess, file: _File) -> tuple[ColumnFormat, tuple[Note, ...]]:
    name = guess.texts.name
    style = _style(guess, file)
    form = ColumnFormat(
        name, "number", decimal=style.decimal, grouping=style.grouping, unit=guess.unit, missing=unread(guess.words)
    )
    return form, (*_mark_notes(guess, style), *_missing_notes(guess))


def _mark_notes(guess: Guess, style: NumberStyle) -> Iterator[Note]:
    """Say what the marks in and beside the numbers were taken for."""
    column = (guess.texts.name,)
    bodies = guess.bodies if guess.numbers is None else guess.texts
    grouped = bool(style.grouping) and bodies.str.contains(style.grouping, literal=True).any()
    comma = style.decimal == "," and bodies.str.contains(",", literal=True).any()
    if _ambiguous(guess) or (guess.numbers is not None and grouped):
        yield Note("thousands_settled" if grouped else "decimal_settled", column, style.grouping or style.decimal)
    elif grouped:
        yield Note("thousands", column, style.grouping)
    elif comma:
        yield Note("decimal_comma", column)
    if guess.unit:
        code: NoteCode = "percent" if guess.unit in ("%", "‰") else "currency" if is_currency(guess.unit) else "unit"
        yield Note(code, column, guess.unit)


def _style(guess: Guess, file: _File) -> NumberStyle:
    if guess.numbers is not None:
        grouped = file.decimal == "," and _all_grouped(guess.texts, guess.words)
        return _POINTS if grouped else guess.styles[0]
    return next((style for style in guess.styles if style.decimal == file.decimal), guess.styles[0])


def _all_grouped(texts: pl.Series, words: Sequence[str]) -> bool:
    """Say whether all numbers could be whole ones with a point between thousands."""
    values = texts.filter(~texts.is_in(words)).drop_nulls()
    return bool(values.str.contains(".", literal=True).any() and values.str.contains(_THOUSANDS).all())


def _ambiguous(guess: Guess) -> bool:
    """Say whether the marks in the column can be read as decimal marks and as marks of thousands."""
    if guess.numbers is not None or not guess.bodies.str.contains("[.,]").any():
        return False
    return {style.decimal for style in guess.styles} == {".", ","}


def _file_decimal(guesses: Sequence[Guess], delimiter: str) -> str:
    """Return the decimal mark that more columns can't do without; see the module for a file where none says."""
    written = [guess for guess in guesses if guess.kind == "number"]
    commas = sum({style.decimal for style in guess.styles} == {","} for guess in written)
    if not commas and delimiter != ";":
        return "."
    points = sum(_needs_point(guess) for guess in written)
    if commas or points:
        return "," if commas >= points else "."
    return ","


def _needs_point(guess: Guess) -> bool:
    if guess.numbers is None:
        return {style.decimal for style in guess.styles} == {"."} and guess.bodies.str.contains(r"\.").any()
    point = guess.texts.str.contains(".", literal=True).any() and not _all_grouped(guess.texts, guess.words)
    return bool(point)


def _file_order(guesses: Sequence[Guess]) -> str:
    """Return the order of day and month that the columns agree on, or nothing."""
    orders = {guess.orders[0] for guess in guesses if len(guess.orders) == 1 and guess.orders[0] in ("dmy", "mdy")}
    return orders.pop() if len(orders) == 1 else ""


def _settle_date(guess: Guess, file: _File) -> tuple[ColumnFormat, tuple[Note, ...]]:
    name, order, notes = guess.texts.name, guess.orders[0], []
    if "dmy" in guess.orders and "mdy" in guess.orders:
        order = file.order or _likelier_order(guess)
        notes.append(Note(_SETTLED[order], (name,)))
    elif order in _DATES:
        example = str(guess.texts.drop_nulls().first()) if order == "compact" else ""
        notes.append(Note(_DATES[order], (name,), example))
    form = ColumnFormat(name, "date", order=order, missing=unread(guess.words))
    return form, (*notes, *_missing_notes(guess))


def _check_order(guess: Guess, asked: str | None) -> None:
    """Refuse an order of day and month that was asked for where the dates of a column have the other one."""
    if guess.kind != "date" or asked is None or guess.orders[0] not in ("dmy", "mdy") or asked in guess.orders:
        return
    other = parse_dates(guess.texts, asked).is_null() & parse_dates(guess.texts, guess.orders[0]).is_not_null()
    row, name, only = int(other.arg_max() or 0), guess.texts.name, guess.orders[0]
    raise DataError(
        f"dates were asked to be read as {asked}, but {name!r} holds {guess.texts[row]!r} in row {row + 1}, which is a "
        f"date only as {only}: ask for {only}, or don't ask, so that each column decides"
    )


def _likelier_order(guess: Guess) -> str:
    if guess.texts.drop_nulls().str.contains(r"^\d+\.").any():
        return "dmy"
    ascending = [order for order in ("dmy", "mdy") if _ascends(guess.texts, order)]
    return ascending[0] if len(ascending) == 1 else "dmy"


def _ascends(texts: pl.Series, order: str) -> bool:
    moments = parse_dates(texts, order).drop_nulls()
    return moments.is_sorted() or moments.is_sorted(descending=True)


def _unusual(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words that stand for no value in this column of text, but not in every one."""
    return tuple(word for word in words if word not in ALWAYS_MISSING)


def _missing_notes(guess: Guess) -> tuple[Note, ...]:
    """Say which words count as missing, and how many rows hold one."""
    name = guess.texts.name
    counts = missing_counts(guess.texts, guess.words)
    odd = unread(counts)
    said: dict[NoteCode, tuple[str, ...]] = {
        "missing": tuple(word for word in counts if word not in odd),
        "words_as_missing": odd,
    }
    return tuple(
        Note(code, (name,), rows=sum(counts[word] for word in words), texts=words)
        for code, words in said.items()
        if words
    )
