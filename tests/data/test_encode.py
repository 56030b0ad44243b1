from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.tables import COLUMNS, SETTINGS, rows_of, table_of
from thetastar.data import Encoding, EncodingSettings, Feature, Kind, decide_columns, encode, fit_encoding
from thetastar.data.convert import as_days, as_labels, as_numbers
from thetastar.errors import DataError


def by_hand(encoding: Encoding, table: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Compute every output from its feature's description alone, as a reader of a report would."""
    return np.stack([one_by_hand(feature, table[feature.column], encoding) for feature in encoding.features], axis=1)


def one_by_hand(feature: Feature, series: pl.Series, encoding: Encoding) -> npt.NDArray[np.float64]:
    part: Any = next(part for part in encoding.parts if part.column == feature.column)
    if feature.kind is Kind.category:
        labels = as_labels(series).to_list()
        own = {item.category for item in encoding.features if item.column == feature.column}
        if feature.role == "missing":
            return np.array([float(label is None) for label in labels])
        other = [not feature.category and label is not None and label not in own for label in labels]
        return np.array([float(label == feature.category or rest) for label, rest in zip(labels, other, strict=True)])
    if feature.kind is Kind.boolean:
        labels = as_labels(series).str.to_lowercase().to_list()
        if feature.role == "missing":
            return np.array([float(label not in (part.true, part.false)) for label in labels])
        values = {part.true: 1.0, part.false: 0.0}
        return np.array([values.get(label, part.middle) for label in labels])
    x = as_days(series) if feature.kind is Kind.date else as_numbers(series)
    if feature.role == "missing":
        return np.isnan(x).astype(np.float64)
    if feature.of:
        part = next(
            part for part in encoding.parts if (part.column, getattr(part, "of", "")) == (feature.column, feature.of)
        )
        x = np.array([np.nan if day is None else calendar_by_hand(day, feature.of) for day in series])
    if feature.role in ("sin", "cos"):
        wave = getattr(np, feature.role)(2 * np.pi * x / {"month": 12, "weekday": 7, "hour": 24}[feature.of])
        return np.where(np.isnan(x), 0.0, wave)
    if feature.lower is not None and feature.upper is not None:
        x = np.clip(np.where(np.isnan(x), part.middle, x), feature.lower, feature.upper)
        return (x - feature.lower) / (feature.upper - feature.lower)
    with np.errstate(over="ignore"):
        z = np.where(np.isnan(x), 0, np.clip((x - feature.offset) / feature.scale, -1e6, 1e6))
    return z / np.sqrt(1 + (z / 3) ** 2) if feature.smooth else z


def calendar_by_hand(moment: datetime.date | datetime.time, what: str) -> float:
    """Python's own calendar."""
    if isinstance(moment, datetime.datetime):
        moment = moment.time() if what == "hour" else moment
    if isinstance(moment, datetime.time):
        return moment.hour + moment.minute / 60 + (moment.second + moment.microsecond / 1e6) / 3600
    if what == "hour":
        return 0.0
    return float({"year": moment.year, "month": moment.month, "weekday": moment.isoweekday()}[what])


@given(rows_of(max_size=20), rows_of(max_size=20), SETTINGS)
def test_the_features_say_what_the_outputs_are(train: list[Any], later: list[Any], settings: EncodingSettings) -> None:
    encoding = fit_encoding(table_of(train), COLUMNS, settings=settings)
    table = table_of(later)
    matrix = encode(encoding, table)
    assert (matrix.shape, matrix.dtype, matrix.flags.c_contiguous) == ((len(later), encoding.width), np.float32, True)
    assert len(encoding.features) == encoding.width
    assert all((feature.role == "piece") == (i >= encoding.plain) for i, feature in enumerate(encoding.features))
    assert np.isfinite(matrix).all()
    np.testing.assert_allclose(matrix, by_hand(encoding, table), rtol=1e-6, atol=1e-6)


def encoded(train: dict[str, Any], later: dict[str, Any], kinds: dict[str, str] | None = None, **settings: Any) -> Any:
    table = pl.DataFrame(train)
    encoding = fit_encoding(table, decide_columns(table, overrules=kinds), settings=EncodingSettings(**settings))
    return encoding, encode(encoding, pl.DataFrame(later)).tolist()


def test_known_answers() -> None:
    encoding, matrix = encoded(
        {"x": [0.0, 1.5, 3.0, None], "w": ["b", "a", "a", None], "f": [True, False, True, True]},
        {"x": [0.75, None, 9.0], "w": ["a", "c", None], "f": [True, None, False]},
    )
    scale = np.sqrt(1.5)
    assert [feature.name for feature in encoding.features] == [
        "x", "x missing", "w = a", "w = b", "w missing", "f = true", "x 0…1.5", "x 1.5…3",
    ]  # fmt: skip
    np.testing.assert_allclose(
        matrix,
        [
            [-0.75 / scale, 0, 1, 0, 0, 1, 0.5, 0],
            [0, 1, 0, 0, 0, 0.75, 1, 0],
            [7.5 / scale, 0, 0, 0, 1, 0, 1, 1],
        ],
        rtol=1e-6,
    )


def test_an_unseen_category_goes_to_the_others_if_there_is_such_an_output() -> None:
    words = ["a"] * 3 + ["b"] * 2 + ["c", "d"]
    _, without = encoded({"w": words}, {"w": ["z", "c"]})
    assert without == [[0, 0, 0, 0], [0, 0, 1, 0]]
    encoding, with_others = encoded({"w": words}, {"w": ["z", "c", "a"]}, most_categories=3)
    assert [feature.category for feature in encoding.features] == ["a", "b", ""]
    assert with_others == [[0, 0, 1], [0, 0, 1], [1, 0, 0]]


def test_a_categorys_dtype_may_differ_when_predicting() -> None:
    _, matrix = encoded({"c": [1, 2, 3, 3]}, {"c": ["3", "1.0"]}, {"c": "category"})
    assert matrix == [[0, 0, 1], [1, 0, 0]]
    _, matrix = encoded({"f": ["yes", "no"]}, {"f": ["YES", "perhaps"]})
    assert matrix == [[1], [0.5]]
    _, matrix = encoded({"x": [0.0, 2.0, 4.0]}, {"x": ["2", "none"]}, pieces=0)
    assert matrix == [[0], [0]]


def test_one_value_or_missing_says_which() -> None:
    _, matrix = encoded({"x": [7, None, 7]}, {"x": [None, 7, 8]})
    assert matrix == [[0], [1], [0]]


def test_times_of_day_are_places_on_a_clock() -> None:
    clock = [datetime.time(0), datetime.time(6), datetime.time(18), None]
    encoding, matrix = encoded({"t": clock}, {"t": ["3:00", "6 pm", None]})
    assert [feature.name for feature in encoding.features] == [
        "sin t hour", "cos t hour", "t missing", "t hour 0…6", "t hour 6…18",
    ]  # fmt: skip
    root = np.sqrt(0.5)
    np.testing.assert_allclose(
        matrix, [[root, root, 0, 0.5, 0], [-1, 0, 0, 1, 1], [0, 0, 1, 1, 0]], rtol=1e-6, atol=1e-7
    )
    assert Encoding.from_json(encoding.to_json()) == encoding


def test_a_fold_without_any_time_of_day_has_no_pieces() -> None:
    table = pl.DataFrame({"t": [None, None, datetime.time(3), datetime.time(6)]})
    encoding = fit_encoding(table, decide_columns(table), rows=[0, 1])
    assert [feature.name for feature in encoding.features] == ["sin t hour", "cos t hour", "t missing"]
    assert encode(encoding, table)[:, 2].tolist() == [1, 1, 0, 0]


def test_dates_are_elapsed_days() -> None:
    days = [datetime.date(2020, 1, 1), datetime.date(2020, 1, 3), datetime.date(2020, 1, 11)]
    encoding, matrix = encoded({"d": days}, {"d": ["2020-01-02", "2020/1/11"]}, normalisation="standard")
    assert [feature.name for feature in encoding.features] == [
        "d", "sin d weekday", "cos d weekday", "d 18262…18264", "d 18264…18272", "d weekday 3…5", "d weekday 5…6",
    ]  # fmt: skip
    number, _, _, first, second, *_ = encoding.features
    assert (number.kind, number.offset) == (Kind.date, 18262 + 4)
    assert (first.lower, first.upper, second.upper) == (18262, 18264, 18272)
    angle = 2 * np.pi * np.array([4, 6]) / 7  # a Thursday and a Saturday
    np.testing.assert_allclose(
        np.array(matrix)[:, 1:],
        np.column_stack([np.sin(angle), np.cos(angle), [0.5, 1], [0, 1], [0.5, 1], [0, 1]]),
        rtol=1e-6,
    )


@pytest.mark.parametrize("normalisation", ["standard", "robust"])
def test_huge_values_stay_finite(normalisation: str) -> None:
    x = [1.0, 2.5, 3.0, 1e300, -1.7e308]
    for train, later in ((x, x), (x[:3], x), ([1e-310, 2e-310, 0.0], x)):
        _, matrix = encoded({"x": train}, {"x": later}, normalisation=normalisation)
        assert np.isfinite(matrix).all()
        assert np.abs(matrix).max() <= 1e6


def test_smooth_clip() -> None:
    x = [0.0, 1.0, 2.0, 3.0, 4.0]
    _, matrix = encoded({"x": x}, {"x": [2.0, 3.0, 1e9]}, normalisation="robust", pieces=0)
    z = 1.3489795 / 2
    np.testing.assert_allclose(np.array(matrix)[:, 0], [0, z / np.sqrt(1 + (z / 3) ** 2), 3], rtol=1e-6)


@pytest.mark.parametrize("infinite", [np.inf, -np.inf])
def test_an_infinite_value_is_read_as_a_missing_one(infinite: float) -> None:
    _, matrix = encoded({"x": [1.0, 2.5, 4.0, None]}, {"x": [infinite, None, 2.5]})
    assert matrix[0] == matrix[1] != matrix[2]


def test_absent_columns_are_refused() -> None:
    with pytest.raises(DataError, match=r"lacks the column\(s\) \['x'\]; it has \['y'\]"):
        encoded({"x": [1.0, 2.5]}, {"y": [1.0]})


@given(st.lists(st.floats(-100, 100), min_size=3, max_size=40), st.integers(2, 9))
def test_pieces_hold_every_piecewise_linear_curve(values: list[float], pieces: int) -> None:
    """Between the knots a curve is its first value plus rise × piece: the pieces telescope to the value itself."""
    if len(set(values)) < 3 or np.diff(np.unique(values)).min() < 1e-6:
        return
    encoding, matrix = encoded({"x": values}, {"x": values}, pieces=pieces)
    parts = [feature for feature in encoding.features if feature.role == "piece"]
    rises = np.array([feature.upper - feature.lower for feature in parts])
    rebuilt = parts[0].lower + np.array(matrix)[:, encoding.plain :] @ rises
    np.testing.assert_allclose(rebuilt, values, atol=1e-3)
