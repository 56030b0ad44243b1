from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.files import codes, column, write
from thetastar.data import ReadOptions, read_file
from thetastar.data.text.number_text import STYLES, NumberStyle, canonical, split_numbers


def written(value: int | float, style: NumberStyle) -> str:
    """A number as Python writes it, with a style's marks."""
    return f"{value:,}".translate(str.maketrans({",": style.grouping, ".": style.decimal}))


@given(st.integers(-(10**15), 10**15) | st.decimals(-(10**9), 10**9, places=3).map(float))
@pytest.mark.parametrize("style", STYLES, ids=repr)
def test_every_style_reads_what_it_writes(style: NumberStyle, value: float) -> None:
    texts = pl.Series([written(value, style)])
    assert canonical(split_numbers(texts), style).cast(pl.Float64).to_list() == [float(value)]


@pytest.mark.parametrize(
    ("values", "expected", "noted"),
    [
        (["1,234,567", "89"], [1234567, 89], {"thousands": ","}),
        (["1.234.567,89", "3,5"], [1234567.89, 3.5], {"thousands": "."}),
        (["1 234 567", "12"], [1234567, 12], {"thousands": " "}),
        (["1\u00a0234,5", "12"], [1234.5, 12.0], {"thousands": " "}),
        (["1\u202f234", "12"], [1234, 12], {"thousands": " "}),
        (["1'234.5", "1’000"], [1234.5, 1000.0], {"thousands": "'"}),
        (["12,34,567", "5,000"], [1234567, 5000], {"thousands": ","}),
        (["1,5", "22,75"], [1.5, 22.75], {"decimal_comma": ""}),
        (["0,125", "0,250"], [0.125, 0.25], {"decimal_comma": ""}),
        (["$5", "$1,234.50", "-$3"], [5.0, 1234.5, -3.0], {"currency": "$", "thousands": ","}),
        (["5 €", "7,5 EUR", "€9"], [5.0, 7.5, 9.0], {"currency": "€", "decimal_comma": ""}),
        (["£5.5", "7"], [5.5, 7.0], {"currency": "£"}),
        (["¥5", "8元", "￥9"], [5, 8, 9], {"currency": "¥"}),
        (["₹1,00,000", "₹50"], [100000, 50], {"currency": "₹", "thousands": ","}),
        (["12 %", "3.5%", "0"], [12.0, 3.5, 0.0], {"percent": "%"}),
        (["(1,234.5)", "(2)", "3"], [-1234.5, -2.0, 3.0], {"thousands": ","}),
        (["+4", "−3", "–2", "－1"], [4, -3, -2, -1], {}),
        (["1e5", "2.5E-3", "-1e+2"], [1e5, 2.5e-3, -100.0], {}),
        (["１２", "３．５"], [12.0, 3.5], {}),
        (["1e-300", "1e300"], [1e-300, 1e300], {}),
        (["99999999999999999999", "1"], [1e20, 1.0], {}),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(tmp_path: Path, values: list[str], expected: list[Any], noted: Any) -> None:
    read, reading = column(tmp_path, values)
    assert read == expected
    assert [type(value) for value in read] == [type(value) for value in expected]
    assert codes(reading) == noted


@pytest.mark.parametrize(
    ("values", "noted"),
    [
        (["01234", "89000"], {"codes": ""}),
        (["007", "1,234"], {"codes": ""}),
        (["$5", "€6"], {"mixed_units": ("$", "€")}),
        (["5%", "0.6"], {"partly_units": ("%",)}),
        (["192.168.1.1", "10.0.0.1"], {}),
        (["030 123 456", "040 222 333"], {}),
        (["1,2,3", "4,5,6"], {}),
        (["1,23", "4.56,7"], {}),
        (["1", "2", "3", "4+"], {}),
        (["(5", "6"], {}),
        (["10²", "10³"], {}),
    ],
)
def test_what_is_no_number_stays_text(tmp_path: Path, values: list[str], noted: Any) -> None:
    read, reading = column(tmp_path, values)
    assert read == values
    assert codes(reading) == noted


def test_a_thousand_or_a_decimal_comma_is_for_the_file_to_say(tmp_path: Path) -> None:
    def first(text: str, **options: Any) -> tuple[list[Any], dict[str, str]]:
        table, reading = read_file(write(tmp_path, text), options=ReadOptions(**options))
        return table["a"].to_list(), codes(reading)

    assert first('a,b\n"1,234",x\n"2,500",y\n') == ([1234, 2500], {"thousands_settled": ","})
    assert first("a;b\n1,234;x\n2,500;y\n") == ([1.234, 2.5], {"decimal_settled": ","})
    assert first("a;b\n1,234;0.5\n2,500;1.5\n") == ([1234, 2500], {"thousands_settled": ","})
    assert first("a\tb\n1,234\t3,5\n2,500\t2,5\n") == ([1.234, 2.5], {"decimal_settled": ","})
    assert first('a,b\n"1,234",x\n"2,500",y\n', decimal=",") == ([1.234, 2.5], {"decimal_settled": ","})
    # a point alone is a decimal point, unless the file writes decimals with a comma
    assert first("a,b\n1.234,x\n2.500,y\n") == ([1.234, 2.5], {})
    assert first("a;b\n1.234;3,5\n2.500;2,5\n") == ([1234, 2500], {"thousands_settled": "."})
    assert first("a;b\n1.234;x\n2.500;y\n", decimal=",") == ([1234, 2500], {"thousands_settled": "."})
    assert first("a;b\n12.3456;3,5\n2.5;2,5\n") == ([12.3456, 2.5], {})
