from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.files import codes, column
from thetastar.data.text.date_text import is_date, parse_dates
from thetastar.errors import DataError

MARCH = datetime.date(2024, 3, 5)
FORMATS = {
    "ymd": ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M"),
    "dmy": ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y %H:%M:%S", "%d/%m/%Y %I:%M %p"),
    "mdy": ("%m/%d/%Y", "%m-%d-%Y %H:%M", "%m/%d/%Y, %I:%M:%S %p"),
    "day_name_year": ("%d %b %Y", "%d-%b-%Y", "%d. %B %Y", "%a, %d %b %Y %H:%M:%S"),
    "name_day_year": ("%b %d, %Y", "%B %d %Y", "%b. %d, %Y %H:%M"),
}


@pytest.mark.parametrize(("order", "form"), [(order, form) for order, forms in FORMATS.items() for form in forms])
@given(moment=st.datetimes(datetime.datetime(1000, 1, 1), datetime.datetime(9999, 12, 31)))
def test_what_python_writes_is_read(order: str, form: str, moment: datetime.datetime) -> None:
    expected = datetime.datetime.strptime(moment.strftime(form), form)
    assert parse_dates(pl.Series([moment.strftime(form)]), order).to_list() == [expected]


@pytest.mark.parametrize(
    ("values", "expected", "noted"),
    [
        (["2024-03-05", "2024-03-06"], MARCH, {}),
        (["2024年3月5日", "2024年12月6日"], MARCH, {}),
        (["05/03/2024", "25/03/2024"], MARCH, {"dates_dmy": ""}),
        (["3/5/2024", "3/25/2024"], MARCH, {"dates_mdy": ""}),
        (["5.3.2024", "6.3.2024"], MARCH, {"dates_settled_dmy": ""}),
        (["03/05/2024", "04/05/2024", "01/06/2024"], datetime.date(2024, 5, 3), {"dates_settled_dmy": ""}),
        (["03/05/2024", "03/06/2024", "04/01/2024"], MARCH, {"dates_settled_mdy": ""}),  # only so do they ascend
        (["5-Mar-24", "6-Apr-24"], MARCH, {}),
        (["5 Mar 2024", "6 April 2024"], MARCH, {}),
        (["Mar 5, 2024", "April 6th 2024"], MARCH, {}),
        (["2024-03", "2024-04"], datetime.date(2024, 3, 1), {}),
        (["2024年3月", "2024年4月"], datetime.date(2024, 3, 1), {}),
        (["March 2024", "Apr 2024"], datetime.date(2024, 3, 1), {}),
        (["2024-03-05 14:30", "2024-03-06 00:00"], datetime.datetime(2024, 3, 5, 14, 30), {}),
        (["2024-03-05T22:30+08:00", "2024-03-06T00:00Z"], datetime.datetime(2024, 3, 5, 14, 30), {}),
    ],
)
def test_dates_as_people_write_them(tmp_path: Path, values: list[str], expected: Any, noted: Any) -> None:
    read, reading = column(tmp_path, values)
    assert read[0] == expected
    assert codes(reading) == noted


def test_day_and_month_can_be_asked_for(tmp_path: Path) -> None:
    assert column(tmp_path, ["03/05/2024", "04/05/2024"], dates="mdy")[0][0] == datetime.date(2024, 3, 5)


def test_an_order_that_a_date_contradicts_is_refused_with_its_row(tmp_path: Path) -> None:
    message = r"read as dmy, but 'a' holds '03/25/2024' in row 2, which is a date only as mdy: ask for mdy"
    with pytest.raises(DataError, match=message):
        column(tmp_path, ["04/05/2024", "03/25/2024", "04/26/2024"], dates="dmy")
    assert column(tmp_path, ["04/05/2024", "03/25/2024"], dates="mdy")[0][1] == datetime.date(2024, 3, 25)
    assert column(tmp_path, ["2024-03-25", "2024-04-05"], dates="dmy")[0][0] == datetime.date(2024, 3, 25)


@pytest.mark.parametrize("form", ["{year}Q{quarter}", "{year}-q{quarter}", "{year} Q{quarter}", "Q{quarter} {year}"])
def test_quarters_are_their_first_day(tmp_path: Path, form: str) -> None:
    texts = [form.format(year=1974 + place // 4, quarter=place % 4 + 1) for place in range(12)]
    read, _ = column(tmp_path, texts)
    assert read[:5] == [datetime.date(1974, month, 1) for month in (1, 4, 7, 10)] + [datetime.date(1975, 1, 1)]
    assert not is_date(texts[0])  # a header of quarters is one


def test_months_and_days_as_whole_numbers(tmp_path: Path) -> None:
    months = [f"{year}{month:02d}" for year in (2023, 2024) for month in range(1, 13)]
    read, reading = column(tmp_path, months)
    assert read[-1] == datetime.date(2024, 12, 1)
    assert codes(reading) == {"dates_compact": "202301"}
    days = [f"{year}0{month}15" for year in (2023, 2024) for month in range(1, 8)]
    assert column(tmp_path, days)[0][0] == datetime.date(2023, 1, 15)
    assert column(tmp_path, ["202403", "202501"])[0] == [202403, 202501]  # so few may be any numbers
    assert column(tmp_path, [*months, "202413"])[0][0] == 202301
    assert column(tmp_path, [str(200000 + place) for place in range(1, 13)])[0][0] == 200001  # counted, in one year


@pytest.mark.parametrize(
    "values",
    [["2024-02-30", "2024-03-01"], ["13/13/2024", "1/1/2024"], ["10:30", "noon"], ["5 Foo 2024", "6 Mar 2024"]],
)
def test_what_is_no_date_stays_text(tmp_path: Path, values: list[str]) -> None:
    assert column(tmp_path, values)[0] == values


def test_one_wrong_date_among_many_counts_as_missing(tmp_path: Path) -> None:
    read, reading = column(tmp_path, [*(f"2024-01-{day:02d}" for day in range(1, 31)), "2024-02-30"])
    assert read[-1] is None
    assert codes(reading) == {"words_as_missing": ("2024-02-30",)}
