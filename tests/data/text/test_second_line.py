from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.files import write
from thetastar.data import Note, read_file

ROWS = "".join(f"{place},{place % 7},{'Ulm' if place % 3 else 'Bonn'},{place * 1.5}\n" for place in range(1, 30))


@pytest.mark.parametrize(
    ("header", "names", "note"),
    [
        ("a,b,town,y\nkm,kg,,EUR\n", ["a", "b", "town", "y"], Note("units_line", texts=("km", "kg", "EUR"))),
        ("a,b,town,y\n(km),[kg],(-),(%)\n", ["a", "b", "town", "y"], Note("units_line", texts=("(km)", "[kg]", "(%)"))),
        ("面积,b,town,y\n平方米,,,万\n", ["面积", "b", "town", "y"], Note("units_line", texts=("平方米", "万"))),
        (
            "Size,,town,Price\nliving,garden,,total\n",
            ["Size living", "Size garden", "town", "Price total"],
            Note("second_line", ("Size living", "Size garden", "town", "Price total")),
        ),
        (
            "Size,,,Price\nliving,garden,town,total\n",
            ["Size living", "Size garden", "town", "Price total"],
            Note("second_line", ("Size living", "Size garden", "town", "Price total")),
        ),
        (
            "Size,Size,town,y\nliving,garden,name,\n",
            ["Size living", "Size garden", "town name", "y"],
            Note("second_line", ("Size living", "Size garden", "town name", "y")),
        ),
    ],
)
def test_a_line_of_words_above_numbers_is_part_of_the_header(
    tmp_path: Path, header: str, names: list[str], note: Note
) -> None:
    table, reading = read_file(write(tmp_path, header + ROWS))
    assert table.columns == names
    assert table.row(0) == (1, 1, "Ulm", 1.5)
    assert reading.notes == (note,)
    new, _ = read_file(write(tmp_path, header + "5,6,Ulm,1\n" * 4), like=reading)
    assert new.columns == names
    assert new.height == 4


@pytest.mark.parametrize(
    "first",
    [
        "NA,?,Ulm,-",  # missing
        "1,?,Ulm,-",
        "about,5,Ulm,7",
        "about 30,,Ulm,",  # a remark in one cell
        "km,kg,Bonn,EUR",  # Bonn is a town below
        ",,,",
        "1,2,Ulm,3",
    ],
)
def test_a_first_row_is_a_row(tmp_path: Path, first: str) -> None:
    table, reading = read_file(write(tmp_path, f"a,b,town,y\n{first}\n{ROWS}"))
    assert table.columns == ["a", "b", "town", "y"]
    assert table.height == 30
    assert {note.code for note in reading.notes} <= {"missing", "words_as_missing"}


def test_words_alone_have_no_second_line(tmp_path: Path) -> None:
    table, _ = read_file(write(tmp_path, "name,town\nfirst,last\n" + "ann,ulm\nbob,bonn\ncleo,kiel\n" * 3))
    assert table.columns == ["name", "town"]
    assert table.height == 10
