from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.files import write
from thetastar.data import Note, ReadOptions, read_file


@pytest.mark.parametrize(
    "text",
    [
        "a   b   y\n" + "".join(f"{place:4d} {place * 1.5:8.2f} {place % 3:2d}\n" for place in range(30)),
        "".join(f" {place:4d} {place * 1.5:8.2f}    {place % 3:2d}  \n" for place in range(30)),
    ],
)
def test_columns_in_line_are_columns(tmp_path: Path, text: str) -> None:
    table, reading = read_file(write(tmp_path, text))
    assert table.rows() == [(place, place * 1.5, place % 3) for place in range(30)]
    assert Note("blanks") in reading.notes


def test_quoted_cells_keep_their_blanks(tmp_path: Path) -> None:
    text = "".join(f'{place}.0   8   {300 + place}.0\t"ford torino {place % 2}"\n' for place in range(20))
    table, _ = read_file(write(tmp_path, text))
    assert table.row(3) == (3.0, 8, 303.0, "ford torino 1")


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("name\nann lee\nbob ray\n", 1),
        ("weight\n5 kg\n7 kg\n", 1),
        ("39, State-gov, 77516\n50, Private, 83311\n", 3),
        ("a;b\n1 234;5\n2 345;6\n", 2),
        ("day;price\n2024-01-01 10:30;5 €\n2024-01-02 11:30;6 €\n", 2),
    ],
)
def test_blanks_inside_of_cells_are_left_alone(tmp_path: Path, text: str, width: int) -> None:
    assert read_file(write(tmp_path, text))[0].width == width


def test_blanks_may_be_asked_for(tmp_path: Path) -> None:
    table, _ = read_file(write(tmp_path, "a b\nx  y\nz w\n"), options=ReadOptions(delimiter=" "))
    assert table.rows() == [("x", "y"), ("z", "w")]
