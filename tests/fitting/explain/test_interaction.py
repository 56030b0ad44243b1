"""Interactions: a planted product is found and drawn as it is, a sum has none, unseen rows are the judges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tests.fitting.explain.subjects import kept, subject_of
from tests.fitting.tables import NEVER, QUICK, Floats, frame, noise, numbers
from thetastar.descent import Deadline
from thetastar.fitting.explain import Subject, interaction
from thetastar.fitting.explain.axis import axes_of
from thetastar.fitting.explain.interaction import _ask, joint, purified
from thetastar.report import facts

LONGER = replace(QUICK, epochs=60)


def network(table: pl.DataFrame, y: Floats) -> Subject:
    return subject_of(table, pl.Series("y", y), rung="hidden", recipe=LONGER, folds=4)


def test_a_planted_product_is_found_among_all_pairs() -> None:
    x = numbers(1200, columns=4)
    subject = network(frame(x), x[:, 0] + 2 * x[:, 1] * x[:, 2] + np.abs(x[:, 3]) + noise(1200))
    found = interaction(subject, columns=["x1", "x2", "x3", "x4"], deadline=NEVER)
    assert found is not None
    assert found.columns == ("x2", "x3")
    assert found.pairs == 6
    assert facts.interval(found.loss, tried=found.pairs).above_zero
    middles = [(np.array(places[1:]) + np.array(places[:-1])) / 2 for places in found.places]
    truth = 2 * np.outer(*middles)
    assert np.corrcoef(np.array(found.value).ravel(), truth.ravel())[0, 1] > 0.98
    assert np.abs(np.array(found.value) - truth).max() < 0.25 * np.abs(truth).max()


def test_a_sum_has_none_beyond_chance() -> None:
    alarms = 0
    for seed in range(3):
        x = numbers(500, columns=3, seed=seed)
        subject = network(frame(x), np.abs(x[:, 0]) + np.sin(2 * x[:, 1]) + x[:, 2] + noise(500, 0.5, seed=seed))
        found = interaction(subject, columns=["x1", "x2", "x3"], deadline=NEVER)
        assert found is not None
        alarms += facts.interval(found.loss, tried=found.pairs).above_zero
    assert alarms == 0


def test_a_category_that_turns_a_slope_is_found() -> None:
    x = numbers(900)
    town = np.random.default_rng(3).choice(["Ulm", "Bonn", "Kiel"], 900)
    table = frame(x).with_columns(town=pl.Series(town))
    y = x[:, 1] + np.where(town == "Ulm", 2.0, np.where(town == "Bonn", -2.0, 0.0)) * x[:, 0]
    found = interaction(network(table, y + noise(900)), columns=table.columns, deadline=NEVER)
    assert found is not None
    assert found.columns == ("x1", "town")
    slopes = dict(zip(found.levels[1], np.array(found.value)[-1] - np.array(found.value)[0], strict=True))
    assert slopes["Ulm"] - slopes["Bonn"] == pytest.approx(4 * (7 / 8 * 3.96), rel=0.15)


def moments(rows: int, *, seed: int = 0) -> pl.Series:
    """Any hour of two years."""
    hours = np.random.default_rng(seed).integers(0, 2 * 365 * 24, rows)
    return pl.Series("at", np.datetime64("2022-01-03T00", "us") + hours.astype("timedelta64[h]"))


def test_the_hour_of_a_date_acts_on_another_column() -> None:
    x, at = numbers(1500), moments(1500)
    y = x[:, 1] + 2 * np.sin(2 * np.pi * at.dt.hour().to_numpy() / 24) * x[:, 0]
    found = interaction(network(frame(x).with_columns(at), y + noise(1500)), columns=["at", "x1", "x2"], deadline=NEVER)
    assert found is not None
    assert (found.columns, found.parts, found.kinds) == (("at", "x1"), ("hour", ""), ("number", "number"))
    assert found.pairs == 15  # of the elapsed time, month, weekday, hour, and two numbers
    assert facts.interval(found.loss, tried=found.pairs).above_zero
    assert 0 <= found.places[0][0] < found.places[0][-1] < 24
    middles = [(np.array(places[1:]) + np.array(places[:-1])) / 2 for places in found.places]
    truth = 2 * np.outer(np.sin(2 * np.pi * middles[0] / 24), middles[1])
    assert np.corrcoef(np.array(found.value).ravel(), truth.ravel())[0, 1] > 0.95


def test_two_cycles_of_one_date_act_together() -> None:
    at = moments(3000)
    weekend, evening = at.dt.weekday().to_numpy() > 5, (at.dt.hour().to_numpy() >= 12)
    y = np.where(weekend, 1.0, -1.0) * np.where(evening, 1.0, -1.0)
    table = pl.DataFrame([at, pl.Series("x", numbers(3000)[:, 0])])
    found = interaction(network(table, y + noise(3000)), columns=["at", "x"], deadline=NEVER)
    assert found is not None
    assert (found.columns, found.parts) == (("at", "at"), ("weekday", "hour"))
    assert facts.interval(found.loss, tried=found.pairs).above_zero
    corners = np.array(found.value)[[0, -1]][:, [0, -1]]
    assert np.sign(corners).tolist() == [[1, -1], [-1, 1]]


def test_classes_are_asked_too() -> None:
    x = numbers(900)
    y = pl.Series("y", np.where(x[:, 0] * x[:, 1] > 0, "same", "other"))
    subject = subject_of(frame(x), y, rung="hidden", recipe=LONGER, folds=4)
    found = interaction(subject, columns=["x1", "x2"], deadline=NEVER)
    assert found is not None
    assert facts.interval(found.loss, tried=1).above_zero
    assert found.value[0][0] > 0 > found.value[0][-1]  # "same" is the second class in their order


def test_the_joint_effect_is_the_sum_of_local_differences() -> None:
    """Apley and Zhu's equation 16 with a loop over cells, for the middle of every cell."""
    x = numbers(300)
    subject = network(frame(x), x[:, 0] * x[:, 1])
    axes = tuple(axis for column in subject.problem.columns for axis in axes_of(subject.problem, column))
    asked = _ask(subject, 0, NEVER)
    surface, shares = joint(asked, (axes[0], axes[1]))
    function, expected = kept(subject), np.zeros((axes[0].cells, axes[1].cells))
    for i, j in np.ndindex(expected.shape):
        (a, b), (c, d) = axes[0].places[i : i + 2], axes[1].places[j : j + 2]
        inside = (axes[0].cell_of(asked.sample.table) == i) & (axes[1].cell_of(asked.sample.table) == j)
        rows = asked.sample.table.filter(pl.Series(inside))
        assert shares[i, j] == pytest.approx(inside.mean() / (shares_inside(asked, axes)))
        if not rows.height:
            continue

        def at(one: float, other: float, rows: pl.DataFrame = rows) -> Floats:
            return function.member_outputs(rows.with_columns(x1=pl.lit(one), x2=pl.lit(other)), 0)[:, 0]

        expected[i, j] = (at(b, d) - at(a, d) - at(b, c) + at(a, c)).mean()
    for axis in (0, 1):
        expected = np.cumsum(expected, axis) - expected / 2
    np.testing.assert_allclose(surface[:, :, 0], expected, atol=1e-4)


