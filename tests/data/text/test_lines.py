from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.files import write
from thetastar.data import Note, ReadOptions, read_file
from thetastar.errors import DataError


def noted(folder: Path, text: str) -> tuple[dict[str, list[object]], list[Note]]:
    table, reading = read_file(write(folder, text))
    return table.to_dict(as_series=False), list(reading.notes)


def test_excels_first_line_names_the_delimiter(tmp_path: Path) -> None:
    table, notes = noted(tmp_path, "sep=;\r\na;b\r\n1;2,5\r\n")
    assert (table, notes[0]) == ({"a": [1], "b": [2.5]}, Note("delimiter", text=";"))


@pytest.mark.parametrize("title", ["Report of 2024\n\n", "Report of 2024\nall; rows\n", "Report of 2024;;\n;;\n"])
def test_titles_above_the_table_are_left_out(tmp_path: Path, title: str) -> None:
    table, notes = noted(tmp_path, title.replace("all; rows", "all rows") + "a;b;c\n1;2;x\n3;4;y\n")
    assert table == {"a": [1, 3], "b": [2, 4], "c": ["x", "y"]}
    assert notes[0] == Note("title_lines", text="Report of 2024", rows=2)


@pytest.mark.parametrize("rows", [20, 300])
@pytest.mark.parametrize("header", ["place;value\n", ""])
def test_a_decimal_comma_in_every_row_separates_no_cells(tmp_path: Path, rows: int, header: str) -> None:
    text = header + "".join(f"town {row % 3};{row},{row % 7}\n" for row in range(rows))
    table, notes = noted(tmp_path, text)
    assert notes[0] == Note("delimiter", text=";")
    assert list(table.values())[1][3] == 3.3


@pytest.mark.parametrize("end", ["", ","])
def test_labels_with_their_values_stand_above_a_wide_table_and_a_blank_line(tmp_path: Path, end: str) -> None:
    title = f"Source,World Bank{end}\n\nUpdated,2013-09-13{end}\n\n"
    table, notes = noted(tmp_path, title + "a,b,c,d\n1,2,x,y\n3,4,z,w\n")
    assert table == {"a": [1, 3], "b": [2, 4], "c": ["x", "z"], "d": ["y", "w"]}
    assert notes[0] == Note("title_lines", text="Source,World Bank", rows=4)
    with pytest.raises(DataError, match="line 2 has 4 cells, the first line has 2"):  # may be a header
        noted(tmp_path, "a,b\n1,2,x,y\n3,4,z,w\n")


def test_a_column_of_texts_with_commas_is_no_table_under_a_title(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 2 has 2 cells, the first line has 1 .* --delimiter"):
        read_file(write(tmp_path, "text\nhello, world\nfoo, bar\n"))
    table, _ = read_file(write(tmp_path, "text\nhello, world\nfoo, bar\n"), options=ReadOptions(delimiter=";"))
    assert table["text"].to_list() == ["hello, world", "foo, bar"]


def test_blank_cells_after_the_last_column_are_nothing(tmp_path: Path) -> None:
    assert noted(tmp_path, "a,b\n1,2,\n3,4, ,\n")[0] == {"a": [1, 3], "b": [2, 4]}


def test_short_rows_are_told(tmp_path: Path) -> None:
    table, notes = noted(tmp_path, "a,b,c\n1,2,3\n4,5\n6\n")
    assert table == {"a": [1, 4, 6], "b": [2, 5, None], "c": [3, None, None]}
    assert notes == [Note("short_rows", text="3", rows=2)]
    assert noted(tmp_path, "a,b\n1,\n2,3\n")[1] == []  # an empty cell is a cell


def test_single_quotes_are_quotation_marks_where_all_names_are_in_them(tmp_path: Path) -> None:
    table, _ = noted(tmp_path, "'name';'town'\n'O'Neill';'Bath; Avon'\n'Li';'Ulm'\n")
    assert table == {"name": ["O'Neill", "Li"], "town": ["Bath; Avon", "Ulm"]}
    table, _ = noted(tmp_path, "'name';town\n'Li';'Ulm'\nAl;Bonn\n")
    assert table == {"'name'": ["'Li'", "Al"], "town": ["'Ulm'", "Bonn"]}


def test_a_mark_of_inches_is_no_quotation_mark(tmp_path: Path) -> None:
    rows = "".join(f"5'{place % 12}\",{place}\n" for place in range(90))
    table, _ = read_file(write(tmp_path, "height,weight\n" + rows))
    assert table.row(11) == ("5'11\"", 11)
    assert table.height == 90


def test_an_open_quotation_mark_is_found(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a quotation mark in line 3 opens a cell and isn't closed"):
        read_file(write(tmp_path, 'a,b\n1,x\n2,"y\n3,z\n'))


def test_a_thousand_columns(tmp_path: Path) -> None:
    names = ",".join(f"c{place}" for place in range(1000))
    table, _ = read_file(
        write(tmp_path, names + "\n" + ",".join(["1.5"] * 1000) + "\n" + ",".join(["2"] * 1000) + "\n")
    )
    assert table.shape == (2, 1000)
    assert set(table.row(0)) == {1.5}
