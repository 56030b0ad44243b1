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
        Note("missing", ("town",), rows=1, texts=("NA",)),
    )
    assert read_file(write(tmp_path, gzip.compress(workbook(houses=ROWS))))[0].height == 3


def test_cells_that_are_dates_are_dates_and_numbers_stay_numbers(tmp_path: Path) -> None:
    """A workbook holds a date as a number of days; only the cell's format says that it is one."""
    day = datetime.datetime(2024, 1, 31, 22, 30)
    rows = [
        (day + datetime.timedelta(place), datetime.time(22, place), datetime.timedelta(hours=20 + place), 45322 + place)
        for place in range(9)
    ]
    table, reading = read_file(write(tmp_path, workbook(sheet=[["moment", "clock", "span", "serial"], *rows])))
    assert table["moment"].to_list() == [row[0] for row in rows]
    assert table["clock"].to_list() == [row[1] for row in rows]
    assert table["span"].to_list() == [row[2].total_seconds() for row in rows]
    assert table["serial"].to_list() == [row[3] for row in rows]
    assert Note("durations", ("span",)) in reading.notes


def test_old_dates_are_no_times(tmp_path: Path) -> None:
    days = [datetime.datetime(1900, 3, 1) + datetime.timedelta(400 * place) for place in range(9)]
    table, _ = read_file(write(tmp_path, workbook(sheet=[["day", "x"], *([day, 1] for day in days)])))
    assert table["day"].to_list() == [day.date() for day in days]


def test_numbers_that_are_shown_with_a_unit_are_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["weight", "share"])
    for place, pattern in enumerate(('0.0 "kg"', '0 "kg"'), start=2):
        book.active.append([place + 0.5, place / 100])
        book.active.cell(place, 1).number_format, book.active.cell(place, 2).number_format = pattern, "0 %"
    book.save(tmp_path / "table.xlsx")
    assert read_file(tmp_path / "table.xlsx")[0].rows() == [(2.5, 0.02), (3.5, 0.03)]


def test_a_sheet_of_what_has_none_is_refused(tmp_path: Path) -> None:
    read = read_file(write(tmp_path, workbook(houses=[["a", "b"], [1, 2]])), options=ReadOptions(sheet="houses"))[1]
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    read_file(tmp_path / "t.csv")[0].write_parquet(tmp_path / "t.parquet")
    for name in ("t.csv", "t.parquet"):
        with pytest.raises(DataError, match=r"the sheet 'x' was asked for, but .* is no workbook"):
            read_file(tmp_path / name, options=ReadOptions(sheet="x"))
        assert read_file(tmp_path / name, like=read)[0].rows() == [(1, 2)]  # as the earlier file was


def test_the_first_sheet_that_holds_anything_or_the_one_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, workbook(empty=[], houses=ROWS, other=[["x", "y"], [1, 2], [3, 5]]))
    assert read_file(path)[1].notes[0] == Note("sheet", text="houses")
    table, reading = read_file(path, options=ReadOptions(sheet="other"))
    assert table.to_dict(as_series=False) == {"x": [1, 3], "y": [2, 5]}
    assert read_file(path, like=reading)[0].columns == ["x", "y"]
    with pytest.raises(DataError, match=r"no sheet 'third'; its sheets are \['empty', 'houses', 'other'\]"):
        read_file(path, options=ReadOptions(sheet="third"))


def test_labels_with_their_values_stand_above_a_wide_table_and_an_empty_row(tmp_path: Path) -> None:
    rows = [["Source", "World Bank"], [], ["Updated", 2013], [], ["a", "b", "c", "d"], [1, 2, 3, 5], [4, 5, 6, 5]]
    table, reading = read_file(write(tmp_path, workbook(houses=rows)))
    assert table.rows() == [(1, 2, 3, 5), (4, 5, 6, 5)]
    assert Note("title_lines", text="Source", rows=2) in reading.notes


def test_titles_and_empty_rows_and_columns_are_left_out(tmp_path: Path) -> None:
    rows = [["Report"], [], [], *([None, *row] for row in ROWS), []]
    table, reading = read_file(write(tmp_path, workbook(houses=rows)))
    assert table.to_dict(as_series=False) == READ
    assert Note("title_lines", text="Report", rows=1) in reading.notes
    rows.insert(len(rows) - 2, [])
    table, reading = read_file(write(tmp_path, workbook(houses=rows)))
    assert table.to_dict(as_series=False) == READ
    assert Note("blank_rows", rows=1) in reading.notes


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
