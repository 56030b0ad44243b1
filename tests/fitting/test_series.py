"""Series: the planted recursion is found, validation is later, and saved functions go on where the rows ended."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.fitting.tables import LONG, NEVER
from thetastar.errors import DataError, SavedFunctionError, UserError
from thetastar.fitting import Fit, Recipe, arrange, fit, follow
from thetastar.fitting.history import History
from thetastar.fitting.pose import pose
from thetastar.fitting.saving.saved import load_saved, save

RECIPE = Recipe(rungs=("constant", "linear"), folds=3)
START = datetime.datetime(2024, 1, 1)


def recursion(rows: int = 300, *, seed: int = 0) -> pl.DataFrame:
    """y follows .7 of the last y, −.2 of the one before and 1 of the last heat."""
    heat, noise = np.random.default_rng(seed).normal(size=(rows, 2)).T  # of more rows the first ones are the same
    y = np.zeros(rows)
    for row in range(2, rows):
        y[row] = 0.7 * y[row - 1] - 0.2 * y[row - 2] + heat[row - 1] + 0.05 * noise[row]
    hours = [START + datetime.timedelta(hours=row) for row in range(rows)]
    return pl.DataFrame({"hour": hours, "load": y, "heat": heat, "town": np.where(heat > 0, "Ulm", "Bonn")})


def found_in(table: pl.DataFrame, *, lags: int = 2, horizon: int = 1, group: str = "") -> Fit:
    arranged = arrange(table, target="load", time="hour", group=group, lags=lags, horizon=horizon)
    return arranged.completed(fit(arranged.question, recipe=RECIPE, budget=LONG, seed=0))


@pytest.fixture(scope="module")
def found() -> Fit:
    return found_in(recursion().drop("town"))


def test_the_recursion_is_found(found: Fit) -> None:
    assert found.record.formula is not None
    slopes = {term.input.column: term.coefficient for term in found.record.formula.terms}
    planted = {"load[t-1]": 0.7, "load[t-2]": -0.2, "heat[t-1]": 1.0}
    for name, slope in slopes.items():
        assert slope == pytest.approx(planted.get(name, 0.0), abs=0.03), name
    assert np.mean(found.record.ladder[1].validation_error) == pytest.approx(0.05, abs=0.01)


def test_the_record_tells_how_windows_were_cut(found: Fit) -> None:
    assert found.record.split == "time"
    series = found.record.series
    assert series is not None
    assert (series.time, series.lags, series.horizon, series.windows, series.left_out) == ("hour", 2, 1, 298, 2)


def test_repeating_the_last_value_is_what_it_is_compared_with(found: Fit) -> None:
    load, series = recursion()["load"].to_numpy(), found.record.series
    assert series is not None
    last = load[-series.windows // 4 :]  # three folds and what only trains: a quarter of the windows each
    off = np.sqrt(np.mean((load[-len(last) :] - load[-len(last) - 1 : -1]) ** 2))
    assert series.repeated_error[-1] == pytest.approx(off, rel=0.02)
    assert series.own_error == pytest.approx(found.record.ladder[1].validation_error, rel=1e-4)


def test_of_a_random_walk_the_last_value_says_all() -> None:
    steps = np.random.default_rng(3).normal(size=400)
    walk = recursion(400).select("hour").with_columns(load=50 + np.cumsum(steps))
    record = found_in(walk, lags=5).record
    assert np.mean(record.ladder[1].validation) < 0.1 * np.mean(record.ladder[0].validation), "a constant is no rival"
    assert record.limit.code == "repeating"


def test_a_recursion_is_not_said_to_repeat(found: Fit) -> None:
    assert found.record.limit.code == "small"
    assert found.record.limit.numbers["left_of_repeating"] < 0.02


@pytest.mark.parametrize("horizon", [1, 4])
def test_validation_is_always_later_than_training(horizon: int) -> None:
    question = arrange(recursion(), target="load", time="hour", lags=2, horizon=horizon).question
    posed = pose(question, recipe=RECIPE, seed=0, deadline=NEVER)
    assert question.times is not None
    assert question.known is not None
    times, known = question.times.to_numpy(), question.known.to_numpy()
    for fold in posed.splitter.split():
        assert times[fold.train].max() <= known[fold.validation].min()


def test_new_rows_go_on_from_the_saved_ones(found: Fit, tmp_path: Path) -> None:
    function, record = load_saved(save(found.function, tmp_path / "f.theta", record=found.record))
    assert record == found.record
    assert function.history == found.function.history
    whole = recursion(320).drop("town")
    inputs, complete = follow(function.history, whole[300:])
    assert complete.all()
    every, _ = follow(function.history, whole)
    np.testing.assert_array_equal(function.outputs(inputs), function.outputs(every[300:]))
    predicted = function.outputs(inputs)[:-1, 0]
    assert np.std(predicted - whole["load"].to_numpy()[301:]) < 0.07


def test_rows_after_a_gap_have_no_window_until_there_are_enough(found: Fit) -> None:
    history = found.function.history
    late = recursion(320).drop("town")[310:]
    _, complete = follow(history, late)
    assert complete.tolist() == [False] + [True] * 9


def test_texts_and_dates_in_another_type_go_on_too() -> None:
    table = recursion(200)
    found = found_in(table)
    new = recursion(210)[200:]
    texts = new.with_columns(pl.col("hour").dt.to_string("%Y-%m-%d %H:%M"), pl.col("heat").round(3).cast(pl.String))
    inputs, complete = follow(found.function.history, texts)
    assert complete.all()
    expected, _ = follow(found.function.history, new)
    np.testing.assert_allclose(found.function.outputs(inputs), found.function.outputs(expected), atol=0.01)


def test_groups_have_histories_of_their_own() -> None:
    tables = [recursion(150, seed=seed).drop("town").with_columns(site=pl.lit(seed)) for seed in range(3)]
    found = found_in(pl.concat(tables), group="site")
    history = found.function.history
    assert history.rows["site"] == ("0", "0", "1", "1", "2", "2")
    new = recursion(151, seed=1).drop("town")[150:].with_columns(site=pl.lit(1.0))
    inputs, complete = follow(history, new)
    assert complete.tolist() == [True]
    assert inputs["load[t-2]"].to_list() == [tables[1]["load"][-1]]


def test_kinds_are_asked_for_by_column() -> None:
    arranged = arrange(recursion(), target="load", time="hour", lags=2, horizon=3)
    assert arranged.kinds({"town": "category"}) == {"town[t-3]": "category", "town[t-4]": "category"}
    with pytest.raises(UserError, match=r"\['hour'\]"):
        arranged.kinds({"hour": "date"})


def test_without_lags_time_and_group_are_set_aside() -> None:
    table = recursion()
    arranged = arrange(table, target="load", time="hour", group="town")
    question = arranged.question
    assert question.table.columns == ["heat"]
    assert [series.name for series in (question.times, question.groups) if series is not None] == ["hour", "town"]
    assert arranged.history is None
    assert arrange(table, target="load").question.series is None


def test_what_does_not_fit_together_is_refused(found: Fit) -> None:
    with pytest.raises(UserError, match="need --time"):
        arrange(recursion(), target="load", lags=3)
    with pytest.raises(UserError, match="needs --lags"):
        arrange(recursion(), target="load", time="hour", horizon=2)
    with pytest.raises(DataError, match=r"the rows lack the column\(s\) \['load'\]"):
        follow(found.function.history, recursion(5).drop("load"))


def test_a_history_that_lacks_a_column_is_refused(found: Fit, tmp_path: Path) -> None:
    history = found.function.history
    broken = History(history.lags, {name: values for name, values in history.rows.items() if name != "heat"})
    assert history.consistent()
    file = save(type(found.function)(**vars(found.function) | {"history": broken}), tmp_path / "f.theta")
    with pytest.raises(SavedFunctionError, match="contradicts itself"):
        load_saved(file)
