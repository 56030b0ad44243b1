"""What the texts of one column could be: numbers, dates or times, in which of the ways that people write them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import polars as pl

from thetastar.data.codes import NumberProblem
from thetastar.data.kinds import BOOLEAN_WORDS, FEW
from thetastar.data.text.clock_text import has_parts, parse_durations, parse_times
from thetastar.data.text.date_text import ORDERS, parse_dates
from thetastar.data.text.missing import ALWAYS_MISSING, MISSING_BESIDE_VALUES
from thetastar.data.text.number_text import CODE, STYLES, NumberStyle, canonical, fits, is_currency, split_numbers
from thetastar.data.text.unit_text import counts_something, different_units, is_unit, split_measures

__all__ = ["Guess", "guess", "unread"]

_ENOUGH = 0.9  # share of the rows that must be numbers, or dates, for the other words to count as missing
_SAMPLE = 1000  # distinct texts that tell whether looking at all of them is worth it
_PROMISING = 0.5  # share of the sample that must look like numbers, or dates
_MOST_WORDS = 200  # other words than that among numbers are no marks of missing values
_COMPACT = ((190001, 209912), (19000101, 20991231))  # months as 202403, days as 20240305
_CHANCE = 8  # distinct values that are all dates: of random numbers, 12 in 100 end like a month
_MOST_UNITS = 5  # numbers with more different words behind them are no amounts
_DURATION_NAMES = ("duration", "elapsed", "时长", "用时", "耗时")
_DATE_NAMES = ("date", "month", "day", "time", "period", "日期", "年月", "月份", "时间")


@dataclass(frozen=True)
class Guess:
    """What a column's texts could be.

    Attributes:
        kind: text, number, date, time (of day) or duration.
        texts: Trimmed, null where nothing is written.
        words: The words that stand for no value. In a column of text those that always do.
        numbers: The column as float64, where a machine wrote its numbers; otherwise None.
        styles: Ways to write numbers that read equally many rows.
        bodies: Digits and marks of the distinct numbers.
        unit: Sign of currency or percent, or unit, beside the numbers.
        orders: Orders of a date's parts that read equally many rows.
        problem: Why numbers stayed text; None for nothing to tell.
        units: Those that are the problem.
    """

    kind: str
    texts: pl.Series
    words: tuple[str, ...] = ()
    numbers: pl.Series | None = None
    styles: tuple[NumberStyle, ...] = ()
    bodies: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.String))
    unit: str = ""
    orders: tuple[str, ...] = ()
    problem: NumberProblem | None = None
    units: tuple[str, ...] = ()


def guess(texts: pl.Series) -> Guess:
    """Return what a column could be.

    It holds numbers, dates or times if all its texts are, but for words that stand for no value; or if nine rows in ten
    are and there are more than a few different ones: then whatever words the other rows hold count as missing.
    """
    plain = _plain_numbers(texts)
    if plain is not None:
        return plain
    counts = texts.drop_nulls().value_counts(name="rows")
    counts = counts.rename({texts.name: "text"}).sort("rows", "text", descending=[True, False])
    if _boolean(counts["text"].filter(~counts["text"].is_in(ALWAYS_MISSING))):
        return _as_text(texts)
    mark = counts["text"].str.to_lowercase().is_in(MISSING_BESIDE_VALUES)
    marks, values = counts["text"].filter(mark), counts.filter(~mark)
    if _boolean(values["text"]):
        return Guess("text", texts, tuple(marks))
    return (
        _numbers(texts, values, marks, split=split_numbers)
        or _dates(texts, values, marks)
        or _clock(texts, values, marks)
        or _numbers(texts, values, marks, split=split_measures)
        or _as_text(texts)
    )


def _as_text(texts: pl.Series, *, problem: NumberProblem | None = None, units: tuple[str, ...] = ()) -> Guess:
    return Guess("text", texts, ALWAYS_MISSING, problem=problem, units=units)


def _plain_numbers(texts: pl.Series) -> Guess | None:
    """Return the guess for numbers as a machine writes them, beside words that stand for no value."""
    numbers = texts.cast(pl.Float64, strict=False)
    unread = texts.filter(numbers.is_null() & texts.is_not_null())
    if len(unread) + texts.null_count() == len(texts):
        return None
    marks = unread.unique() if len(unread) else unread
    if len(marks) > _MOST_WORDS or not marks.str.to_lowercase().is_in(MISSING_BESIDE_VALUES).all():
        return None
    if texts.str.contains(CODE).any():
        return _as_text(texts, problem="codes")
    numbers = numbers.fill_nan(None)
    words = (*sorted(marks), *(word for word in ALWAYS_MISSING if word.lower() == "nan"))
    if _compact_dates(numbers.drop_nulls(), texts.name):
        return Guess("date", texts, words, orders=("compact",))
    return Guess("number", texts, words, numbers=numbers, styles=STYLES[:1])


def _compact_dates(numbers: pl.Series, name: str) -> bool:
    """Say whether whole numbers are months such as 202403 or days such as 20240305.

    A column says so by its name, or by holding so many of them, over more than one year, that it can't be chance.
    """
    low, high = numbers.min(), numbers.max()
    if not isinstance(low, float) or not isinstance(high, float):
        return False
    if not any(first <= low and high <= last for first, last in _COMPACT) or bool((numbers % 1 != 0).any()):
        return False
    distinct = numbers.unique().cast(pl.Int64).cast(pl.String)
    if distinct.str.slice(0, 4).n_unique() < 2 and not _names_a_date(name):
        return False
    many = len(distinct) >= _CHANCE or _names_a_date(name)
    return many and parse_dates(distinct, "compact").null_count() == 0


def _names_a_date(name: str) -> bool:
    return any(word in name.lower() for word in _DATE_NAMES)


def _boolean(values: pl.Series) -> bool:
    """Say whether the values are both words of a pair such as yes and no."""
    if not 2 <= len(values) <= 6:  # in up to three ways to write capitals
        return False
    words = set(values.str.to_lowercase())
    return any(words == set(pair) for pair in BOOLEAN_WORDS)


def _enough(rows: int, distinct: int, values: pl.DataFrame) -> bool:
    """Say whether so many rows and distinct values make the column one of their kind."""
    total = int(values["rows"].sum())
    return 0 < rows == total or (rows >= _ENOUGH * total and distinct > FEW)


def _promising(good: pl.Series) -> bool:
    return len(good) > 0 and float(good.cast(pl.Float64).to_numpy().mean()) >= _PROMISING


def _numbers(
    texts: pl.Series, values: pl.DataFrame, marks: pl.Series, *, split: Callable[[pl.Series], pl.DataFrame]
) -> Guess | None:
    if not _promising(split(values["text"].head(_SAMPLE))["body"].is_not_null()):
        return None
    parts = split(values["text"])
    reads = [fits(parts, style) for style in STYLES]
    rows = [int(values["rows"].filter(read).sum()) for read in reads]
    best = rows.index(max(rows))
    if not _enough(max(rows), int(reads[best].sum()), values):
        return None
    if canonical(parts, STYLES[best]).str.contains(CODE).fill_null(False).any():
        return _as_text(texts, problem="codes")
    read = reads[best]
    units, problem = _units(parts.filter(read))
    if problem and not _worth_telling(units):
        return None
    if problem:
        return _as_text(texts, problem=problem, units=units)
    bodies = parts["body"].filter(read)
    if units and not counts_something(units[0], bodies):
        return None
    return Guess(
        "number",
        texts,
        (*marks, *values["text"].filter(~read)),
        styles=tuple(style for style, count in zip(STYLES, rows, strict=True) if count == max(rows)),
        bodies=bodies,
        unit="".join(units),
    )


def _units(parts: pl.DataFrame) -> tuple[tuple[str, ...], NumberProblem | None]:
    """Return the units that the numbers have, and why they can't be compared with each other, if they can't.

    A number without a sign of currency may stand beside one that has it. Beside a percent sign or another unit it may
    not, unless it is zero: .5 could be half, or half a percent.
    """
    units = different_units(parts["unit"])
    if len(units) > 1:
        return units, "mixed_units"
    bare = parts["body"].filter(parts["unit"] == "").str.contains("[1-9]")
    return units, "partly_units" if units and not is_currency(units[0]) and bare.any() else None


def _worth_telling(units: tuple[str, ...]) -> bool:
    """Say whether what stands beside numbers are units; 12b and 1st and 7 Main Street only begin with a number."""
    return len(units) <= _MOST_UNITS and any(is_unit(unit) for unit in units)


def _dates(texts: pl.Series, values: pl.DataFrame, marks: pl.Series) -> Guess | None:
    orders = [name for name in ORDERS if name != "compact"]
    sample = values["text"].head(_SAMPLE)
    orders = [name for name in orders if _promising(parse_dates(sample, name).is_not_null())]
    reads = {name: parse_dates(values["text"], name).is_not_null() for name in orders}
    rows = {name: int(values["rows"].filter(read).sum()) for name, read in reads.items()}
    if not rows:
        return None
    best = max(rows, key=lambda name: rows[name])
    if not _enough(rows[best], int(reads[best].sum()), values):
        return None
    odd = values["text"].filter(~reads[best])
    return Guess("date", texts, (*marks, *odd), orders=_ties(rows))


def _clock(texts: pl.Series, values: pl.DataFrame, marks: pl.Series) -> Guess | None:
    """Return the guess for times of day, or for lengths of time if some are too long for one, or the name says so."""
    readers = {"time": parse_times, "duration": parse_durations}
    sample = values["text"].head(_SAMPLE)
    promising = [kind for kind, parse in readers.items() if _promising(parse(sample).is_not_null())]
    reads = {kind: readers[kind](values["text"]).is_not_null() for kind in promising}
    rows = {kind: int(values["rows"].filter(read).sum()) for kind, read in reads.items()}
    if not rows:
        return None
    named = any(word in texts.name.lower() for word in _DURATION_NAMES)
    best = max(rows, key=lambda kind: (rows[kind], kind == "duration" if named else kind == "time"))
    read = reads[best]
    if not _enough(rows[best], int(read.sum()), values):
        return None
    if best == "duration" and not has_parts(values["text"].filter(read)):
        return None
    return Guess(best, texts, (*marks, *values["text"].filter(~read)))


def _ties(rows: dict[str, int]) -> tuple[str, ...]:
    most = max(rows.values())
    return tuple(name for name, count in rows.items() if count == most)


def unread(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the texts that aren't among the words that usually stand for no value."""
    return tuple(text for text in texts if text.lower() not in MISSING_BESIDE_VALUES)
