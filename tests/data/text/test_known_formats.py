from __future__ import annotations

import datetime
from pathlib import Path

from tests.data.files import write
from tests.data.test_spreadsheet import workbook
from thetastar.data import ReadOptions, read_file

GERMAN = "wann;preis\n05.03.2024;1.234,5\n25.03.2024;2,25\n"


def test_a_workbook_writes_its_numbers_and_dates_in_its_own_way(tmp_path: Path) -> None:
    _, reading = read_file(write(tmp_path, GERMAN))
    rows = [["wann", "preis"], [datetime.datetime(2024, 4, 3), 1.234], [None, 7.5]]
    table, _ = read_file(write(tmp_path, workbook(one=rows)), like=reading)
    assert table.to_dict(as_series=False) == {"wann": [datetime.date(2024, 4, 3), None], "preis": [1.234, 7.5]}
    typed_in = [["wann", "preis"], ["03.04.2024", "1.234,5"], ["04.04.2024", "7,5"]]
    table, _ = read_file(write(tmp_path, workbook(one=typed_in)), like=reading)
    assert table.to_dict(as_series=False) == {
        "wann": [datetime.date(2024, 4, 3), datetime.date(2024, 4, 4)], "preis": [1234.5, 7.5],
    }  # fmt: skip


def test_what_is_asked_for_now_goes_before_what_was_decided(tmp_path: Path) -> None:
    _, reading = read_file(write(tmp_path, GERMAN))
    american = write(tmp_path, 'wann,preis\n03/04/2024,"1,234.5"\n04/05/2024,7.5\n')
    now = ReadOptions(decimal=".", dates="mdy")
    table, _ = read_file(american, like=reading, options=now)
    assert table["preis"].to_list() == [1234.5, 7.5]
    assert table["wann"].to_list() == [datetime.date(2024, 3, 4), datetime.date(2024, 4, 5)]
