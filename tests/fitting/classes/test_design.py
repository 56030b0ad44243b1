"""Rows that go together tell as much as their clusters do: copies of a row are one row, and intervals hold."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fitting.tables import CONVEX, LONG, frame
from thetastar.fitting import Question, fit
from thetastar.fitting.classes import ClassQuality, Measured, judge_classes
from thetastar.fitting.classes.design import Clusters, effects, group_effects

from .planted import Codes, Floats, rare

COPIES = 6


def judged(truth: Codes, probability: Floats, cluster: Codes | None) -> ClassQuality:
    found = judge_classes(truth, probability, np.ones(len(truth)), cluster=cluster, seed=0)
    assert found is not None
    return found


def measures(found: ClassQuality) -> dict[str, Measured]:
    """Every measure that has an interval."""
    each = {"accuracy": found.accuracy, "balanced": found.balanced_accuracy}
    each |= {"log loss": found.log_loss, "brier": found.brier}
    for one in found.scores:
        each |= {f"{name} {one.position}": getattr(one, name) for name in ("precision", "recall", "f1")}
    for ranking in found.rankings:
        each |= {"area": ranking.roc_area, "average precision": ranking.average_precision}
    assert found.thresholds is not None
    each |= {
        f"{point.name} {what}": getattr(point, what)
        for point in found.thresholds.points
        for what in ("recall", "precision")
    }
    each |= {f"bin {place}": one.observed for place, one in enumerate(found.reliability.bins)}
    return each


def width(measured: Measured) -> float:
    return measured.high - measured.low


@pytest.fixture(scope="module")
def tables() -> tuple[ClassQuality, ClassQuality, ClassQuality]:
    """Single rows; copies of them that are known to go together; copies that are taken for rows."""
    random = np.random.default_rng(3)
    score = random.normal(size=900)
    truth = (random.random(900) < 1 / (1 + np.exp(-2 * score))).astype(np.int64)
    positive = 1 / (1 + np.exp(-2 * score.round(1)))
    probability = np.stack([1 - positive, positive], axis=1)
    again = truth.repeat(COPIES), probability.repeat(COPIES, axis=0)
    return judged(truth, probability, None), judged(*again, np.arange(900).repeat(COPIES)), judged(*again, None)


def test_copies_of_rows_are_as_sure_as_the_rows(tables: tuple[ClassQuality, ClassQuality, ClassQuality]) -> None:
    rows, together, apart = (measures(one) for one in tables)
    assert tables[1].clusters == 900
    for name, measured in rows.items():
        assert together[name].value == pytest.approx(measured.value)
        assert width(together[name]) == pytest.approx(width(measured), rel=0.05)
        assert width(apart[name]) < 0.5 * width(measured)  # by √6, or by 6 where all are right


def test_so_are_the_curves(tables: tuple[ClassQuality, ClassQuality, ClassQuality]) -> None:
    rows, together, apart = (one.thresholds for one in tables)
    assert rows is not None
    assert together is not None
    assert apart is not None
    for name in ("precision", "recall", "flagged"):
        bands = [getattr(one, name) for one in (rows, together, apart)]
        sure, same, too_sure = (np.mean(np.subtract(band.high, band.low)) for band in bands)
        assert same == pytest.approx(sure, rel=0.1)
        assert too_sure < 0.6 * sure
    areas = [one.rankings[0].roc for one in tables]
    sure, same, too_sure = (np.mean(np.subtract(band.high, band.low)) for band in areas)
    assert same == pytest.approx(sure, rel=0.1)
    assert too_sure < 0.6 * sure
    assert tables[1].reliability.by_chance == pytest.approx(tables[0].reliability.by_chance, rel=0.1)


def test_rows_that_do_not_go_together_lose_nothing() -> None:
    _, truth, probability = rare(3_000)
    cluster = np.random.default_rng(0).integers(0, 300, 3_000)
    rows, together = (measures(judged(truth, probability, one)) for one in (None, cluster))
    for name in ("accuracy", "log loss", "brier", "area", "average precision", "recall 1"):
        assert 0.85 < width(together[name]) / width(rows[name]) < 1.25


def test_intervals_over_clusters_cover_the_truth() -> None:
    """Thirty groups of twenty rows; each group has its own share of right answers, .8 on average."""
    random = np.random.default_rng(0)
    cluster = np.arange(30).repeat(20)
    inside = {True: 0, False: 0}
    for _ in range(300):
        right = random.random(600) < random.beta(4, 1, 30)[cluster]
        truth = random.integers(0, 2, 600)
        probability = np.where((truth == 1) == right, 0.7, 0.3)
        both = np.stack([1 - probability, probability], axis=1)
        for known in inside:
            accuracy = judged(truth, both, cluster if known else None).accuracy
            inside[known] += accuracy.low <= 0.8 <= accuracy.high
    assert inside[True] / 300 > 0.91
    assert inside[False] / 300 < 0.75


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.floats(0.1, 5)), min_size=1, max_size=40))
def test_an_effect_lies_between_none_and_all_rows_being_one(rows: list[tuple[int, bool, float]]) -> None:
    cluster, counted, weights = (np.array(column) for column in zip(*rows, strict=True))
    group = np.arange(len(rows)) % 3
    found = group_effects(group, counted.astype(float), weights, groups=4, clusters=Clusters.of(cluster))
    mass, squares = (np.bincount(group, weights**power, 4) for power in (1, 2))
    most = np.divide(mass**2, squares, out=np.ones(4), where=squares > 0)
    assert (found >= 1).all()
    assert (found <= np.maximum(most, 1) * (1 + 1e-9)).all()


def test_where_all_is_right_a_cluster_tells_no_more_than_a_row() -> None:
    whole, none = np.full((50, 1), 10.0), np.zeros((50, 1))
    (effect,) = effects(whole, none, inside_squares=np.array([500.0]), outside_squares=np.array([0.0]))
    assert effect == pytest.approx(10 * (2.0096 / 1.96) ** 2, rel=1e-3)  # Student's t with 49 degrees of freedom


def test_very_many_clusters_are_taken_together() -> None:
    found = Clusters.of(np.arange(5_000) * 7)
    assert found.count == 1_000
    assert np.bincount(found.code).tolist() == [5] * 1_000


def test_a_fit_by_groups_counts_groups() -> None:
    random = np.random.default_rng(0)
    group = np.arange(20).repeat(15)
    x = random.normal(size=(300, 2))
    y = pl.Series("y", x[:, 0] + random.normal(size=20)[group] > 0)
    groups = pl.Series("group", group)
    record = fit(Question(frame(x), y, groups=groups), recipe=CONVEX, budget=LONG).record
    assert record.classes is not None
    assert record.classes.clusters == 20
    alone = fit(Question(frame(x), y), recipe=CONVEX, budget=LONG).record
    assert alone.classes is not None
    assert alone.classes.clusters == 0
