"""Rows of training are told from new ones, and predictions are scored with and without them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import r2_score, root_mean_squared_error

from tests.fitting.tables import CONVEX, LONG, frame, mixed, noise, numbers
from thetastar.data import Target
from thetastar.fitting import FoundFunction, Question, fit, marks
from thetastar.fitting.new_rows.appraisal import Appraisal, appraise, compare, known_target
from thetastar.fitting.new_rows.new_score import score_of

ROWS = 200
NUMBER = Target("y", "regression", (), "numeric")


@pytest.fixture(scope="module")
def found() -> FoundFunction:
    x = numbers(ROWS)
    return fit(Question(frame(x), pl.Series("y", x[:, 0] + noise(ROWS))), recipe=CONVEX, budget=LONG).function


def appraised(
    function: FoundFunction, table: pl.DataFrame, y: pl.Series | None, outputs: np.ndarray, *, parts: int = 1
) -> Appraisal:
    """Appraise the predictions of a table in so many blocks."""
    size = -(-table.height // parts)
    blocks = [slice(begin, begin + size) for begin in range(0, table.height, size)]
    compared = [compare(function, table[at], None if y is None else y[at], outputs[at]) for at in blocks]
    return appraise(function, compared, scored=y is not None)


def new_rows(shared: int, others: int) -> tuple[pl.DataFrame, pl.Series]:
    """Rows of training, then rows like them."""
    x = np.concatenate([numbers(ROWS)[:shared], numbers(others, seed=5)])
    y = np.concatenate([(numbers(ROWS)[:, 0] + noise(ROWS))[:shared], x[shared:, 0] + noise(others, seed=6)])
    return frame(x), pl.Series("y", y)


def test_shared_rows_are_counted_and_left_out(found: FoundFunction) -> None:
    table, y = new_rows(30, 50)
    outputs = found.outputs(table)
    told = appraised(found, table.cast(pl.Float32), y.cast(pl.String), outputs)
    assert told.shared is not None
    assert (told.shared.rows, told.shared.compared, told.shared.inputs) == (80, 80, 30)
    assert (told.shared.compared_rows, told.shared.same, told.shared.first) == (80, 30, (1, 2, 3, 4, 5))
    assert (told.shared.share, told.shared.standard_error) == (30 / 80, 0)
    assert told.shared.beyond_chance
    assert told.score is not None
    assert told.others is not None
    assert (told.score.rows, told.others.rows) == (80, 50)
    assert told.others.right.value == pytest.approx(r2_score(y[30:], outputs[30:, 0]))
    assert told.others.error == pytest.approx(root_mean_squared_error(y[30:], outputs[30:, 0]))
    assert told.score.right.value == pytest.approx(r2_score(y, outputs[:, 0]))


def test_new_rows_are_only_scored(found: FoundFunction) -> None:
    table, y = new_rows(0, 50)
    told = appraised(found, table, y, found.outputs(table))
    assert told.shared is not None
    assert not told.shared.beyond_chance
    assert told.shared.inputs == 0
    assert told.score is not None
    assert told.score.rows == 50
    assert told.others is None


def test_the_same_inputs_with_another_target_are_no_row_of_training(found: FoundFunction) -> None:
    table, y = new_rows(30, 0)
    told = appraised(found, table, y + 1, found.outputs(table))
    assert told.shared is not None
    assert (told.shared.inputs, told.shared.same) == (30, 0)
    assert told.others is not None
    assert told.others.rows == 30


def test_rows_without_a_target_are_compared_but_not_scored(found: FoundFunction) -> None:
    table, y = new_rows(30, 10)
    told = appraised(found, table, None, found.outputs(table))
    assert told.shared is not None
    assert (told.shared.inputs, told.shared.compared_rows, told.score, told.others) == (30, 0, None, None)
    told = appraised(found, table, pl.Series([None, *y[1:]]), found.outputs(table))
    assert told.shared is not None
    assert told.score is not None
    assert (told.shared.same, told.score.rows) == (29, 39)


def test_what_few_values_repeat_by_chance_is_no_news() -> None:
    """Two columns of few values: most new rows have inputs that were there."""
    random = np.random.default_rng(0)

    def rows(count: int) -> tuple[pl.DataFrame, pl.Series]:
        table = pl.DataFrame({"a": random.choice(list("abcdef"), count), "b": random.choice(list("uvwxyz"), count)})
        return table, pl.Series(
            "y", np.where((table["a"] == "a").to_numpy() ^ (random.random(count) < 0.2), "no", "yes")
        )

    found = fit(Question(*rows(300)), recipe=CONVEX, budget=LONG).function
    for _ in range(20):
        table, y = rows(100)
        told = appraised(found, table, y, found.outputs(table))
        assert told.shared is not None
        assert told.shared.inputs > 90
        assert not told.shared.beyond_chance
        assert told.others is None


def test_an_older_table_with_gaps_is_met_again() -> None:
    table = mixed()
    y = (table["size"].fill_null(0.0) * 2).alias("price")
    function = fit(Question(table, y), recipe=CONVEX, budget=LONG).function
    again = table[50:].with_columns(pl.col("town").cast(pl.Categorical), pl.col("new").cast(pl.String))
    told = appraised(function, again, y[50:], function.outputs(again))
    assert told.shared is not None
    assert told.shared.same == 150


def test_of_very_many_rows_a_sample_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "MOST_MARKS", 50)
    x = numbers(ROWS)
    y = x[:, 0] + noise(ROWS)
    function = fit(Question(frame(x), pl.Series("y", y)), recipe=CONVEX, budget=LONG).function
    table, known = new_rows(100, 100)
    told = appraised(function, table, known, function.outputs(table))
    assert told.shared is not None
    assert told.others is not None
    assert 20 < told.shared.compared < 90
    assert abs(told.shared.share - 0.5) < 3 * told.shared.standard_error
    assert 5 < told.others.rows < 50


def test_a_function_without_marks_meets_nobody(found: FoundFunction) -> None:
    table, y = new_rows(30, 10)
    told = appraised(replace(found, marks=None), table, y, found.outputs(table))
    assert told.shared is None
    assert told.others is None
    assert told.score is not None
    assert told.score.rows == 40
    assert known_target(found, table, ready=np.ones(40, dtype=np.bool_)) is None


def test_the_interval_of_r2_covers_the_truth() -> None:
    """y = x + noise of variance 1/4 and x of variance 1, predicted by x: R² is 0.8."""
    random = np.random.default_rng(0)
    inside = 0
    for _ in range(400):
        x = random.normal(size=100)
        right = score_of(NUMBER, x[:, None], x + random.normal(size=100) / 2).right
        inside += right.low <= 0.8 <= right.high
    assert 0.91 < inside / 400 < 0.98


def test_scores_without_enough_rows_say_so() -> None:
    none = score_of(NUMBER, np.zeros((3, 1)), np.full(3, np.nan))
    assert none.rows == 0
    assert np.isnan([none.right.value, none.error]).all()
    level = score_of(NUMBER, np.zeros((3, 1)), np.ones(3))
    assert np.isnan(level.right.value)
    assert level.error == 1
    few = score_of(NUMBER, np.zeros((3, 1)), np.array([1.0, 2.0, 3.0]))
    assert np.isfinite(few.right.value)
    assert np.isnan(few.right.low)
    huge = score_of(NUMBER, np.zeros((30, 1)), np.linspace(-1e300, 1e300, 30))
    assert huge.right.value == pytest.approx(0)
    assert huge.error == pytest.approx(1e300 / 3**0.5, rel=0.1)
