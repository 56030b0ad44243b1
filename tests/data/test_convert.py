from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thetastar.data.convert import as_days, as_hours, as_labels, as_numbers, check_no_infinity
from thetastar.errors import DataError


@given(st.datetimes(datetime.datetime(1000, 1, 1), datetime.datetime(9999, 12, 31)))
def test_texts_and_moments_give_the_same_days(moment: datetime.datetime) -> None:
    expected = (moment - datetime.datetime(1970, 1, 1)) / datetime.timedelta(days=1)
    texts = pl.Series([moment.isoformat(), moment.isoformat(" ") + "Z"])
    np.testing.assert_allclose(as_days(texts), expected, atol=1e-9)
    np.testing.assert_allclose(as_days(pl.Series([moment])), expected, atol=1e-9)


def test_dates_as_people_write_them() -> None:
    written = ["1970-01-02", "1970/1/2", "1970.01.02", "1970年1月2日", " 1970-01-02 ", "1970-01-02 08:00+08:00"]
    assert as_days(pl.Series(written)).tolist() == [1.0] * 6
    assert np.isnan(as_days(pl.Series(["1970-13-01", "1970-02-30", "x", "1970", None, "1970-01-01 25:00"]))).all()


def test_zoned_moments_count_in_utc() -> None:
    zoned = pl.Series([datetime.datetime(1970, 1, 2)]).dt.replace_time_zone("Asia/Shanghai")
    assert as_days(zoned).tolist() == [16 / 24]


def test_numbers_of_every_dtype() -> None:
    assert as_numbers(pl.Series([True, False])).tolist() == [1.0, 0.0]
    assert as_numbers(pl.Series([datetime.timedelta(minutes=1)])).tolist() == [60.0]
    assert as_numbers(pl.Series([datetime.time(1, 30)])).tolist() == [1.5]
    assert as_numbers(pl.Series([datetime.date(1970, 1, 3)])).tolist() == [2.0]
    np.testing.assert_array_equal(as_numbers(pl.Series([" 1.5 ", "two", None, "1e9"])), [1.5, np.nan, np.nan, 1e9])
    np.testing.assert_array_equal(as_numbers(pl.Series([1.7e308, -1.7e308, np.inf])), [1e300, -1e300, np.inf])


def test_a_time_of_day_names_no_day() -> None:
    assert np.isnan(as_days(pl.Series([datetime.time(10, 30)]))).all()


def test_hours_of_every_dtype() -> None:
    assert as_hours(pl.Series([datetime.time(10, 30), None])).tolist()[:1] == [10.5]
    assert as_hours(pl.Series([datetime.datetime(2024, 5, 3, 10, 30)])).tolist() == [10.5]
    assert as_hours(pl.Series([10.5, 3])).tolist() == [10.5, 3.0]
    np.testing.assert_array_equal(as_hours(pl.Series([" 10:30 ", "9 pm", "noon", None])), [10.5, 21, np.nan, np.nan])
    assert as_hours(pl.Series(["6:45"], dtype=pl.Categorical)).tolist() == [6.75]


def test_a_label_does_not_depend_on_the_dtype() -> None:
    assert as_labels(pl.Series([1, 20])).to_list() == ["1", "20"]
    assert as_labels(pl.Series([1.0, 20.0, -0.0, 0.5, np.nan])).to_list() == ["1", "20", "0", "0.5", None]
    assert as_labels(pl.Series(["1.0", " 20 ", "", "01"])).to_list() == ["1", "20", None, "01"]
    assert as_labels(pl.Series(["a", None], dtype=pl.Categorical)).to_list() == ["a", None]


@pytest.mark.parametrize(
    "values", [[datetime.timedelta(seconds=3)], [datetime.time(1)], [datetime.date(2020, 1, 1)], [True], [2**60]]
)
def test_every_dtype_has_labels(values: list[object]) -> None:
    (label,) = as_labels(pl.Series(values)).to_list()
    assert isinstance(label, str)


def test_infinities_are_named_by_column_and_row() -> None:
    check_no_infinity(np.array([1.0, np.nan]), "x")
    with pytest.raises(DataError, match=r"column 'x' holds 2 infinite value\(s\), the first in row 2"):
        check_no_infinity(np.array([1.0, np.inf, -np.inf]), "x")
