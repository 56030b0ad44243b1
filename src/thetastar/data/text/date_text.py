"""Dates as people write them, in one order of day, month and year for a whole column."""

from __future__ import annotations

import polars as pl

__all__ = ["ORDERS", "is_date", "parse_dates"]

_NAME = r"(?P<month>[A-Za-z]{3,9})"
_WEEKDAY = r"(?:(?:[Mm]on|[Tt]ue|[Ww]ed|[Tt]hu|[Ff]ri|[Ss]at|[Ss]un)[a-z]*\.?,? )?"
_TIME = r"(?:(?:T|,? +)(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d(?:[.,]\d+)?))?)?"
_ZONE = (
    r" ?(?P<half>[AaPp][Mm])? ?(?:(?P<utc>Z|UTC|GMT)|(?P<east>[+-])(?P<zone_hours>\d{2}):?(?P<zone_minutes>\d{2}))?$"
)
_YEAR, _MONTH, _DAY = r"(?P<year>\d{4})", r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})"
_QUARTER = r"[Qq](?P<quarter>[1-4])"
_SHORT_YEAR = r"(?P<year>\d{4}|\d{2})"
_LATEST_SHORT = 68  # a year of two digits up to this is 20…, above it 19…: what POSIX says of %y

# The parts in their order. Of the first that read equally many rows the earlier one is meant, but for dmy and mdy,
# which the whole column has to tell apart.
ORDERS = {
    "ymd": rf"^{_YEAR}[-/.年]{_MONTH}[-/.月]{_DAY}日?",
    "dmy": rf"^{_DAY}[-/.]{_MONTH}[-/.]{_SHORT_YEAR}",
    "mdy": rf"^{_MONTH}[-/.]{_DAY}[-/.]{_SHORT_YEAR}",
    "day_name_year": rf"^{_WEEKDAY}{_DAY}(?:st|nd|rd|th)?[- .]{{1,2}}{_NAME}\.?,?[- ]{_SHORT_YEAR}",
    "name_day_year": rf"^{_WEEKDAY}{_NAME}\.?[- ]{_DAY}(?:st|nd|rd|th)?,?[- ]{_YEAR}",
    "ym": rf"^{_YEAR}[-/年]{_MONTH}月?",
    "name_year": rf"^{_NAME}\.?[- ,/]{{1,2}}{_YEAR}",
    "year_quarter": rf"^{_YEAR}[- /]{{0,2}}{_QUARTER}",
    "quarter_year": rf"^{_QUARTER}[- /]{{0,2}}{_YEAR}",
    "compact": r"^(?P<year>(?:19|20)\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>[0-3]\d)?",
}
_ALSO_NAMES = ("compact", "year_quarter", "quarter_year")
_MONTHS = {name: f"{place:02d}" for place, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
)}  # fmt: skip


def parse_dates(texts: pl.Series, order: str) -> pl.Series:
    """Return the moments that texts name, in UTC, null where a text is no date of that order.

    Without a zone, UTC is meant. A month or a quarter of a year without a day is its first day.

    Example:
        >>> parse_dates(pl.Series(["5/3/2024", "5/13/2024 2:30 pm"]), "mdy").to_list()
        [datetime.datetime(2024, 5, 3, 0, 0), datetime.datetime(2024, 5, 13, 14, 30)]
    """
    parts = texts.str.strip_chars().str.extract_groups(ORDERS[order] + _TIME + _ZONE).struct.unnest()
    if "quarter" in parts.columns:
        parts = parts.with_columns(month=(3 * pl.col("quarter").cast(pl.Int32) - 2).cast(pl.String))
    day = pl.col("day").fill_null("01").str.zfill(2) if "day" in parts.columns else pl.lit("01")
    written = pl.concat_str([_full_year(), _month_number(), day], separator="-")
    moment = written.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us")) + _since_midnight() - _offset()
    return parts.select(moment.alias(texts.name)).to_series()


def is_date(text: str) -> bool:
    """Say whether a text is a date in any order; by itself 202403 is a whole number, and 1974Q1 may name a column.

    Example:
        >>> is_date("5 March 2024"), is_date("202403")
        (True, False)
    """
    return any(parse_dates(pl.Series([text]), order)[0] is not None for order in ORDERS if order not in _ALSO_NAMES)


def _full_year() -> pl.Expr:
    year = pl.col("year")
    century = pl.when(year.cast(pl.Int32) > _LATEST_SHORT).then(pl.lit("19")).otherwise(pl.lit("20"))
    return pl.when(year.str.len_chars() == 2).then(century + year).otherwise(year)


def _month_number() -> pl.Expr:
    """Return the month as two digits; a name counts by its first three letters."""
    month = pl.col("month").str.to_lowercase()
    return pl.coalesce(month.str.slice(0, 3).replace_strict(_MONTHS, default=None), month.str.zfill(2))


def _since_midnight() -> pl.Expr:
    hour, half = _count("hour"), pl.col("half").str.to_lowercase()
    hour = pl.when(half.is_null()).then(hour).otherwise(hour % 12 + 12 * (half == "pm").cast(pl.Float64))
    second = pl.col("second").str.replace(",", ".", literal=True).cast(pl.Float64).fill_null(0.0)
    return _span(3600 * hour + 60 * _count("minute") + second)


def _offset() -> pl.Expr:
    """Return how far east of Greenwich a clock was, as a length of time."""
    span = _span(3600 * _count("zone_hours") + 60 * _count("zone_minutes"))
    return pl.when(pl.col("east") == "-").then(-span).otherwise(span)


def _count(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64).fill_null(0.0)


def _span(seconds: pl.Expr) -> pl.Expr:
    return (seconds * 1e6).round().cast(pl.Int64).cast(pl.Duration("us"))
