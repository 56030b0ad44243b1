from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.files import codes, write
from thetastar.data import ColumnFormat, Reading, ReadOptions, read_file, read_table
from thetastar.data.text.missing import ALWAYS_MISSING
from thetastar.errors import DataError

TEXTS = {
    "price": ["$1,200.50", "$950", "$12,000", "?"],
    "share": ["12 %", "3.5 %", "NA", "7 %"],
    "weight": ["1.234,50", "7,25", "0,5", "-"],
    "sold": ["3/4/2024", "25/4/2024", "", "1/5/2024"],
    "paid": ["yes", "no", "yes", "no"],
    "zip": ["01234", "94103", "10115", "01067"],
    "town": ["Ulm", " Bonn ", "Ulm", None],
}
VALUES = {
    "price": [1200.5, 950.0, 12000.0, None],
    "share": [12.0, 3.5, None, 7.0],
    "weight": [1234.5, 7.25, 0.5, None],
    "sold": [datetime.date(2024, 4, 3), datetime.date(2024, 4, 25), None, datetime.date(2024, 5, 1)],
    "paid": ["yes", "no", "yes", "no"],
    "zip": ["01234", "94103", "10115", "01067"],
    "town": ["Ulm", "Bonn", "Ulm", None],
}


def parquet(folder: Path, columns: dict[str, Any], *, name: str = "table.parquet") -> Path:
    pl.DataFrame(columns).write_parquet(folder / name)
    return folder / name


def as_csv(columns: dict[str, list[Any]]) -> str:
    return "\n".join("\t".join(map(str, row)) for row in [list(columns), *zip(*columns.values(), strict=True)]) + "\n"


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, lambda columns: pl.DataFrame(columns).to_arrow()])
def test_texts_of_dataframes_are_read_as_those_of_files(frame: Any) -> None:
    table, reading = read_table(frame(TEXTS))
    assert table.to_dict(as_series=False) == VALUES
    assert codes(reading, "price") == {"thousands": ",", "currency": "$", "missing": ("?",)}
    assert codes(reading, "zip") == {"codes": ""}
    assert reading.formats[3] == ColumnFormat("sold", "date", order="dmy")


@pytest.mark.parametrize(
    "write_it", [pl.DataFrame.write_parquet, pl.DataFrame.write_ipc, pl.DataFrame.write_ipc_stream]
)
def test_texts_of_parquet_and_arrow_give_what_a_text_file_gives(tmp_path: Path, write_it: Any) -> None:
    write_it(pl.DataFrame(TEXTS), tmp_path / "table.bin")
    texts = {name: ["" if cell is None else cell for cell in cells] for name, cells in TEXTS.items()}
    table, reading = read_file(tmp_path / "table.bin")
    expected, beside = read_file(write(tmp_path, as_csv(texts)))
    assert table.equals(expected)
    assert reading.formats == beside.formats
    assert reading.notes == tuple(note for note in beside.notes if note.code != "delimiter")


def test_other_types_stay_as_they_are(tmp_path: Path) -> None:
    table = pl.DataFrame(
        {"whole": [1, 2], "code": pl.Series(["1", "2"], dtype=pl.Categorical), "day": [datetime.date(2024, 1, 2)] * 2}
    )
    assert read_table(table)[0].equals(table)
    assert read_table(table)[1] == Reading()
    assert read_file(parquet(tmp_path, table.to_dict()))[1] == Reading()


def test_new_rows_are_read_by_what_was_decided(tmp_path: Path) -> None:
    _, before = read_table(pl.DataFrame({"a": ["1.234,5", "0,5"], "day": ["25/4/2024", "1/4/2024"]}))
    new = {"a": ["1.500", "2,5"], "day": ["3/4/2024", "4/4/2024"]}  # alone, 1.500 would be one and a half
    for table, reading in (
        read_table(pd.DataFrame(new), like=before),
        read_file(parquet(tmp_path, new), like=before),
        read_file(write(tmp_path, as_csv(new)), like=before),
    ):
        assert table.to_dict(as_series=False) == {
            "a": [1500.0, 2.5],
            "day": [datetime.date(2024, 4, 3), datetime.date(2024, 4, 4)],
        }
        assert reading.formats == before.formats


def test_a_column_of_another_type_than_before_is_read_anew() -> None:
    _, before = read_table(pl.DataFrame({"a": [1.5, 2.5]}))
    assert read_table(pl.DataFrame({"a": ["1,5", "2,5"]}), like=before)[0]["a"].to_list() == [1.5, 2.5]
    _, before = read_table(pl.DataFrame({"a": ["1,5", "2,5"]}))
    assert read_table(pl.DataFrame({"a": [1.5, 2.5]}), like=before)[0]["a"].to_list() == [1.5, 2.5]


def test_what_is_asked_for_comes_first(tmp_path: Path) -> None:
    path = parquet(tmp_path, {"a": ["1,234", "5,678"], "day": ["3/4/2024", "5/4/2024"]})
    asked = ReadOptions(decimal=",", dates="mdy")
    assert read_file(path)[0]["a"].to_list() == [1234, 5678]
    table = read_file(path, options=asked)[0]
    assert table["a"].to_list() == [1.234, 5.678]
    assert table["day"][0] == datetime.date(2024, 3, 4)
    _, before = read_file(path)
    assert read_file(path, options=asked, like=before)[0].equals(table)


def test_large_files_are_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = parquet(tmp_path, TEXTS)
    monkeypatch.setattr("thetastar.data.large.parquet._LARGE", 1)
    table, reading = read_file(path)
    assert table.to_dict(as_series=False) == VALUES
    assert codes(reading, "share") == {"percent": "%", "missing": ("NA",)}
    assert reading.notes[0].code == "read_in"


def test_arrays_of_texts() -> None:
    array = pl.DataFrame({"a": ["1.5", "?"], "b": ["x", "y"]}).to_numpy()
    assert read_table(array)[0].to_dict(as_series=False) == {"x0": [1.5, None], "x1": ["x", "y"]}


def test_nested_columns_are_refused_before_texts_are_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="column 'odd' holds List"):
        read_file(parquet(tmp_path, {"a": ["1"], "odd": [[1]]}))


@given(st.lists(st.text(alphabet="0123456789.,-$%/: aé", max_size=8) | st.none(), min_size=1, max_size=12))
def test_nothing_but_what_can_be_read_changes(texts: list[str | None]) -> None:
    table, reading = read_table(pl.DataFrame({"a": pl.Series(texts, dtype=pl.String)}))
    (form,) = reading.formats
    if form.kind == "text":
        none = (*ALWAYS_MISSING, *form.missing)
        assert table["a"].to_list() == [
            None if (text or "").strip() in none else (text or "").strip() for text in texts
        ]
    again, _ = read_table(pl.DataFrame({"a": pl.Series(texts, dtype=pl.String)}), like=reading)
    assert again.equals(table)
