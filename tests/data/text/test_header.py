from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.files import write
from thetastar.data import Kind, Note, ReadOptions, decide_columns, read_file


def test_repeated_and_empty_names_are_told(tmp_path: Path) -> None:
    _, reading = read_file(write(tmp_path, "a,b,a,,a\n1,2,3,4,5\n"))
    assert reading.notes == (Note("unnamed", ("column4",)), Note("renamed", ("a_2", "a_3")))


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("2024-01-01,5,6\n2024-01-02,7,8\n", False),
        ("2020-01-22,2020-01-23\n5,6\n7,8\n", True),  # days as names, above numbers
        ("1,5;2,5\n3,5;4,5\n", False),
        ("$5,x\n$7,x\n", False),
        ("day;price\n5.3.2024;1,5\n", True),
    ],
)
def test_numbers_and_dates_as_people_write_them_are_no_names(tmp_path: Path, text: str, header: bool) -> None:
    table, reading = read_file(write(tmp_path, text))
    assert table.height == text.count("\n") - header
    assert (Note("no_header") in reading.notes) is not header


def test_a_new_file_has_a_header_if_it_holds_a_known_name(tmp_path: Path) -> None:
    _, reading = read_file(write(tmp_path, "town,0,1\nUlm,5,6\nBonn,7,8\n"))
    table, _ = read_file(write(tmp_path, "0,1\n5,6\n"), like=reading)
    assert table.columns == ["0", "1"]
    _, unnamed = read_file(write(tmp_path, "1.5,2.5\n3.5,4.5\n"))
    assert read_file(write(tmp_path, "3,4\n"), like=unnamed)[0].columns == ["x0", "x1"]


def test_a_new_file_without_a_header_keeps_its_first_row_and_may_lack_the_target(tmp_path: Path) -> None:
    _, before = read_file(write(tmp_path, "b,1.5,2,Ulm\na,3.5,4,Bonn\nb,5.5,6,Kiel\n"))
    assert [form.column for form in before.formats] == ["x0", "x1", "x2", "x3"]
    for text in ("1,2,Bonn\n", "1,2,Bonn\n3,4,Rome\n"):
        table, _ = read_file(write(tmp_path, text), like=before, target="x0")
        assert (table.columns, table.row(0)) == (["x1", "x2", "x3"], (1, 2, "Bonn"))
    assert read_file(write(tmp_path, "a,1,2,Bonn\n"), like=before, target="x0")[0].columns == ["x0", "x1", "x2", "x3"]
    assert read_file(write(tmp_path, "1,Bonn\n"), like=before, target="x0")[0].columns == ["x0", "x1"]
    named, _ = read_file(write(tmp_path, "size,rooms,town\n1,2,Bonn\n"), like=before, target="x0")
    assert named.columns == ["size", "rooms", "town"]
    counted, _ = read_file(write(tmp_path, "3,4\n5,6\n"), like=read_file(write(tmp_path, "1.5,2.5\n3.5,4.5\n"))[1])
    assert counted.height == 2


def test_a_leading_column_without_a_name_that_numbers_the_rows_is_an_identifier(tmp_path: Path) -> None:
    shuffled = "".join(f"{place * 7 % 31},{place / 7},{place % 4}\n" for place in range(31))
    table, _ = read_file(write(tmp_path, ",size,rooms\n" + shuffled))
    first = decide_columns(table)[0]
    assert (first.name, first.kind, first.used, first.reason) == (
        "column1", Kind.identifier, False, "unnamed_identifier",
    )  # fmt: skip


def test_one_row_of_whole_numbers_needs_to_be_told(tmp_path: Path) -> None:
    path = write(tmp_path, "1;2\n3;4\n")
    assert read_file(path)[0].columns == ["1", "2"]
    assert read_file(path, options=ReadOptions(header=False))[0].shape == (2, 2)
