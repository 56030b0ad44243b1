from __future__ import annotations

import datetime
import gzip
import io
import sys
from pathlib import Path
from typing import Any

import pytest

from thetastar.data import Note, ReadOptions, read_file, spreadsheet
from thetastar.errors import DataError

from .files import write

openpyxl = pytest.importorskip("openpyxl")
ROWS = [
    ["day", "size", "code", "town", "sold"],
    [datetime.datetime(2024, 3, 5), 1.5, "01067", "Ulm", True],
    [datetime.datetime(2024, 3, 6), 2.25, "89073", None, False],
    [datetime.datetime(2024, 3, 7), None, "10115", "NA", True],
]
READ = {
    "day": [datetime.date(2024, 3, day) for day in (5, 6, 7)],
    "size": [1.5, 2.25, None],
    "code": ["01067", "89073", "10115"],
    "town": ["Ulm", None, None],
    "sold": ["true", "false", "true"],
}


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_sheet_is_read_as_a_text_file_is(tmp_path: Path) -> None:
    table, reading = read_file(write(tmp_path, workbook(houses=ROWS), name="any.name"))
    assert table.to_dict(as_series=False) == READ
    assert reading.notes == (
        Note("sheet", text="houses"),
        Note("codes", ("code",)),
        Note("missing", ("town",), "“NA”", 1),
    )
    assert read_file(write(tmp_path, gzip.compress(workbook(houses=ROWS))))[0].height == 3


def test_the_first_sheet_that_holds_anything_or_the_one_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, workbook(empty=[], houses=ROWS, other=[["x", "y"], [1, 2], [3, 5]]))
    assert read_file(path)[1].notes[0] == Note("sheet", text="houses")
    table, reading = read_file(path, options=ReadOptions(sheet="other"))
    assert table.to_dict(as_series=False) == {"x": [1, 3], "y": [2, 5]}
    assert read_file(path, like=reading)[0].columns == ["x", "y"]
    with pytest.raises(DataError, match=r"no sheet 'third'; its sheets are \['empty', 'houses', 'other'\]"):
        read_file(path, options=ReadOptions(sheet="third"))


def test_titles_and_empty_rows_and_columns_are_left_out(tmp_path: Path) -> None:
    rows = [["Report"], [], [], *([None, *row] for row in ROWS), []]
    table, reading = read_file(write(tmp_path, workbook(houses=rows)))
    assert table.to_dict(as_series=False) == READ
    assert Note("title_lines", text="Report", rows=1) in reading.notes


@pytest.mark.parametrize(
    ("sheets", "message"),
    [
        ({"empty": []}, r"has nothing in its sheet\(s\) \['empty'\]"),
        ({"one": [["a", "b"]]}, r"sheet 'one' has a header \(a, b\) but no rows below it"),
    ],
)
def test_sheets_without_rows(tmp_path: Path, sheets: dict[str, list[list[Any]]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_file(write(tmp_path, workbook(**sheets)))


def test_damaged_huge_or_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = workbook(houses=ROWS)
    with pytest.raises(DataError, match=r"can't be read as a workbook .*export the sheet as CSV"):
        read_file(write(tmp_path, whole.replace(b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheet2.xml")))
    with pytest.raises(DataError, match=r"can't be read as a workbook .*export the sheet as CSV"):
        read_file(write(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600))
    monkeypatch.setattr(spreadsheet, "_LARGEST", 100)
    with pytest.raises(DataError, match="more than workbooks do: export the sheet as CSV"):
        read_file(write(tmp_path, whole))
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    with pytest.raises(DataError, match=r"is a workbook: pip install 'thetastar\[excel\]' to read it, or export"):
        read_file(write(tmp_path, whole))
