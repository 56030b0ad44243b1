from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.data.files import codes, column, write
from thetastar.data import ColumnFormat, read_file
from thetastar.data.text.apply_format import apply_format
from thetastar.data.text.unit_text import different_units, is_unit, split_measures, unit_key


@pytest.mark.parametrize(
    ("values", "expected", "noted"),
    [
        (["5 kg", "12.5 kg"], [5.0, 12.5], {"unit": "kg"}),
        (["5kg", "7\u00a0kg"], [5, 7], {"unit": "kg"}),
        (["1.234,5 m²", "2,5 m2"], [1234.5, 2.5], {"unit": "m²", "thousands": "."}),
        (["-4 °C", "−12.5°C"], [-4.0, -12.5], {"unit": "°C"}),
        (["1e3 km/h", "20 km/h"], [1000.0, 20.0], {"unit": "km/h"}),
        (["2 years", "1 year"], [2, 1], {"unit": "year"}),
        (["5公斤", "12公斤"], [5, 12], {"unit": "公斤"}),
        (["90 min", "45 min"], [90, 45], {"unit": "min"}),
        (["4 doors", "2 doors"], [4, 2], {"unit": "doors"}),
        (["3 rooms", "5 rooms"], [3, 5], {"unit": "rooms"}),
        (["3 室", "5 室"], [3, 5], {"unit": "室"}),
        (["12 Mi", "80 Mi"], [12, 80], {"unit": "Mi"}),
        (["4 Rooms", "2.5 Rooms"], [4.0, 2.5], {"unit": "Rooms"}),
        (["1,197 CC", "998 CC"], [1197, 998], {"unit": "CC", "thousands_settled": ","}),
        ([f"{power} BHP" for power in range(60, 81)], list(range(60, 81)), {"unit": "BHP"}),
        (["5 kg", "0"], [5, 0], {"unit": "kg"}),
        (["5 kg", "?", "7 kg"], [5, None, 7], {"unit": "kg", "missing": ("?",)}),
    ],
)
def test_one_unit_in_all_cells(tmp_path: Path, values: list[str], expected: list[Any], noted: dict[str, str]) -> None:
    read, reading = column(tmp_path, values)
    assert read == expected
    assert codes(reading) == noted


@pytest.mark.parametrize(
    ("values", "noted"),
    [
        (["5 kg", "7 lb"], {"mixed_units": ("kg", "lb")}),
        (["5 mW", "7 MW"], {"mixed_units": ("mW", "MW")}),
        (["5 kg", "7"], {"partly_units": ("kg",)}),
        (["1.5k", "3M"], {"mixed_units": ("k", "M")}),
        (["007 kg", "8 kg"], {"codes": ""}),
        (["12a", "12b"], {}),
        (["1st", "2nd", "3rd", "4th"], {}),
        (["12 Main Street", "7 Elm Road"], {}),
        (["12 Main Street", "7 Main Street"], {}),
        (["3 Series", "5 Series", "3 Series"], {}),
        (["2 Guys", "5 Guys"], {}),
        ([f"{power} BHP" for power in range(60, 80)], {}),
        (["5x10", "7x10"], {}),
        (["3 1/2 in", "4 in"], {}),
    ],
)
def test_several_units_or_none_stay_text(tmp_path: Path, values: list[str], noted: dict[str, str]) -> None:
    read, reading = column(tmp_path, values)
    assert read == values
    assert codes(reading) == noted


def test_new_files_are_read_by_the_unit_that_was_found(tmp_path: Path) -> None:
    _, before = read_file(write(tmp_path, "a,b\n5 kg,x\n7.5 kg,y\n"))
    table, _ = read_file(write(tmp_path, "a,b\n9 Kg,x\n8,y\n,z\n"), like=before)
    assert table["a"].to_list() == [9, 8, None]
    table, _ = read_file(write(tmp_path, "a,b\n9 kg,x\n8 lb,y\n"), like=before)
    assert table["a"].to_list() == ["9", "8 lb"]  # so that it is told which one couldn't be read


def test_a_unit_is_no_sign_of_currency() -> None:
    assert apply_format(pl.Series("a", ["5 kg", "$5"]), ColumnFormat("a", "number", unit="kg")).to_list() == ["5", "$5"]


def test_spellings() -> None:
    assert different_units(pl.Series(["Years", "year", "yr", "", "years"])) == ("Years", "yr")
    assert unit_key("lbs") == unit_key("lb") == "lb"
    assert unit_key("hrs.") == unit_key("Hr") == "hr"
    assert not any(is_unit(name) for name in ("a", "st", "Main Street", "Foo"))
    assert split_measures(pl.Series([None, "", "kg", "5"], dtype=pl.String))["body"].to_list() == [
        None,
        None,
        None,
        "5",
    ]
