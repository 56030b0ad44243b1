"""How numbers are written for people: three or four digits that mean something, in any magnitude."""

from __future__ import annotations

import math
from collections.abc import Sequence

from thetastar.report.words import say

__all__ = [
    "MINUS",
    "PERCENT",
    "SEPARATED",
    "alongside",
    "count",
    "counted",
    "duration",
    "interval",
    "number",
    "percent",
    "percent_interval",
    "plus_minus",
]

NOT_A_NUMBER = "–"
PERCENT = "\u00a0%"
PLUS_MINUS = "\u00a0±\u00a0"
MINUS = "−"  # the typographic minus, as wide as a plus
SEPARATED = 10_000  # below, thousands stand together: 2,020 is no year
_WRITTEN_OUT = 1e6  # whole numbers below this keep all of their digits
_LEAST_SHARE = 0.00005  # that two decimals of a percentage can show
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, *, digits: int = 3) -> str:
    """Write a number with that many significant digits; integers below a million keep all of theirs.

    Example:
        >>> number(0.0123456), number(48231.7), number(1.5e-9), number(float("nan"))
        ('0.0123', '48,232', '1.5·10⁻⁹', '–')
    """
    if math.isnan(value):
        return NOT_A_NUMBER
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(float(f"{value:.{digits - 1}e}"))))
    if not -4 <= exponent <= 6:
        return _scientific(value, digits)
    decimals = max(0, digits - 1 - exponent)
    return _signed(value, decimals)


def plus_minus(value: float, error: float) -> str:
    r"""Write a value with its standard error, and spaces that don't break between them.

    Both end at the place of the error's second digit, or of its first digit where the value is long.

    Example:
        >>> plus_minus(0.21843, 0.0123), plus_minus(48231.7, 812.0), plus_minus(0.2, float("nan"))
        ('0.218\xa0±\xa00.012', '48,230\xa0±\xa0810', '0.200')
    """
    if not (math.isfinite(value) and math.isfinite(error)) or error <= 0:
        return number(value)
    place = math.floor(math.log10(error)) - 1
    if value != 0 and place < math.floor(math.log10(abs(value))) - 3:
        place += 1  # the value has four digits already: one digit of the error will do
    if place < -6 or max(abs(value), error) >= 1e7:
        return f"{number(value)}{PLUS_MINUS}{number(error, digits=2)}"
    return f"{_signed(round(value, -place), max(0, -place))}{PLUS_MINUS}{_signed(round(error, -place), max(0, -place))}"


def percent(share: float) -> str:
    r"""Write a share as a percentage with about three digits.

    Example:
        >>> percent(0.8531), percent(0.00123), percent(1.0), percent(1e-6)
        ('85.3\xa0%', '0.12\xa0%', '100\xa0%', '<0.01\xa0%')
    """
    if not math.isfinite(share):
        return NOT_A_NUMBER
    if 0 < abs(share) < _LEAST_SHARE:
        return f"{'<' if share > 0 else f'>{MINUS}'}0.01{PERCENT}"
    if abs(share) >= 0.9995 or share == 0:
        return f"{share * 100:.0f}{PERCENT}".replace("-", MINUS)
    return f"{share * 100:.{1 if abs(share) >= 0.01 else 2}f}{PERCENT}".replace("-", MINUS)


def interval(low: float, high: float) -> str:
    """Write the ends of an interval in brackets; nothing where it wasn't measured.

    Example:
        >>> interval(0.8257, 0.8561), interval(float("nan"), 1.0)
        ('(0.826–0.856)', '')
    """
    return f"({number(low)}–{number(high)})" if math.isfinite(low) and math.isfinite(high) else ""


def percent_interval(low: float, high: float) -> str:
    """Write the ends of an interval of shares in per cent, without the sign; nothing where it wasn't measured.

    Example:
        >>> percent_interval(0.1676, 0.2138)
        '(16.8–21.4)'
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return f"({'–'.join(percent(end).removesuffix(PERCENT) for end in (low, high))})"


def count(value: int) -> str:
    """Write a whole number with its thousands apart.

    Example:
        >>> count(20640)
        '20,640'
    """
    return f"{value:,}"


def alongside(values: Sequence[float]) -> list[str]:
    """Write several values of one column: whole numbers with all digits, thousands apart only where there are many.

    Example:
        >>> alongside([1935.0, 1954.0]), alongside([326.0, 2401.0, 18823.0]), alongside([0.2, 6241.7])
        (['1935', '1954'], ['326', '2,401', '18,823'], ['0.200', '6,242'])
    """
    if not all(value.is_integer() and abs(value) < _WRITTEN_OUT for value in values):
        return [number(value) for value in values]
    apart = any(abs(value) >= SEPARATED for value in values)
    return [f"{int(value):{',' if apart else ''}}".replace("-", MINUS) for value in values]


def counted(noun: str, value: int, lang: str) -> str:
    """Write a number of things with its noun: rows, columns or parameters.

    Raises:
        KeyError: if the catalogue doesn't have the noun.
        UserError: if the language isn't in the catalogue.

    Example:
        >>> counted("rows", 1, "en"), counted("rows", 20640, "en"), counted("columns", 3, "zh")
        ('1 row', '20,640 rows', '3 列')
    """
    form = "one" if value == 1 else "many"
    return say(f"counted.{noun}.{form}", lang, count=count(value))


def duration(seconds: float, lang: str) -> str:
    r"""Write a duration in the units that suit it, with spaces that don't break.

    Raises:
        UserError: if the language isn't in the catalogue.

    Example:
        >>> duration(0.42, "en"), duration(41.3, "en"), duration(7260, "zh")
        ('0.42\xa0s', '41\xa0s', '2\xa0小时\xa01\xa0分')
    """
    if not math.isfinite(seconds):
        return number(seconds)
    return _duration(seconds, lang).replace(" ", "\u00a0")


def _duration(seconds: float, lang: str) -> str:
    """Choose the units."""
    whole = round(seconds)
    if whole < 60:
        return say("unit.seconds", lang, seconds=number(seconds, digits=2) if seconds < 10 else whole)
    minutes, rest = divmod(whole, 60)
    if minutes >= 60:
        return say("unit.hours.minutes", lang, hours=minutes // 60, minutes=minutes % 60)
    if rest == 0:
        return say("unit.minutes", lang, minutes=minutes)
    return say("unit.minutes.seconds", lang, minutes=minutes, seconds=rest)


def _signed(value: float, decimals: int) -> str:
    """Write a number with fixed decimals, thousands apart and a typographic minus."""
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def _scientific(value: float, digits: int) -> str:
    """Write a number as a power of ten, without useless zeros."""
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa.replace('-', MINUS)}·10{str(int(exponent)).translate(SUPERSCRIPTS)}"
