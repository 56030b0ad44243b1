"""Intervals hold as often as they say: on fresh rows of planted noise, and by the ranks that make them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fitting.tables import CONVEX, LONG, Floats, frame, numbers, problem_of
from thetastar.data import Target
from thetastar.errors import UserError
from thetastar.fitting import Fit, Question, fit
from thetastar.fitting.held_out import HeldOutRows
from thetastar.fitting.interval_check import intervals_of
from thetastar.fitting.intervals import Intervals, Residuals, calibrated, interval_scores

FRESH = 4000
LINEAR = replace(CONVEX, rungs=("linear",), folds=5)


def planted(rows: int, *, seed: int, spread: str) -> tuple[pl.DataFrame, Floats]:
    """A line with noise: of one size, growing with the prediction, or skewed to one side."""
    random = np.random.default_rng(seed)
    x = random.uniform(0, 4, (rows, 1))
    noise = {"same": random.normal(size=rows), "growing": random.normal(size=rows) * (0.1 + x[:, 0] ** 2 / 2)}
    noise["skewed"] = random.exponential(size=rows)
    return frame(x), 5 * x[:, 0] + noise[spread]


def fitted(rows: int, *, spread: str) -> Fit:
    table, y = planted(rows, seed=0, spread=spread)
    return fit(Question(table, pl.Series("y", y)), recipe=LINEAR, budget=LONG)


def covered(found: Fit, level: float, *, spread: str, above: float = -math.inf) -> tuple[float, int]:
    """Share of fresh rows inside, and how many rows were asked about."""
    table, y = planted(FRESH, seed=1, spread=spread)
    kept = found.function.predict(table).astype(float) > above
    ends = found.function.predict_interval(table, level=level)
    inside = (ends[:, 0] <= y) & (y <= ends[:, 1])
    return float(inside[kept].mean()), int(kept.sum())


@pytest.mark.parametrize("spread", ["same", "growing", "skewed"])
@pytest.mark.parametrize("level", [0.5, 0.9])
def test_fresh_rows_lie_inside_as_often_as_asked(spread: str, level: float) -> None:
    share, rows = covered(fitted(1000, spread=spread), level, spread=spread)
    error = math.sqrt(level * (1 - level) * (1 / rows + 1 / 1000))  # of the fresh rows, and of those that calibrated
    assert share == pytest.approx(level, abs=3 * error)


def test_where_noise_grows_the_intervals_do_and_hold_at_either_end() -> None:
    found = fitted(2000, spread="growing")
    assert found.function.intervals is not None
    assert found.function.intervals.places
    share, rows = covered(found, 0.9, spread="growing", above=15.0)
    assert share == pytest.approx(0.9, abs=3 * math.sqrt(0.09 * (1 / rows + 8 / 2000)) + 0.02)
    unscaled = replace(found.function.intervals, places=(), spread=())
    assert unscaled.places == ()
    assert fitted(2000, spread="same").function.intervals.places == ()  # type: ignore[union-attr]  # a number has them


@pytest.mark.parametrize("spread", ["same", "growing", "skewed"])
def test_the_measured_coverage_is_what_was_asked_for(spread: str) -> None:
    check = fitted(1500, spread=spread).record.evidence.intervals
    assert check is not None
    assert check.levels == (0.5, 0.8, 0.9, 0.95)
    for level, folds in zip(check.levels, check.coverage, strict=True):
        assert len(folds) == 5
        assert np.mean(folds) == pytest.approx(level, abs=4 * math.sqrt(level * (1 - level) / 1500))
    assert list(check.length) == sorted(check.length)


def test_a_fold_that_is_worse_than_the_others_shows() -> None:
    """Were a fold judged by intervals that it helped to make, its coverage would be closer to the level."""
    random = np.random.default_rng(0)
    fold = np.repeat(np.arange(5), 200)
    missed = random.normal(size=1000) * np.where(fold == 3, 10.0, 1.0)
    target = Target("y", "regression", (), "numeric")
    rows = HeldOutRows(target, missed, np.ones(1000), np.zeros((1000, 1)), fold, np.arange(1000))
    problem = problem_of(frame(numbers(1000)), pl.Series("y", missed))
    _, check = intervals_of(rows, problem)
    assert check is not None
    assert check.coverage[2][3] < 0.25
    assert check.coverage[2][0] > 0.9


def test_skewed_noise_has_skewed_intervals() -> None:
    found = fitted(1500, spread="skewed")
    table = frame(np.array([[1.0]]))
    ((low, high),) = found.function.predict_interval(table, level=0.9)
    middle = float(found.function.outputs(table)[0, 0])
    assert high - middle > 1.8 * (middle - low)  # 3.0 − 1 and 1 − .05 of an exponential


def residuals(missed: Floats, weights: Floats | None = None) -> Residuals:
    count = len(missed)
    return Residuals(np.zeros(count), missed, np.ones(count) if weights is None else weights, np.zeros(count, int))


def test_the_ends_are_the_conformal_ranks() -> None:
    random = np.random.default_rng(0)
    missed = random.normal(size=199)
    intervals = calibrated(residuals(missed), scaled=False)
    assert intervals is not None
    low, high = intervals.around(np.array([0.0]), level=0.9)
    assert (low[0], high[0]) == pytest.approx(
        (np.sort(missed)[9], np.sort(missed)[189])
    )  # the 10th of 199 from each side


def test_many_residuals_are_thinned_without_moving_the_ends() -> None:
    missed = np.random.default_rng(0).normal(size=50_000)
    intervals = calibrated(residuals(missed), scaled=False)
    assert intervals is not None
    assert len(intervals.missed) <= 400
    for level in (0.5, 0.9, 0.99):
        low, high = intervals.around(np.array([0.0]), level=level)
        expected = np.quantile(missed, [(1 - level) / 2, (1 + level) / 2])
        assert (low[0], high[0]) == pytest.approx(tuple(expected), abs=0.01)


def test_a_weight_is_a_repeated_row() -> None:
    missed = np.random.default_rng(0).normal(size=300)
    once = calibrated(residuals(missed, np.full(300, 7.0)), scaled=False)
    plain = calibrated(residuals(missed), scaled=False)
    assert once is not None
    assert plain is not None
    np.testing.assert_allclose(once.ranks, plain.ranks)
    uneven = calibrated(residuals(np.array([-1.0, 0.0, 1.0]), np.array([1.0, 98.0, 1.0])), scaled=False)
    assert uneven is not None
    assert uneven.rows == pytest.approx(100**2 / (98**2 + 2))


def test_the_score_prefers_the_true_quantiles() -> None:
    """The interval score's expectation is lowest there (Gneiting and Raftery, 2007)."""
    random = np.random.default_rng(0)
    noise = residuals(random.normal(size=20_000))
    ranks = (1.0, 1000.0)
    scores = {
        width: interval_scores(Intervals(ranks, (-width, width), 1000), noise, level=0.998).mean()
        for width in (2.0, 3.09, 6.0)
    }
    assert min(scores, key=lambda width: scores[width]) == 3.09


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.floats(0.01, 0.99), st.booleans())
def test_ends_are_in_order_and_finite_or_refused(missed: list[float], level: float, scaled: bool) -> None:
    values = np.array(missed)
    intervals = calibrated(
        Residuals(values[::-1].copy(), values, np.ones(len(values)), np.zeros(len(values), int)), scaled=scaled
    )
    if intervals is None:
        assert scaled
        return
    if level > intervals.highest_level + 1e-6:
        with pytest.raises(UserError, match="held-out rows can't tell"):
            intervals.around(np.zeros(3), level=level)
    elif level < intervals.highest_level - 1e-6:
        low, high = intervals.around(np.array([-1e9, 0.0, 1e9]), level=level)
        assert (low <= high).all()
        assert np.isfinite([low, high]).all()


