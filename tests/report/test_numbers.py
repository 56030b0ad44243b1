"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thetastar.report.numbers import MINUS, SUPERSCRIPTS, count, counted, duration, number, percent, plus_minus

PLAIN_DIGITS = str.maketrans({chr(raised): chr(plain) for plain, raised in SUPERSCRIPTS.items()})
WIDE = st.floats(min_value=1e-30, max_value=1e30)


def read(text: str) -> float:
    """Read a written number back."""
    mantissa, _, exponent = text.replace(",", "").replace(MINUS, "-").partition("·10")
    return float(f"{mantissa}e{exponent.translate(PLAIN_DIGITS)}" if exponent else mantissa)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (1.0, "1.00"),
        (-0.5, "−0.500"),
        (123456.0, "123,456"),
        (9.999, "10.0"),
        (1e-4, "0.000100"),
        (1e-5, "1·10⁻⁵"),
        (-2.5e12, "−2.5·10¹²"),
        (math.nan, "–"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_number(value: float, written: str) -> None:
    assert number(value) == written


@given(WIDE, st.sampled_from([-1.0, 1.0]), st.integers(2, 6))
def test_a_number_read_back_is_right_to_its_digits(value: float, sign: float, digits: int) -> None:
    assert read(number(sign * value, digits=digits)) == pytest.approx(sign * value, rel=0.51 * 10.0 ** (1 - digits))


@pytest.mark.parametrize(
    ("value", "error", "written"),
    [
        (0.21843, 0.0123, "0.218 ± 0.012"),
        (0.0149, 0.00009, "0.01490 ± 0.00009"),
        (48231.7, 812.0, "48,230 ± 810"),
        (-0.31, 0.04, "−0.310 ± 0.040"),
        (0.0, 0.5, "0.00 ± 0.50"),
        (3.0, 0.0, "3.00"),
        (3.0, math.nan, "3.00"),
        (math.nan, 1.0, "–"),
        (3e-12, 2e-13, "3·10⁻¹² ± 2·10⁻¹³"),
    ],
)
def test_plus_minus(value: float, error: float, written: str) -> None:
    assert plus_minus(value, error) == written.replace(" ± ", "\u00a0±\u00a0")


@given(WIDE, st.floats(min_value=1e-3, max_value=1e3))
def test_a_value_is_written_to_well_within_its_error(value: float, relative: float) -> None:
    error = value * relative
    written, _, spread = plus_minus(value, error).partition("\u00a0±\u00a0")
    assert abs(read(written) - value) <= 0.51 * error + 0.006 * value
    assert read(spread) == pytest.approx(error, rel=0.5)


def test_percent() -> None:
    assert [percent(share) for share in (0.0, 0.00123, 0.8531, 1.0, -0.05, math.nan)] == [
        "0\u00a0%",
        "0.12\u00a0%",
        "85.3\u00a0%",
        "100\u00a0%",
        "−5.0\u00a0%",
        "–",
    ]


def test_one_thing_is_not_many() -> None:
    assert [counted("columns", many, "en") for many in (0, 1, 2)] == ["0 columns", "1 column", "2 columns"]


def test_count() -> None:
    assert count(1234567) == "1,234,567"


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0.42, "0.42 s", "0.42 秒"),
        (59.4, "59 s", "59 秒"),
        (59.6, "1 min", "1 分钟"),
        (185.0, "3 min 5 s", "3 分 5 秒"),
        (7260.0, "2 h 1 min", "2 小时 1 分"),
        (math.inf, "∞", "∞"),
        (math.nan, "–", "–"),
    ],
)
def test_duration(seconds: float, english: str, chinese: str) -> None:
    written = (duration(seconds, "en"), duration(seconds, "zh"))
    assert written == (english.replace(" ", "\u00a0"), chinese.replace(" ", "\u00a0"))


def test_a_share_too_small_for_its_decimals_is_not_written_as_zero() -> None:
    assert percent(0.00004) == "<0.01\u00a0%"
    assert percent(0.00005) == "0.01\u00a0%"
    assert percent(-1e-9) == ">−0.01\u00a0%"
    assert percent(0.0) == "0\u00a0%"
