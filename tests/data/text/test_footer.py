from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.data.files import write
from thetastar.data import Note, ReadOptions, read_file
from thetastar.data.convert import as_numbers

TOWNS = ["Ulm", "Bonn", "Kiel"] * 5
AREAS = [10.5 * place for place in range(1, 16)]
ROWS = "town,area,rooms\n" + "".join(
    f"{town},{area},{place % 4}\n" for place, (town, area) in enumerate(zip(TOWNS, AREAS, strict=True))
)
SUM, MEAN = f"{sum(AREAS)},21", f"{sum(AREAS) / 15},1.4"


@pytest.mark.parametrize(
    ("end", "called", "count"),
    [
        (f"Total,{SUM}\n", "Total", 1),
        (f"合计,{SUM}\n", "合计", 1),
        (f"Sum:,{SUM}\nMean:,{MEAN}\n", "Sum:, Mean:", 2),
        (f"Total,{sum(AREAS):.0f},\n", "Total", 1),
        (f"average,{MEAN}\n", "average", 1),
    ],
)
def test_rows_that_sum_up_the_others_are_left_out(tmp_path: Path, end: str, called: str, count: int) -> None:
    table, reading = read_file(write(tmp_path, ROWS + end))
    assert table.equals(read_file(write(tmp_path, ROWS))[0])
    assert reading.notes == (Note("totals", rows=count, texts=tuple(called.split(", "))),)


def test_a_total_beside_numbers_as_people_write_them(tmp_path: Path) -> None:
    text = "Ort;Preis\nUlm;1.234,50 €\nBonn;765,50 €\nKiel;500,00 €\nSumme;x\n".replace("Summe;x", "Total;2.500,00 €")
    table, reading = read_file(write(tmp_path, text))
    assert table["Preis"].to_list() == [1234.5, 765.5, 500.0]
    assert "totals" in [note.code for note in reading.notes]
    text = "Preis;Ort\n1,5;Ulm\n2,5;Bonn\n4,0;Total\n"
    assert read_file(write(tmp_path, text), options=ReadOptions(decimal=","))[0].height == 2


@pytest.mark.parametrize(
    "end",
    ["Total,55,3\n", f"Total,{MEAN}\n", f"Mean,{SUM}\n", "Total,,\n", f"Bonn,{SUM}\n", f"Total,{SUM}\nUlm,10,2\n"],
)
def test_a_row_that_is_only_called_so_or_only_large_is_a_row(tmp_path: Path, end: str) -> None:
    remark = end == "Total,,\n"  # one word below the table
    table, reading = read_file(write(tmp_path, ROWS + end))
    assert table.height == 15 + (0 if remark else end.count("\n"))
    assert [note.code for note in reading.notes] == (["remarks_below"] if remark else [])


@pytest.mark.parametrize("value", ["inf", "1e300"])
def test_numbers_without_a_sum_are_no_trouble(tmp_path: Path, value: str) -> None:
    text = "town,a,b\n" + f"Ulm,{value},1\n" * 9 + f"Total,{value},5\n"
    assert read_file(write(tmp_path, text))[0].height == 10


def test_remarks_below_the_table_are_left_out(tmp_path: Path) -> None:
    table, reading = read_file(write(tmp_path, ROWS + "\nSource: statistics\n* preliminary\n"))
    assert table.equals(read_file(write(tmp_path, ROWS))[0])
    assert Note("remarks_below", text="Source: statistics", rows=2) in reading.notes


@pytest.mark.parametrize("end", ["2024-05-01,,\n", "7,,\n"])
def test_rows_of_which_little_is_known_yet_are_rows(tmp_path: Path, end: str) -> None:
    rows = "".join(f"2024-04-{day:02d},{day},x\n" for day in range(1, 31)) + end
    assert read_file(write(tmp_path, "day,a,b\n" + rows))[0].height == 31
    sparse = "town,area,rooms\nUlm,,\nBonn,1,2\nKiel,,\n"
    assert read_file(write(tmp_path, sparse))[0].height == 3


def test_of_rows_to_predict_each_line_is_kept(tmp_path: Path) -> None:
    _, before = read_file(write(tmp_path, ROWS))
    assert read_file(write(tmp_path, f"{ROWS}Total,{SUM}\nSource\n"), like=before)[0].height == 17


def test_a_header_that_comes_again_is_left_out(tmp_path: Path) -> None:
    table, reading = read_file(write(tmp_path, ROWS + ROWS))
    assert table.columns == ["town", "area", "rooms"]
    assert table.height == 30
    assert reading.notes == (Note("repeated_header", rows=1),)
    words = "p,x,s\ne,x,s\np,x,s\ne,b,s\n"  # no header: a row may come again
    assert read_file(write(tmp_path, words))[0].height == 4


UNITS = "town,area,rooms\n,m²,\n"


@pytest.mark.parametrize("second", ["town,area,rooms", ",m²,", "x,y,z"])
def test_rows_to_predict_have_no_second_header_unless_the_first_file_had_one(tmp_path: Path, second: str) -> None:
    _, before = read_file(write(tmp_path, ROWS))
    head, _, body = ROWS.partition("\n")
    table, reading = read_file(write(tmp_path, f"{head}\n{second}\n{body}{head}\n"), like=before)
    assert table.columns == ["town", "area", "rooms"]
    assert table.height == 17
    assert as_numbers(table["area"])[1:16].tolist() == AREAS
    assert np.isnan(as_numbers(table["area"])[[0, 16]]).all()
    assert not {"repeated_header", "units_line", "second_line"} & {note.code for note in reading.notes}


def test_units_below_the_header_are_no_row_where_they_were_none_before(tmp_path: Path) -> None:
    text = UNITS + ROWS.partition("\n")[2]
    table, before = read_file(write(tmp_path, text))
    again, reading = read_file(write(tmp_path, text + "town,area,rooms\n"), like=before)
    assert (table.height, again.height) == (15, 16)
    assert Note("units_line", texts=("m²",)) in reading.notes