def shares_inside(asked: object, axes: tuple[object, ...]) -> float:
    cells = [axis.cell_of(asked.sample.table) >= 0 for axis in axes]  # type: ignore[attr-defined]  # Axis and Asked
    return float((cells[0] & cells[1]).mean())


def test_purifying_is_a_weighted_two_way_regression() -> None:
    random = np.random.default_rng(0)
    table, shares = random.normal(size=(4, 5)), random.random((4, 5))
    design = np.array([[*(np.arange(4) == i), *(np.arange(5) == j)] for i, j in np.ndindex(4, 5)], dtype=float)
    root = np.sqrt(shares.ravel())
    effects = np.linalg.lstsq(design * root[:, None], table.ravel() * root, rcond=None)[0]
    expected = table - (design @ effects).reshape(4, 5)
    np.testing.assert_allclose(purified(table, shares), expected, atol=1e-8)


def test_functions_that_add_up_have_no_interaction_and_no_time_gives_none() -> None:
    x = numbers(200)
    sums = subject_of(frame(x), pl.Series("y", x[:, 0]), rung="hard_sigmoids")
    assert interaction(sums, columns=["x1", "x2"], deadline=NEVER) is None
    subject = subject_of(frame(x), pl.Series("y", x[:, 0]), rung="hidden")
    assert interaction(subject, columns=["x1", "x2"], deadline=Deadline.after(0.0)) is None
    assert interaction(subject, columns=["x1"], deadline=NEVER) is None
