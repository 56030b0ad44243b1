"""Small random tables with a column of every kind, missing values, zeros of both signs and huge numbers."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
from hypothesis import strategies as st

from thetastar.data import Column, EncodingSettings, Kind

KINDS = {
    "number": Kind.number,
    "whole": Kind.number,
    "word": Kind.category,
    "flag": Kind.boolean,
    "day": Kind.date,
    "clock": Kind.time,
}
COLUMNS = tuple(Column(name, kind, True, "test", 0, 2, "", False) for name, kind in KINDS.items())
DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1))
VALUES = {
    "number": st.none() | st.floats(-1e9, 1e9) | st.sampled_from([float("nan"), -0.0, 1e300]),
    "whole": st.none() | st.integers(-3, 3),
    "word": st.none() | st.sampled_from(["a", "b", "c", "d", ""]),
    "flag": st.none() | st.booleans(),
    "day": st.none() | DAYS,
    "clock": st.none() | st.times(),
}
DTYPES = {
    "number": pl.Float64,
    "whole": pl.Int64,
    "word": pl.String,
    "flag": pl.Boolean,
    "day": pl.Date,
    "clock": pl.Time,
}
SETTINGS = st.builds(
    EncodingSettings,
    normalisation=st.sampled_from(["standard", "robust"]),
    pieces=st.integers(0, 6),
    rare=st.integers(0, 3),
    most_categories=st.integers(1, 4),
)


def rows_of(*, max_size: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries(VALUES), min_size=1, max_size=max_size)


def table_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame({name: pl.Series([row[name] for row in rows], dtype=dtype) for name, dtype in DTYPES.items()})
