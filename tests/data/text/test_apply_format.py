from __future__ import annotations

import datetime
from pathlib import Path

import polars as pl
import pytest

from tests.data.files import write
from thetastar.data import ReadOptions, read_file
from thetastar.data.convert import as_days, as_numbers
from thetastar.data.reading import ColumnFormat
from thetastar.data.text.apply_format import apply_format


def test_a_new_file_is_read_as_the_first_one_was(tmp_path: Path) -> None:
    first = "when;price;share;code;word\n05/03/2024;1.234,5 €;3 %;01234;yes\n25/03/2024;2,25 €;4 %;89000;-\n"
    _, reading = read_file(write(tmp_path, first))
    new = "code;when;price;word;share\n12345;03/04/2024;1.234 €;no;5 %\n1;04/05/2024;7;yes;-\n"
    table, again = read_file(write(tmp_path, new), like=reading)
    assert table.to_dict(as_series=False) == {
        "code": ["12345", "1"],
        "when": [datetime.date(2024, 4, 3), datetime.date(2024, 5, 4)],
        "price": [1234, 7],
        "word": ["no", "yes"],
        "share": [5, None],
    }
    assert [form.column for form in again.formats] == table.columns


def test_options_of_the_first_file_hold_for_new_ones_and_can_be_overruled(tmp_path: Path) -> None:
    asked = ReadOptions(delimiter="|", header=False, encoding="cp1252")
    first, reading = read_file(write(tmp_path, "é|1\nb|2\n", encoding="cp1252"), options=asked)
    assert first["x0"].to_list() == ["é", "b"]
    new, _ = read_file(write(tmp_path, "ü|3\n", encoding="cp1252"), like=reading)
    assert new.to_dict(as_series=False) == {"x0": ["ü"], "x1": [3]}
    new, _ = read_file(
        write(tmp_path, "x1|x0\n3|ü\n"), like=reading, options=ReadOptions(encoding="utf-8", header=True)
    )
    assert new.to_dict(as_series=False) == {"x1": [3], "x0": ["ü"]}


def test_what_can_not_be_read_is_still_there_to_be_told() -> None:
    prices = apply_format(pl.Series("a", ["1,5", "dear", None, "-"]), ColumnFormat("a", "number", decimal=","))
    assert prices.to_list() == ["1.5", "dear", None, None]
    assert as_numbers(prices).tolist()[:1] == [1.5]
    days = apply_format(pl.Series("a", ["05/03/2024", "soon"]), ColumnFormat("a", "date", order="dmy"))
    assert days.to_list() == ["2024-03-05T00:00:00", "soon"]
    assert as_days(days)[0] == (datetime.date(2024, 3, 5) - datetime.date(1970, 1, 1)).days


def test_larger_numbers_of_a_new_file_may_have_thousands_apart() -> None:
    assert apply_format(pl.Series("a", ["1,234.5", "7"]), ColumnFormat("a", "number")).to_list() == [1234.5, 7.0]
    assert apply_format(pl.Series("a", ["1.234,5"]), ColumnFormat("a", "number", decimal=",")).to_list() == [1234.5]
    grouped = ColumnFormat("a", "number", decimal=",", grouping=" ")
    assert apply_format(pl.Series("a", ["1 234,5"]), grouped).to_list() == [1234.5]


def test_another_unit_is_no_number_of_this_column() -> None:
    form = ColumnFormat("a", "number", unit="$")
    assert apply_format(pl.Series("a", ["$5", "6"]), form).to_list() == [5, 6]
    assert apply_format(pl.Series("a", ["$5", "€6"]), form).to_list() == ["5", "€6"]


@pytest.mark.parametrize(
    ("texts", "dtype"),
    [
        (["1", "2"], pl.Int64),
        (["1", "2.0"], pl.Float64),
        (["1", "9223372036854775808"], pl.Float64),
        (["1.5", None], pl.Float64),
        ([None, None], pl.Float64),
    ],
)
def test_whole_numbers_of_64_bits_are_whole(texts: list[str | None], dtype: pl.DataType) -> None:
    assert apply_format(pl.Series("a", texts, dtype=pl.String), ColumnFormat("a", "number")).dtype == dtype
