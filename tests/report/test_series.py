"""Words about a series, in both languages."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

from thetastar.fitting import Recipe, arrange, fit
from thetastar.fitting.record import Series
from thetastar.report.series import not_ready, series
from thetastar.report.words import LANGUAGES

from . import records

WINDOWS = Series("hour", "", lags=24, horizon=2, windows=5400, left_out=275, stretches=12)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_of_series_has_its_sentence(lang: str) -> None:
    kinds = [WINDOWS, dataclasses.replace(WINDOWS, group="site"), Series("hour", ""), Series("", "site")]
    said = [series(dataclasses.replace(records.regression(), series=one), lang) for one in kinds]
    assert len(set(said)) == len(kinds)
    for words in said:
        assert words.endswith("." if lang == "en" else "。")
        assert "{" not in words
    for number in ("24", "2", "5,400", "275", "12"):
        assert number in said[0]
    assert series(records.regression(), lang) == ""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_stands_in_for_missing_values_is_said_where_there_are_any(lang: str) -> None:
    record = records.regression()
    without, with_some = (
        series(dataclasses.replace(record, series=dataclasses.replace(WINDOWS, missing=n)), lang) for n in (0, 59)
    )
    assert "59" in with_some
    assert len(with_some) > len(without) > 0


def test_the_free_forecast_is_told_beside_the_function() -> None:
    told = dataclasses.replace(WINDOWS, repeated_error=(9.0, 11.0), own_error=(4.0, 6.0))
    words = series(dataclasses.replace(records.regression(), series=told), "en").replace("\u00a0", " ")
    assert words.endswith("last known price is off by 10.0 ± 1.0; the kept function by 5.0 ± 1.0 on the same rows.")


def test_rows_without_a_window_are_counted() -> None:
    table = pl.DataFrame({"hour": np.arange(60.0), "y": np.random.default_rng(0).normal(size=60)})
    arranged = arrange(table, target="y", time="hour", lags=2)
    found = fit(arranged.question, recipe=Recipe(rungs=("constant",)), budget=30.0)
    function = arranged.completed(found).function
    assert not_ready(function, np.array([False, True, True]), "en") == (
        "1 row without a complete window of 2 rows (at a beginning or after a gap) have no prediction.",
    )
    assert not_ready(function, np.ones(3, dtype=bool), "en") == ()
    assert not_ready(found.function, np.zeros(3, dtype=bool), "en") == ()
