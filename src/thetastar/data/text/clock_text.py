"""Times of day and lengths of time as people, spreadsheets and machines write them."""

from __future__ import annotations

import polars as pl

__all__ = ["has_parts", "parse_durations", "parse_times"]

_SECOND = r"(?::(?P<second>[0-5]\d(?:[.,]\d+)?))?"
_HALF = r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)"
_TIMES = (rf"^(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d){_SECOND}{_HALF}?$", rf"^(?P<hour>0?[1-9]|1[0-2]){_HALF}$")
_COUNT = r"\d+(?:[.,]\d+)?"
_PARTS = {
    "day": (86_400, r"d|days?|天"),
    "hour": (3_600, r"h|hrs?|hours?|小时|时"),
    "minute": (60, r"m|mins?|minutes?|分钟?"),
    "second": (1, r"s|secs?|seconds?|秒"),
}
# 36:15:00, 2 days 04:05:06, as a machine writes a length of time
_COLONS = rf"^(?P<sign>-)?(?:(?P<day>\d+) ?(?:d|days?|天),? )?(?P<hour>\d+):(?P<minute>[0-5]\d){_SECOND}$"
# 1 h 30 min, 2d 4h, and PT1H30M of ISO 8601
_UNITS = (
    r"(?i)^(?P<sign>-)?p?"
    + "".join(
        ("t?" if name == "hour" else "") + rf"(?:(?P<{name}>{_COUNT}) ?(?:{unit})(?:,? ?(?:and )?|$))?"
        for name, (_, unit) in _PARTS.items()
    )
    + "$"
)


def parse_times(texts: pl.Series) -> pl.Series:
    """Return the times of day that texts name, null where one is none.

    Example:
        >>> parse_times(pl.Series(["10:30", "9:05:07 pm", "12 am", "36:15"])).to_list()
        [datetime.time(10, 30), datetime.time(21, 5, 7), datetime.time(0, 0), None]
    """
    spelled, short = (texts.str.extract_groups(pattern).struct.unnest() for pattern in _TIMES)
    seconds = _since_midnight(spelled).fill_null(_since_midnight(short.with_columns(minute=pl.lit("0"), second=None)))
    result: pl.Series = (seconds % 86_400 * 1e9).round().cast(pl.Int64).cast(pl.Time)
    return result.alias(texts.name)


def _since_midnight(parts: pl.DataFrame) -> pl.Series:
    hour, half = pl.col("hour").cast(pl.Float64), pl.col("half").str.to_lowercase()
    hour = pl.when(half.is_null()).then(hour).otherwise(hour % 12 + 12 * (half == "p").cast(pl.Float64))
    second = _number("second").fill_null(0.0)
    return parts.select((3_600 * hour + 60 * _number("minute") + second).alias("seconds")).to_series()


def parse_durations(texts: pl.Series) -> pl.Series:
    """Return the lengths of time that texts name in seconds, null where one is none; 1:30 is an hour and a half.

    Example:
        >>> parse_durations(pl.Series(["36:15:00", "1 h 30 min", "-PT2.5S", "1 day 00:00:01", "soon"])).to_list()
        [130500.0, 5400.0, -2.5, 86401.0, None]
    """
    lengths = [_length(texts.str.extract_groups(pattern).struct.unnest()) for pattern in (_COLONS, _UNITS)]
    return lengths[0].fill_null(lengths[1]).alias(texts.name)


def _length(parts: pl.DataFrame) -> pl.Series:
    known = pl.any_horizontal(pl.col(name).is_not_null() for name in _PARTS)
    total = pl.sum_horizontal(_number(name).fill_null(0.0) * seconds for name, (seconds, _) in _PARTS.items())
    signed = pl.when(pl.col("sign").is_null()).then(total).otherwise(-total)
    return parts.select(pl.when(known).then(signed).alias("seconds")).to_series()


def has_parts(texts: pl.Series) -> bool:
    """Say whether lengths of time are written in several units, as 1 h 30 min and 45 min; 90 min is but a number.

    Example:
        >>> has_parts(pl.Series(["90 min", "45 min"])), has_parts(pl.Series(["2 h", "45 min"]))
        (False, True)
    """
    units = texts.str.extract_groups(_UNITS).struct.unnest()
    return bool(texts.str.contains(":").any()) or sum(units[name].count() > 0 for name in _PARTS) > 1


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.replace(",", ".", literal=True).cast(pl.Float64)
