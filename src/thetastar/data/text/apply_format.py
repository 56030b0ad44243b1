"""The texts of a column as numbers, dates, times or words, once it is decided how it is written."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from thetastar.data.reading import ColumnFormat
from thetastar.data.text.clock_text import parse_durations, parse_times
from thetastar.data.text.date_text import parse_dates
from thetastar.data.text.missing import ALWAYS_MISSING, MISSING_BESIDE_VALUES, without
from thetastar.data.text.number_text import NumberStyle, canonical, split_numbers
from thetastar.data.text.unit_text import split_measures, unit_key

__all__ = ["apply_format"]

_SAMPLE = 1000  # texts that tell whether reading all of them as whole numbers is worth it
_OTHER_MARK = {".": ",", ",": "."}
# How each is read, and how a machine would write it.
_CLOCK: dict[str, tuple[Callable[[pl.Series], pl.Series], Callable[[pl.Series], pl.Series]]] = {
    "time": (parse_times, lambda times: times.dt.strftime("%H:%M:%S%.f")),
    "duration": (parse_durations, lambda seconds: seconds.cast(pl.String)),
}
_OFTEN = 2  # times that a text occurs on average, from which on it pays to read the distinct ones only


def apply_format(texts: pl.Series, form: ColumnFormat, *, numbers: pl.Series | None = None) -> pl.Series:
    """Return a column's values: Int64 or Float64, Date or Datetime, Time, or String; null where there is no value.

    Lengths of time are in seconds.

    Where a text can be read neither as the column is written nor as missing (in a new file), the column stays text, its
    other values written as a machine would: so what can't be read is still there to be told.

    Args:
        texts: Trimmed, null where nothing is written.
        form: How they are written.
        numbers: The column as float64, if that is known already.
    """
    if form.kind == "text":
        return without(texts, (*form.missing, *ALWAYS_MISSING))
    if form.kind == "date":
        return _dates(_values(texts, form), form)
    if form.kind in _CLOCK:
        return _clock(_values(texts, form), form)
    if numbers is not None and not form.grouping:
        return _whole(texts, numbers)
    if _machine(form) and not form.missing:  # without looking for words first, which takes three times as long
        numbers = texts.cast(pl.Float64, strict=False)
        if numbers.null_count() == texts.null_count():
            return _whole(texts, numbers.fill_nan(None))
    values = _values(texts, form)
    numbers = values.cast(pl.Float64, strict=False) if _machine(form) else None
    if numbers is not None and numbers.null_count() == values.null_count():
        return _whole(values, numbers)
    read = _by_distinct(values, lambda distinct: _canonical(distinct, form))
    if read.null_count() > values.null_count():
        return _else(read, values)
    return _whole(read, read.cast(pl.Float64))


def _values(texts: pl.Series, form: ColumnFormat) -> pl.Series:
    """Return the texts that are values, null in place of the words that count as missing."""
    mark = texts.str.to_lowercase().is_in(MISSING_BESIDE_VALUES).fill_null(False)
    return without(texts.set(mark, None) if mark.any() else texts, form.missing)


def _machine(form: ColumnFormat) -> bool:
    """Say whether a machine reads the numbers as they are written."""
    return (form.decimal, form.grouping, form.unit) == (".", "", "")


def _whole(texts: pl.Series, numbers: pl.Series) -> pl.Series:
    """Return the numbers as Int64 if all the texts are whole numbers of 64 bits, otherwise as they are."""
    missing = numbers.null_count()
    sample = numbers.head(_SAMPLE)
    if (sample % 1 != 0).any() or missing == len(numbers):
        return numbers
    whole = texts.cast(pl.Int64, strict=False)
    return whole if whole.null_count() == missing else numbers


def _canonical(texts: pl.Series, form: ColumnFormat) -> pl.Series:
    """Return the numbers as a machine writes them, null where a text is none, or has another unit.

    A column without thousands apart may have them in a new file, whose numbers may be larger: by the mark that goes
    with its decimal mark.
    """
    parts = split_measures(texts) if form.unit else split_numbers(texts)
    grouping = form.grouping or _OTHER_MARK[form.decimal]
    read = canonical(parts, NumberStyle(form.decimal, "")).fill_null(
        canonical(parts, NumberStyle(form.decimal, grouping))
    )
    alike = [unit for unit in parts["unit"].unique() if unit_key(unit) in ("", unit_key(form.unit))]
    return read.set(~parts["unit"].is_in(alike), None)


def _dates(values: pl.Series, form: ColumnFormat) -> pl.Series:
    moments = _by_distinct(values, lambda distinct: parse_dates(distinct, form.order))
    if moments.null_count() > values.null_count():
        return _else(moments.dt.strftime("%Y-%m-%dT%H:%M:%S%.f"), values)
    days = moments.dt.date()
    return days if (days.cast(pl.Datetime("us")) == moments).all() else moments


def _clock(values: pl.Series, form: ColumnFormat) -> pl.Series:
    parse, write = _CLOCK[form.kind]
    read = _by_distinct(values, parse)
    return _else(write(read), values) if read.null_count() > values.null_count() else read


def _else(read: pl.Series, texts: pl.Series) -> pl.Series:
    """Return what could be read, and the text itself where it couldn't."""
    both: pl.Series = read.zip_with(read.is_not_null(), texts)
    return both


def _by_distinct(texts: pl.Series, read: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Read each distinct text once where texts occur often."""
    distinct = texts.unique().drop_nulls()
    if len(distinct) * _OFTEN > len(texts) or not len(distinct):
        return read(texts).alias(texts.name)
    known = read(distinct)
    mapped: pl.Series = texts.replace_strict(distinct, known, default=None, return_dtype=known.dtype)
    return mapped.alias(texts.name)
