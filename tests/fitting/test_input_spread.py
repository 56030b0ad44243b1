"""Intervals follow noise that the inputs tell of, hold where it is small or large, and else stay as they are."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import Ridge

from tests.fitting.tables import CONVEX, LONG, Floats, frame, problem_of
from thetastar.data import Target
from thetastar.fitting import Fit, Question, fit, input_spread
from thetastar.fitting.held_out import HeldOutRows
from thetastar.fitting.input_spread import InputSpread, SpreadRows, spread_rows
from thetastar.fitting.interval_check import intervals_of
from thetastar.fitting.intervals import Residuals, interval_scores
from thetastar.fitting.problem import Problem
from thetastar.fitting.saving.saved import load_saved, save

LINEAR = replace(CONVEX, rungs=("linear",), folds=5)
FRESH = 5000
ROWS = 1500


def planted(rows: int, *, seed: int) -> tuple[pl.DataFrame, Floats, Floats]:
    """The mean depends on x1 only, the noise's deviation on x2 only; x3 is neither, towns double the noise."""
    random = np.random.default_rng(seed)
    x, town = random.uniform(-2, 2, (rows, 3)), random.choice(["Ulm", "Bonn"], rows)
    deviation = (0.2 + np.abs(x[:, 1])) * np.where(town == "Ulm", 2, 1)
    table = frame(x).with_columns(town=pl.Series(town))
    return table, 3 * x[:, 0] + deviation * random.normal(size=rows), deviation


@pytest.fixture(scope="module")
def found() -> Fit:
    table, y, _ = planted(ROWS, seed=0)
    return fit(Question(table, pl.Series("y", y)), recipe=LINEAR, budget=LONG)


def spread_of(found: Fit) -> InputSpread:
    intervals = found.function.intervals
    assert intervals is not None
    assert intervals.by_inputs is not None
    return intervals.by_inputs


def test_the_noise_is_found_where_it_is(found: Fit) -> None:
    table, _, deviation = planted(FRESH, seed=1)
    predicted = found.function.outputs(table)[:, 0]
    size = spread_of(found).of(table, predicted)
    assert np.corrcoef(np.log(size), np.log(deviation))[0, 1] > 0.93
    check = found.record.evidence.intervals
    assert check is not None
    assert (check.by, check.columns[0]) == ("inputs", "x2")
    assert {"x1", "x3"}.isdisjoint(check.columns)


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_intervals_hold_where_noise_is_small_and_where_it_is_large(found: Fit, level: float) -> None:
    table, y, deviation = planted(FRESH, seed=1)
    low, high = found.function.predict_interval(table, level=level).T
    inside = (low <= y) & (y <= high)
    assert inside.mean() == pytest.approx(level, abs=0.03)
    quarters = np.array_split(np.argsort(deviation), 4)
    assert [inside[quarter].mean() for quarter in quarters] == pytest.approx([level] * 4, abs=0.08)
    intervals = found.function.intervals
    assert intervals is not None
    predicted = found.function.outputs(table)[:, 0]
    same = np.quantile(y - predicted, [(1 - level) / 2, (1 + level) / 2])  # the best that one length can do
    fixed = ((y >= predicted + same[0]) & (y <= predicted + same[1])).astype(float)
    assert fixed[quarters[0]].mean() > level + 0.08
    assert fixed[quarters[3]].mean() < level - 0.15


def test_they_score_better_by_what_the_noise_allows(found: Fit) -> None:
    """An interval that knows the deviation has the score of normal noise: its mean times that of a unit."""
    table, y, deviation = planted(FRESH, seed=1)
    outputs = found.function.outputs(table)
    intervals = found.function.intervals
    assert intervals is not None
    fresh = Residuals(outputs[:, 0], y - outputs[:, 0], np.ones(FRESH), np.zeros(FRESH, int))
    size = spread_of(found).of(table, outputs[:, 0])
    ours = interval_scores(intervals, replace(fresh, size=size), level=0.9).mean()
    low, high = np.quantile(fresh.missed, [0.05, 0.95])
    outside = np.maximum(low - fresh.missed, 0) + np.maximum(fresh.missed - high, 0)
    fixed = (high - low + 2 / 0.1 * outside).mean()
    best = 4.126 * deviation.mean()  # 2·φ(1.645)/.05
    assert best < ours < best + 0.3 * (fixed - best)


def test_the_measured_coverage_is_honest(found: Fit) -> None:
    check = found.record.evidence.intervals
    assert check is not None
    for level, folds in zip(check.levels, check.coverage, strict=True):
        assert np.mean(folds) == pytest.approx(level, abs=4 * math.sqrt(level * (1 - level) / ROWS))
    low, high = found.function.predict_interval(planted(FRESH, seed=1)[0], level=0.9).T
    assert check.tenths == pytest.approx(np.quantile(high - low, [0.1, 0.9]), rel=0.15)
    assert check.tenths[1] / check.tenths[0] > 3


