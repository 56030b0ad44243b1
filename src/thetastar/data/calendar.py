"""What a calendar says of a date: its year, and its place in the cycles of the year, the week and the day."""

from __future__ import annotations

import numpy as np

from thetastar.arrays import Floats

__all__ = ["PERIODS", "calendar", "dates_with", "varying"]


# How far a cycle goes before it begins again: December is next to January, Sunday to Monday, 23:59 to 0:00.
PERIODS = {"month": 12.0, "weekday": 7.0, "hour": 24.0}
_FARTHEST = 3_000_000.0  # days, some 8,000 years: beyond, numpy's calendar is of no use to anyone
_DIGITS = 6  # of an hour: days as float64 are exact to microseconds


def calendar(days: Floats, what: str) -> Floats:
    """Return one part of dates, NaN where there is none.

    ``year`` is a whole number, ``month`` 1 to 12, ``weekday`` 1 (Monday) to 7, ``hour`` 0 to just below 24 with
    minutes and seconds as its fraction.

    Args:
        days: Since 1970-01-01 00:00, NaN where there is no date.
        what: Which part.

    Example:
        >>> calendar(np.array([0.75]), "weekday"), calendar(np.array([0.75]), "hour")  # a Thursday, at six
        (array([4.]), array([18.]))
    """
    known = np.isfinite(days)
    clipped = np.clip(np.where(known, days, 0.0), -_FARTHEST, _FARTHEST)
    whole = np.floor(clipped)
    return np.where(known, _part(clipped, whole, what), np.nan)


def _part(days: Floats, whole: Floats, what: str) -> Floats:
    if what == "hour":
        return np.round((days - whole) * 24, _DIGITS) % 24
    if what == "weekday":
        return (whole + 3) % 7 + 1  # 1970-01-01 was a Thursday
    months = whole.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(months // 12 + 1970 if what == "year" else months % 12 + 1, dtype=np.float64)


def dates_with(values: Floats, what: str) -> Floats:
    """Return dates, in days since 1970-01-01, of which ``calendar`` says what is given.

    Example:
        >>> calendar(dates_with(np.array([2.0, 12.0]), "month"), "month")
        array([ 2., 12.])
    """
    if what == "hour":
        return values / 24
    if what == "weekday":
        return values + 3  # 1970-01-05, four days after the first, was a Monday
    months = (values - 1970) * 12 if what == "year" else values - 1
    return months.astype(np.int64).astype("datetime64[M]").astype("datetime64[D]").astype(np.float64)


def varying(days: Floats) -> tuple[str, ...]:
    """Return which parts of the dates differ from row to row.

    The day of the week only says something where the day of the month does too: dates that stand for whole months fall
    on any weekday.
    """
    days = np.unique(days[np.isfinite(days)])
    parts = {what: len(np.unique(calendar(days, what))) > 1 for what in ("year", *PERIODS)}
    months = np.clip(days, -_FARTHEST, _FARTHEST).astype("datetime64[D]").astype("datetime64[M]")
    starts = months.astype("datetime64[D]").astype(np.float64)
    parts["weekday"] &= len(np.unique(np.floor(days) - starts)) > 1
    return tuple(what for what, varies in parts.items() if varies)
