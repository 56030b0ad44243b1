"""Numbers with a unit behind them: 5 kg, 12.5 cm, 30 km/h, -4 °C, 5 公斤."""

from __future__ import annotations

import polars as pl

from thetastar.data.text.number_text import is_currency, split_numbers

__all__ = ["different_units", "is_unit", "split_measures", "unit_key"]

_MEASURE = r"^(?P<number>.*?[\d.,])\s*(?P<unit>(?:\p{L}|[°℃℉])[\p{L}°/ .²³·-]{0,14}[23]?)$"
_SAME = {"℃": "°c", "℉": "°f", "㎏": "kg", "㎝": "cm", "㎜": "mm", "㎞": "km", "㎡": "m2", "m²": "m2", "m³": "m3"}
_WORD = 4  # letters from which on capitals can't tell a unit from another, as they do mW from MW
_CASE_FIRST, _CASE_LAST = "mMpP", "bB"  # milli and mega, pico and peta; bit and byte
_PLURAL = 3  # letters of the shortest plural, lbs
# What nobody takes for a name. Any other word is a unit too where all numbers have the same.
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
    return is_currency(unit) or unit_key(unit) in _WELL_KNOWN or unit in _WELL_KNOWN


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
