"""Any table whatever: a clear refusal or finite numbers, from fit to predict."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import thetastar as ts
from thetastar.data import read
from thetastar.data.convert import is_missing
from thetastar.fitting import Fit, FoundFunction, Question, Recipe, fit
from thetastar.fitting.new_rows.unfamiliar import look_at
from thetastar.fitting.saving.saved import load_saved, save
from thetastar.report import limits, sentences

RECIPE = Recipe(
    rungs=("constant", "linear", "hard_sigmoids", "hidden"),
    folds=3,
    width=2,
    epochs=1,
    pieces=4,
    learning_rates=(1e-2,),
)
NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=False),
    st.floats(-1e3, 1e3).map(lambda value: round(value, 1)),
    st.sampled_from([0.0, -0.0, 1.0, 1e300, -1e300, 1e-300, 5e-324, 1e308]),
)
CELLS: dict[str, tuple[pl.DataType, st.SearchStrategy[Any]]] = {
    "number": (pl.Float64(), NUMBERS),
    "infinite": (pl.Float64(), NUMBERS | st.sampled_from([float("inf"), float("-inf")])),
    "few": (pl.Int64(), st.integers(0, 3)),
    "whole": (pl.Int64(), st.integers(-(2**63), 2**63 - 1)),
    "flag": (pl.Boolean(), st.booleans()),
    "word": (pl.String(), st.sampled_from(["a", "b", "c", " ", "", "yes", "no", "1", "1.0", "nan"])),
    "text": (pl.String(), st.text(max_size=6)),
    "day": (pl.Date(), st.dates()),
    "moment": (pl.Datetime("us"), st.datetimes()),
    "lasted": (pl.Duration("us"), st.timedeltas(datetime.timedelta(-999), datetime.timedelta(999))),
    "nested": (pl.List(pl.Int64()), st.lists(st.integers(0, 3), max_size=2)),
}

REFUSED = ("infinite", "nested")
TARGETS = ("number", "few", "whole", "flag", "word")  # the others are mostly refused


@st.composite
def tables(draw: st.DrawFn) -> pl.DataFrame:
    """A table whose last column is the target; distinct rows repeat, so that long tables are drawn quickly."""
    often = [name for name in CELLS if name not in REFUSED]
    sorts = draw(st.lists(st.sampled_from([*often * 4, *REFUSED]), min_size=1, max_size=4))
    sorts.append(draw(st.sampled_from([*TARGETS * 4, *CELLS])))
    rows = draw(st.integers(4, 24) | st.integers(0, 4))
    gaps = draw(st.booleans())
    columns = {}
    for place, sort in enumerate(sorts):
        dtype, cell = CELLS[sort]
        cells = draw(st.lists(st.none() | cell if gaps else cell, min_size=rows, max_size=rows))
        columns[f"c{place}"] = pl.Series(cells, dtype=dtype, strict=False)
    table = pl.DataFrame(columns)
    return pl.concat([table] * draw(st.integers(1, 3)))


def told(refused: ts.ThetastarError) -> bool:
    """Whether a refusal says anything."""
    return len(str(refused)) > 20


def fitted(table: pl.DataFrame, *, task: str) -> Fit | None:
    """Return what is found, or None where it is refused with a reason."""
    target = table.columns[-1]
    try:
        rows = read(table)
        rows = rows.filter(~is_missing(rows[target]))  # as the command line does
        return fit(Question(rows.drop(target), rows[target], task=task), recipe=RECIPE, budget=60)
    except ts.ThetastarError as refused:
        if not told(refused):
            raise
        return None


def check_rows(function: FoundFunction, table: pl.DataFrame) -> None:
    """Predict rows, or have them refused with a reason."""
    try:
        rows = read(table)
        outputs = function.outputs(rows)
    except ts.ThetastarError as refused:
        if not told(refused):
            raise
        return
    assert np.isfinite(outputs).all()
    assert outputs.shape == (rows.height, len(function.target.classes) or 1)
    assert look_at(function, rows).affected <= rows.height


def check(table: pl.DataFrame, new: pl.DataFrame, task: str) -> None:
    """Check everything that must hold of a fit, of what is said of it, and of its predictions for other rows."""
    found = fitted(table, task=task)
    if found is None:
        return
    check_rows(found.function, table)
    check_rows(found.function, new)
    assert all(sentences.headline(found.record, lang) and limits.limit(found.record, lang) for lang in ("en", "zh"))
    assert type(found.record).from_json(found.record.to_json()).to_json() == found.record.to_json()


@given(tables(), tables(), st.sampled_from(["auto", "regression", "classification"]))
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_table_is_refused_with_a_reason_or_fitted_to_finite_numbers(
    table: pl.DataFrame, new: pl.DataFrame, task: str
) -> None:
    check(table, new, task)


@pytest.mark.slow
@given(tables(), tables(), st.sampled_from(["auto", "regression", "classification"]))
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_many_tables(table: pl.DataFrame, new: pl.DataFrame, task: str) -> None:
    check(table, new, task)


PLAIN = pl.DataFrame({"c0": [float(i) for i in range(30)], "c1": ["u", "v", "w"] * 10})


@pytest.fixture(scope="module")
def function(tmp_path_factory: pytest.TempPathFactory) -> FoundFunction:
    found = fit(Question(PLAIN, (PLAIN["c0"] * 3).alias("y")), recipe=RECIPE, budget=60).function
    return load_saved(save(found, tmp_path_factory.mktemp("f") / "f.theta"))[0]


@given(tables())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_new_rows_are_predicted_or_refused(function: FoundFunction, table: pl.DataFrame) -> None:
    check_rows(function, table)