def test_what_cannot_be_had_is_refused() -> None:
    few = calibrated(residuals(np.arange(19.0)), scaled=False)
    assert few is not None
    with pytest.raises(UserError, match=r"19 held-out rows can't tell an interval of level 0.95: ask for 0.9 or less"):
        few.around(np.zeros(1), level=0.95)
    for level in (0.0, 1.0, 90.0, math.nan):
        with pytest.raises(UserError, match="lies between 0 and 1"):
            few.around(np.zeros(1), level=level)
    table = frame(numbers(60))
    classes = fit(Question(table, pl.Series("y", table["x1"] > 0)), recipe=CONVEX, budget=LONG)
    with pytest.raises(UserError, match="no intervals for 'y': it has classes"):
        classes.function.predict_interval(table, level=0.9)
    assert classes.record.evidence.intervals is None


@pytest.mark.parametrize(
    "values",
    [
        {"ranks": (2.0, 1.0)},
        {"missed": (0.0,)},
        {"missed": (), "ranks": ()},
        {"rows": math.nan},
        {"places": (1.0,), "spread": (0.0,)},
        {"places": (1.0,)},
    ],
)
def test_damaged_intervals_are_refused(values: dict[str, object]) -> None:
    whole = Intervals((1.0, 2.0), (-1.0, 1.0), 2.0)
    with pytest.raises(ValueError, match="intervals need"):
        replace(whole, **values)  # type: ignore[arg-type]  # as named
