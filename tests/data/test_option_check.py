"""An option that means nothing in a file of its format is refused; one remembered from an earlier file is not asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from thetastar.data import Reading, ReadOptions, file_in_blocks, read_file
from thetastar.data.large import parquet
from thetastar.errors import DataError

TABLE = pl.DataFrame({"x": ["1,5", "2,5", "3,5"], "town": ["Ulm", "Bonn", "Ulm"]})
SAID = {
    "encoding": r"the encoding 'cp1252' was asked for, but .* is no text file: leave --encoding out",
    "delimiter": r"the delimiter ';' was asked for, but .* is no text file: leave --delimiter out",
    "header": r"no header was asked for, but .* is neither a text file nor a workbook: leave --no-header out",
    "sheet": r"the sheet 'May' was asked for, but .* is no workbook: leave --sheet out",
}
ASKED: dict[str, Any] = {"encoding": "cp1252", "delimiter": ";", "header": False, "sheet": "May"}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    paths = {name: tmp_path / f"table.{name}" for name in ("csv", "parquet", "arrow", "xlsx")}
    TABLE.write_csv(paths["csv"], separator=";")
    TABLE.write_parquet(paths["parquet"])
    TABLE.write_ipc(paths["arrow"])
    pd.DataFrame(TABLE.to_dict(as_series=False)).to_excel(paths["xlsx"], index=False, sheet_name="May")
    return paths


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("csv", {"sheet"}),
        ("xlsx", {"encoding", "delimiter"}),
        ("parquet", {"encoding", "delimiter", "header", "sheet"}),
        ("arrow", {"encoding", "delimiter", "header", "sheet"}),
    ],
)
def test_what_means_nothing_is_refused_and_the_rest_is_done(
    files: dict[str, Path], name: str, refused: set[str]
) -> None:
    for option, value in ASKED.items():
        options = ReadOptions(**{option: value})
        if option in refused:
            with pytest.raises(DataError, match=SAID[option]):
                read_file(files[name], options=options)
        else:
            assert read_file(files[name], options=options)[0].height >= 3


@pytest.mark.parametrize("name", ["csv", "parquet", "arrow", "xlsx"])
def test_decimal_marks_and_dates_may_stand_in_any_file(files: dict[str, Path], name: str) -> None:
    table, _ = read_file(files[name], options=ReadOptions(decimal=",", dates="mdy"))
    assert table["x"].to_list() == [1.5, 2.5, 3.5]


@pytest.mark.parametrize("name", ["csv", "parquet", "arrow", "xlsx"])
def test_what_was_asked_for_about_an_earlier_file_is_not_asked_for(files: dict[str, Path], name: str) -> None:
    before = Reading(ReadOptions(encoding="utf-8", delimiter=";", sheet="May", decimal=","))
    table, _ = read_file(files[name], like=before)
    assert table["x"].to_list() == [1.5, 2.5, 3.5]


def test_a_file_read_in_blocks_is_no_exception(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_LARGE", 1)
    asked = ReadOptions(sheet="May")
    with pytest.raises(DataError, match=SAID["sheet"]):
        file_in_blocks(files["parquet"], options=asked, like=Reading(), kept=(), multiple=2)
    with pytest.raises(DataError, match=SAID["sheet"]):
        read_file(files["parquet"], options=asked)
    assert file_in_blocks(files["parquet"], options=ReadOptions(), like=Reading(asked), kept=(), multiple=2)
