"""Numbers with a unit behind them: 5 kg, 12.5 cm, 30 km/h, -4 °C, 5 公斤."""

from __future__ import annotations

import polars as pl

from thetastar.data.kinds import FEW
from thetastar.data.text.number_text import is_currency, split_numbers

__all__ = ["counts_something", "different_units", "is_unit", "split_measures", "unit_key"]

_MEASURE = r"^(?P<number>.*?[\d.,])\s*(?P<unit>(?:\p{L}|[°℃℉])[\p{L}°/ .²³·-]{0,14}[23]?)$"
_SAME = {"℃": "°c", "℉": "°f", "㎏": "kg", "㎝": "cm", "㎜": "mm", "㎞": "km", "㎡": "m2", "m²": "m2", "m³": "m3"}
_WORD = 4  # letters from which on capitals can't tell a unit from another, as they do mW from MW
_CASE_FIRST, _CASE_LAST = "mMpP", "bB"  # milli and mega, pico and peta; bit and byte
_PLURAL = 3  # letters of the shortest plural, lbs
_MARK = "[.,]"  # of decimals, or between thousands: nobody writes a name with one
# What nobody takes for a name. Another word is a unit where all numbers have the same and it is one by its looks.
_WELL_KNOWN = frozenset((
    "mg", "g", "kg", "t", "ton", "lb", "oz", "mm", "cm", "dm", "m", "km", "mi", "mile", "in", "inch", "ft",
    "foot", "feet", "yd",
    "m2", "km2", "cm2", "ha", "acre", "sqm", "sqft", "sq ft", "ml", "cl", "l", "liter", "litre", "gal", "m3",
    "cm3", "cc",
    "%", "‰", "s", "sec", "second", "min", "minute", "h", "hr", "hour", "d", "day", "week", "month", "yr",
    "year",
    "°c", "°f", "°", "V", "kV", "mA", "w", "kW", "MW", "kWh", "MWh", "cal", "kcal", "kj", "hp", "Hz", "kHz",
    "MHz", "GHz",
    "Pa", "kPa", "MPa", "hPa", "bar", "mbar", "psi", "kB", "KB", "MB", "GB", "TB", "km/h", "mph", "m/s", "k",
    "M", "B",
    "克", "千克", "公斤", "斤", "吨", "毫米", "厘米", "米", "千米", "公里", "平米", "平方米", "亩", "升", "毫升",
    "秒", "分钟", "小时", "天", "周", "月", "年", "岁", "度", "万", "亿",
))  # fmt: skip
_ANY_CASE = frozenset(unit.lower() for unit in _WELL_KNOWN if len(unit) > 1)  # people write 12 Mi, but b isn't B


def split_measures(texts: pl.Series) -> pl.DataFrame:
    """Return what ``split_numbers`` does; where that finds no number, those of one with a unit behind it.

    Example:
        >>> split_measures(pl.Series(["12,5 kg", "-4°C", "$3", "12 Main Street 7"])).select("body", "unit").rows()
        [('12,5', 'kg'), ('4', '°C'), ('3', '$'), (None, '')]
    """
    plain = split_numbers(texts)
    found = texts.str.extract_groups(_MEASURE).struct.unnest()
    numbers = split_numbers(found["number"]).with_columns(found["unit"])
    measured = plain["body"].is_null() & numbers["body"].is_not_null()
    return pl.DataFrame([numbers[name].zip_with(measured, plain[name]) for name in plain.columns])


def unit_key(unit: str) -> str:
    """Return what is the same for all spellings of a unit.

    Example:
        >>> [unit_key(unit) for unit in ("Kg", "years", "year", "m²", "MW", "mW")]
        ['kg', 'year', 'year', 'm2', 'MW', 'mW']
    """
    unit = unit.strip(" .")
    unit = _SAME.get(unit, unit)
    if len(unit) >= _WORD or not (unit[:1] in _CASE_FIRST or unit[-1:] in _CASE_LAST):
        unit = unit.lower()
    return unit[:-1] if len(unit) >= _PLURAL and unit.endswith("s") else unit


def is_unit(unit: str) -> bool:
    """Say whether something beside a number is a sign of currency or a well-known unit.

    Example:
        >>> is_unit("kg"), is_unit("Years"), is_unit("€"), is_unit("st"), is_unit("Main Street")
        (True, True, True, False, False)
    """
    return is_currency(unit) or not _WELL_KNOWN.isdisjoint((unit, unit_key(unit))) or unit.lower() in _ANY_CASE


def counts_something(unit: str, bodies: pl.Series) -> bool:
    """Say whether numbers that have one and the same word behind them are amounts, and the word is their unit.

    It is if it is well known, or begins with a small letter (4 doors) or one of a script that has no capitals (3 室). A
    capital may begin a part of a name, which numbers only tell apart from others (3 Series, 5 Series): then the numbers
    have to vary as measures do, with decimals or thousands or more than a few of them (82 BHP, 1197 CC).

    Args:
        unit: The word.
        bodies: Digits and marks of the distinct numbers.

    Example:
        >>> few = pl.Series(["3", "5"])
        >>> counts_something("doors", few), counts_something("Series", few), counts_something("Series", few + ".5")
        (True, False, True)
    """
    if is_unit(unit) or not unit[:1].isupper():
        return True
    return bodies.n_unique() > FEW or bool(bodies.str.contains(_MARK).any())


def different_units(units: pl.Series) -> tuple[str, ...]:
    """Return the units that there are, each in its first spelling; no unit is none.

    Example:
        >>> different_units(pl.Series(["kg", "", "Kg", "lb"]))
        ('kg', 'lb')
    """
    known: dict[str, str] = {}
    for unit in units.unique(maintain_order=True):
        if unit:
            known.setdefault(unit_key(unit), unit)
    return tuple(known.values())
