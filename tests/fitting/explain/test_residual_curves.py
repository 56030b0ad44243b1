"""Residuals along a column: local lines by brute force, structure that is planted, and none that isn't."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tests.fitting.tables import Floats, frame, noise, numbers, problem_of
from thetastar.fitting.explain.residual_curves import local_means, residual_curves
from thetastar.fitting.held_out import HeldOutRows
from thetastar.fitting.problem import Problem


def judged_of(problem: Problem, missed: Floats) -> HeldOutRows:
    """Held-out rows whose predictions miss the truth by so much."""
    rows = len(missed)
    predicted = (problem.y - missed).reshape(-1, 1)
    return HeldOutRows(problem.target, problem.y, problem.weights, predicted, np.arange(rows) % 5, np.arange(rows))


def test_a_local_line_is_a_weighted_regression_at_its_place() -> None:
    x, y, weights = numbers(80)[:, 0], noise(80, 1.0), np.random.default_rng(2).random(80) + 0.1
    places = np.linspace(-1.5, 1.5, 7)
    means, *_ = local_means(x, y, weights, places)
    for place, mean in zip(places, means, strict=True):
        distance = np.abs(x - place)
        near = weights * np.clip(1 - (distance / np.sort(distance)[23]) ** 3, 0, None) ** 3  # .3 of 80 rows
        root = np.sqrt(near)
        design = np.column_stack([np.ones(80), x - place])
        assert mean == pytest.approx(np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0][0], rel=1e-6)


def test_the_standard_error_covers_the_truth_as_often_as_it_says() -> None:
    x, places = np.linspace(0, 1, 400), np.array([0.25, 0.5, 0.75])
    inside = []
    for seed in range(200):
        spread = 0.2 + x  # larger errors to the right
        means, errors, _ = local_means(x, spread * noise(400, 1.0, seed=seed), np.ones(400), places)
        inside.append(np.abs(means) < 1.96 * errors)
    share = np.mean(inside, axis=0)
    assert (np.abs(share - 0.95) < 3 * np.sqrt(0.05 * 0.95 / 200)).all()


def test_planted_structure_is_beyond_chance_and_its_twin_is_not() -> None:
    x = numbers(1500)
    table = frame(x).with_columns(town=pl.Series(np.where(x[:, 1] > 0, "Ulm", "Bonn")))
    problem = problem_of(table, pl.Series("y", noise(1500, 3.0, seed=9)))
    missed = 0.5 * np.sin(3 * x[:, 0]) + noise(1500, 0.5)
    found = {
        curve.column: curve
        for curve in residual_curves(problem, judged_of(problem, missed), columns=table.columns, seed=0)
    }
    assert [name for name, curve in found.items() if curve.band.beyond] == ["x1"]
    np.testing.assert_allclose(found["x1"].band.mean, 0.5 * np.sin(3 * np.array(found["x1"].places)), atol=0.35)
    by_town = missed + np.where(table["town"] == "Ulm", 0.3, -0.3)
    curves = residual_curves(problem, judged_of(problem, by_town), columns=["town"], seed=0)
    assert curves[0].band.beyond
    assert dict(zip(curves[0].levels, curves[0].band.mean, strict=True))["Ulm"] == pytest.approx(0.3, abs=0.1)


def test_pure_noise_hardly_ever_raises_an_alarm() -> None:
    x = numbers(600, columns=6)
    problem = problem_of(frame(x), pl.Series("y", noise(600, seed=9)))
    alarms = 0
    for seed in range(40):
        curves = residual_curves(problem, judged_of(problem, noise(600, seed=seed)), columns=frame(x).columns, seed=0)
        alarms += any(curve.band.beyond for curve in curves)
    assert alarms <= 6  # 5 % of 40 are 2


def test_one_value_rows_without_numbers_and_classes() -> None:
    table = pl.DataFrame({"flat": [1.0] * 50, "two": [0.0, 1.0] * 25})
    problem = problem_of(table, pl.Series("y", noise(50)))
    curves = residual_curves(problem, judged_of(problem, noise(50)), columns=["flat", "two"], seed=0)
    assert [curve.column for curve in curves] == ["two"]
    lost = judged_of(problem, np.full(50, np.nan))
    assert residual_curves(problem, lost, columns=["two"], seed=0) == ()
    classes = problem_of(table, pl.Series("y", ["a", "b"] * 25))
    rows = HeldOutRows(
        classes.target, classes.y, classes.weights, np.ones((50, 2)) / 2, np.zeros(50, int), np.arange(50)
    )
    assert residual_curves(classes, rows, columns=["two"], seed=0) == ()


def test_rows_that_go_together_count_as_one() -> None:
    """40 groups of 15 rows share their column's value and most of what is missed: that looks like structure."""
    group = np.repeat(np.arange(40), 15)
    alarms = {True: 0, False: 0}
    for seed in range(30):
        x = noise(40, 1.0, seed=seed)[group]
        problem = problem_of(
            pl.DataFrame({"x": x + 1e-6 * noise(600, 1.0, seed=1)}), pl.Series("y", noise(600, seed=9))
        )
        missed = noise(40, 1.0, seed=100 + seed)[group] + noise(600, 0.3, seed=200 + seed)
        for known in alarms:
            judged, cluster = judged_of(problem, missed), group if known else None
            (curve,) = residual_curves(problem, judged, columns=["x"], seed=0, cluster=cluster)
            alarms[known] += curve.band.beyond
    assert alarms[False] >= 20
    assert alarms[True] <= 4