def held_out(problem: Problem, mean: Floats) -> HeldOutRows:
    """All rows with the true mean for a prediction, in five folds."""
    rows = len(mean)
    target = Target("y", "regression", (), "numeric")
    return HeldOutRows(target, problem.y, np.ones(rows), mean[:, None], np.arange(rows) % 5, np.arange(rows))


def test_where_noise_is_the_same_everywhere_nothing_changes() -> None:
    """In 300 tables of other sizes and columns, normal or not, four were taken for uneven, none of 1,000 rows."""
    taken = []
    for seed in range(30):
        random = np.random.default_rng(seed)
        x = random.normal(size=(400, 4))
        noise = random.normal(size=400) if seed % 2 else random.standard_t(3, size=400)
        problem = problem_of(frame(x), pl.Series("y", x[:, 0] + noise))
        intervals, check = intervals_of(held_out(problem, x[:, 0]), problem)
        assert intervals is not None
        assert check is not None
        taken.append(intervals.by_inputs is not None)
    assert sum(taken) <= 2


def learned(rows: int, *, seed: int = 0, weights: Floats | None = None) -> SpreadRows:
    table, y, _ = planted(rows, seed=seed)
    problem = problem_of(table, pl.Series("y", y))
    mean = 3 * table["x1"].to_numpy()
    prepared = spread_rows(
        problem,
        np.arange(rows),
        predicted=mean,
        missed=y - mean,
        weights=np.ones(rows) if weights is None else weights,
        folds=np.arange(rows) % 5,
    )
    assert prepared is not None
    return prepared


def test_it_is_a_ridge_regression_of_the_logarithm() -> None:
    prepared = learned(600, weights=np.random.default_rng(0).uniform(0.5, 2, 600))
    weights = prepared.weights / prepared.weights.sum()
    spread = prepared.spread()
    distances = []
    for penalty in (1e-3, 1e-2, 1e-1, 1.0):
        ridge = Ridge(alpha=penalty).fit(prepared.terms, prepared.logarithm, sample_weight=weights)
        distances.append(np.abs(ridge.coef_ - spread.coefficients).max() + abs(ridge.intercept_ - spread.intercept))
    assert min(distances) < 1e-6


def test_a_fold_is_judged_by_what_it_did_not_teach() -> None:
    """Whatever a fold's residuals are, the sizes that the others teach stay the same."""
    prepared = learned(500)
    other = prepared.folds != 3
    changed = replace(prepared, logarithm=np.where(other, prepared.logarithm, 9.0))
    chosen = [0, 1, 2, 4]
    every = np.ones(500, dtype=bool)
    assert (prepared.sizes(chosen, every) == changed.sizes(chosen, every)).all()
    assert (prepared.sizes([0, 1, 2, 3], every) != changed.sizes([0, 1, 2, 3], every)).any()


def test_sizes_stay_within_what_was_seen(found: Fit) -> None:
    spread = spread_of(found)
    far = pl.DataFrame({"x1": [0.0, 0.0], "x2": [1e9, None], "x3": [-1e9, 0.0], "town": ["Rome", None]})
    sizes = spread.of(far, np.array([1e300, -1e300]))
    assert (sizes <= math.exp(spread.highest) * (1 + 1e-12)).all()
    assert (sizes >= math.exp(spread.lowest) * (1 - 1e-12)).all()


def test_many_rows_have_the_sizes_that_they_have_alone(found: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    table, mean, _ = planted(500, seed=3)
    whole = spread_of(found).of(table, mean)
    monkeypatch.setattr(input_spread, "_BLOCK", 64)
    assert spread_of(found).of(table, mean) == pytest.approx(whole, rel=1e-12)
    assert spread_of(found).of(table[:0], mean[:0]).shape == (0,)


def test_it_is_saved_with_the_function(found: Fit, tmp_path: Path) -> None:
    function, _ = load_saved(save(found.function, tmp_path / "f.theta", record=found.record))
    table, _, _ = planted(100, seed=2)
    assert function.intervals == found.function.intervals
    assert (function.predict_interval(table, level=0.9) == found.function.predict_interval(table, level=0.9)).all()


@pytest.mark.parametrize(
    "values",
    [{"coefficients": (1.0,)}, {"knots": (1.0, 1.0, 2.0)}, {"highest": math.inf}, {"encoding": {"parts": []}}],
    ids=str,
)
def test_damaged_spreads_are_refused(found: Fit, values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"spread by inputs needs|saved encoding"):
        replace(spread_of(found), **values)  # type: ignore[arg-type]  # as named
    assert json.loads(json.dumps(spread_of(found).encoding)) == spread_of(found).encoding


def test_where_there_is_no_spread_to_be_learned_there_is_none() -> None:
    table, y, _ = planted(60, seed=0)
    problem = problem_of(table, pl.Series("y", y))
    rows = np.arange(60)
    right = spread_rows(problem, rows, predicted=y, missed=np.zeros(60), weights=np.ones(60), folds=rows % 5)
    assert right is None
    wide = frame(np.random.default_rng(0).normal(size=(60, 450)))
    problem = problem_of(wide, pl.Series("y", y))
    assert spread_rows(problem, rows, predicted=y, missed=y, weights=np.ones(60), folds=rows % 5) is None
