from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thetastar.data import EncodingSettings, decide_columns, encode, fit_encoding
from thetastar.data.calendar import calendar, dates_with, varying
from thetastar.data.convert import as_days

EPOCH = datetime.datetime(1970, 1, 1)


@given(st.datetimes(datetime.datetime(1, 1, 1), datetime.datetime(9999, 12, 31)))
def test_pythons_calendar_says_the_same(moment: datetime.datetime) -> None:
    days = np.array([(moment - EPOCH) / datetime.timedelta(days=1)])
    said = [calendar(days, what)[0] for what in ("year", "month", "weekday")]
    assert said == [moment.year, moment.month, moment.isoweekday()]
    hour = (moment - datetime.datetime.combine(moment, datetime.time())) / datetime.timedelta(hours=1)
    assert calendar(days, "hour")[0] % 24 == pytest.approx(hour % 24, abs=2e-6)


@pytest.mark.parametrize(
    ("what", "values"),
    [("year", range(1950, 2050, 7)), ("month", range(1, 13)), ("weekday", range(1, 8)), ("hour", range(24))],
)
def test_dates_can_be_had_for_every_part(what: str, values: range) -> None:
    wanted = np.array(values, dtype=np.float64)
    assert calendar(dates_with(wanted, what), what).tolist() == wanted.tolist()


def test_no_date_has_no_parts() -> None:
    for what in ("year", "month", "weekday", "hour"):
        assert np.isnan(calendar(np.array([np.nan, np.inf]), what)).all()
        assert np.isfinite(calendar(np.array([1e300, -1e300]), what)).all()


def days_of(*texts: str) -> np.ndarray:
    return as_days(pl.Series(texts))


@pytest.mark.parametrize(
    ("texts", "parts"),
    [
        (("2024-03-05", "2024-03-06"), ("weekday",)),
        (("2024-03-05", "2024-03-12"), ()),  # the same weekday
        (("2024-03-05 08:00", "2024-03-05 09:30"), ("hour",)),
        (("2024-01-01", "2024-02-01", "2024-03-01"), ("month",)),  # whole months: their weekday says nothing
        (("2022-01-01", "2023-01-01", "2024-01-01"), ("year",)),
        (("2023-12-31 23:00", "2024-01-01 00:00"), ("year", "month", "weekday", "hour")),
        (("2024-03-05",), ()),
        ((), ()),
    ],
)
def test_only_what_differs_counts(texts: tuple[str, ...], parts: tuple[str, ...]) -> None:
    assert varying(np.append(days_of(*texts) if texts else np.empty(0), np.nan)) == parts


def test_parts_are_learned_from_training_rows_only() -> None:
    table = pl.DataFrame({"when": ["2024-03-05", "2024-03-12", "2025-07-01 12:00"]})
    columns = decide_columns(table, overrules={"when": "date"})
    encoding = fit_encoding(table, columns, rows=[0, 1])
    assert [feature.name for feature in encoding.features] == ["when"]
    everything = fit_encoding(table, columns)
    assert {part.of for part in everything.parts if hasattr(part, "of")} == {"", "year", "month", "hour"}


def test_december_is_next_to_january() -> None:
    days = [datetime.date(2024, month, 15) for month in range(1, 13)]
    table = pl.DataFrame({"when": [*days, datetime.date(2025, 1, 15), None]})
    encoding = fit_encoding(table, decide_columns(table), settings=EncodingSettings(pieces=0))
    matrix = encode(encoding, table)
    wave = matrix[:, [feature.of == "month" for feature in encoding.features]]
    steps = np.linalg.norm(np.diff(wave[:13], axis=0), axis=1)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-5)
    assert wave[13].tolist() == [0, 0]  # nowhere: the centre of the circle


@pytest.mark.parametrize("what", ["month", "weekday", "hour"])
def test_a_pattern_of_the_calendar_is_linear_in_the_pieces(what: str) -> None:
    """Whatever a part of the date does, least squares on its pieces says it for other dates too."""
    random = np.random.default_rng(0)
    days = random.integers(0, 24 * 365 * 6, 3_000) / 24
    values = calendar(days, what)
    answer = random.normal(size=25)[values.astype(int)]
    table = pl.DataFrame({"when": pl.Series((days * 86_400e6).astype(np.int64)).cast(pl.Datetime("us"))})
    encoding = fit_encoding(table, decide_columns(table), rows=np.arange(2_000))
    matrix = np.column_stack([np.ones(3_000), encode(encoding, table)]).astype(np.float64)
    theta = np.linalg.lstsq(matrix[:2_000], answer[:2_000], rcond=1e-6)[0]
    assert np.abs(matrix[2_000:] @ theta - answer[2_000:]).max() < 1e-3
