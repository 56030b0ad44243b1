"""Words about a series, in both languages."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

from thetastar.fitting import Recipe, arrange, fit
from thetastar.fitting.record import Limit, Record, Series
from thetastar.report import limits, sentences, tables
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


BEATEN = dataclasses.replace(WINDOWS, repeated_error=(9.0, 11.0), own_error=(4.0, 6.0))
UNBEATEN = dataclasses.replace(WINDOWS, repeated_error=(9.0, 11.0), own_error=(9.5, 11.6))


def with_series(told: Series, limit: str) -> Record:
    return dataclasses.replace(records.regression(), series=told, limit=Limit(limit, {}))


def plain(words: str) -> str:
    return words.replace("\u00a0", " ")


def test_headline_and_facts_compare_with_repeating() -> None:
    record = with_series(BEATEN, "small")
    assert plain(sentences.headline(record, "en")).endswith(
        "typical error of 5.0 ± 1.0; repeating its last known value is off by 10.0 ± 1.0."
    )
    said = [plain(fact.value) for fact in tables.the_facts(record, "en")]
    assert said[1:3] == ["10.0 ± 1.0", "74.3 %"]  # 1 − (16 + 36) / (81 + 121)
    assert "repeating the last known value has on unseen rows, the kept function leaves 25.7 %" in plain(
        limits.limit(record, "en")
    )


def test_what_repeating_does_as_well_is_no_success() -> None:
    record = with_series(UNBEATEN, "repeating")
    assert plain(sentences.headline(record, "en")) == (
        "No function of the past values predicts price better than repeating its last known value, which is off by "
        "10.0 ± 1.0; the kept function is off by 10.6 ± 1.0."
    )
    assert "difference of 0.550 ± 0.050 over the folds" in plain(limits.limit(record, "en"))
    assert plain(tables.the_facts(record, "en")[2].value) == "−11.3 %"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("told", [BEATEN, UNBEATEN])
def test_repeating_is_evidence(told: Series, lang: str) -> None:
    said = limits.evidence(with_series(told, "repeating"), lang)
    without = limits.evidence(records.regression(), lang)
    assert len(said) == len(without) + 1
    assert "10.0" in said[1]


def test_a_constant_that_beats_repeating_is_still_a_constant() -> None:
    record = dataclasses.replace(records.tiny(), series=BEATEN)
    assert "always answering 3.25" in sentences.headline(record, "en")
    assert "repeating" in sentences.headline(dataclasses.replace(record, series=UNBEATEN), "en")
