"""Measures of classifiers: scikit-learn's numbers, the planted truth, intervals that cover it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import cdist
from sklearn import metrics

from thetastar.fitting.classes import Band, ClassQuality, Measured, judge_classes
from thetastar.fitting.classes.intervals import mean, share

from .planted import Codes, Floats, population, rare


def judged(truth: Codes, probability: Floats, weights: Floats | None = None) -> ClassQuality:
    found = judge_classes(truth, probability, np.ones(len(truth)) if weights is None else weights, seed=0)
    assert found is not None
    return found


def several(rows: int = 600, classes: int = 4, *, seed: int = 0) -> tuple[Codes, Floats, Floats]:
    """Classes, probabilities that know something of them (rounded, so that there are ties), and weights."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, rows)
    scores = random.normal(size=(rows, classes)) + 1.5 * np.eye(classes)[truth]
    probability = np.exp(scores.round(1))
    return truth, probability / probability.sum(1, keepdims=True), random.exponential(size=rows) + 0.1


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("weighted", [False, True])
def test_every_value_is_scikit_learns(classes: int, weighted: bool) -> None:
    truth, probability, mass = several(classes=classes)
    weights = mass if weighted else np.ones(len(truth))
    found, answer = judged(truth, probability, weights), probability.argmax(1)
    each = metrics.precision_recall_fscore_support(truth, answer, sample_weight=weights)
    scores = found.scores
    assert [one.precision.value for one in scores] == pytest.approx(each[0])
    assert [one.recall.value for one in scores] == pytest.approx(each[1])
    assert [one.f1.value for one in scores] == pytest.approx(each[2])
    assert [one.rows for one in scores] == pytest.approx(each[3])
    assert found.accuracy.value == pytest.approx(metrics.accuracy_score(truth, answer, sample_weight=weights))
    assert found.log_loss.value == pytest.approx(metrics.log_loss(truth, probability, sample_weight=weights))
    balanced = metrics.balanced_accuracy_score(truth, answer, sample_weight=weights)
    assert found.balanced_accuracy.value == pytest.approx(balanced)
    for one in found.rankings:
        mine, score = truth == one.position, probability[:, one.position]
        assert one.roc_area.value == pytest.approx(metrics.roc_auc_score(mine, score, sample_weight=weights))
        precision = metrics.average_precision_score(mine, score, sample_weight=weights)
        assert one.average_precision.value == pytest.approx(precision)
        assert one.share == pytest.approx(np.average(mine, weights=weights))


def test_the_brier_score_is_of_one_probability_for_two_classes_and_summed_for_more() -> None:
    truth, probability, weights = several(classes=2)
    twin = metrics.brier_score_loss(truth, probability[:, 1], sample_weight=weights)
    assert judged(truth, probability, weights).brier.value == pytest.approx(twin)
    truth, probability, weights = several(classes=4)
    distance = ((probability - np.eye(4)[truth]) ** 2).sum(1)
    assert judged(truth, probability, weights).brier.value == pytest.approx(np.average(distance, weights=weights))


@pytest.mark.parametrize("classes", [2, 4])
def test_the_constant_is_what_its_own_probabilities_would_score(classes: int) -> None:
    truth, probability, weights = several(classes=classes)
    shares = np.bincount(truth, weights) / weights.sum()
    found, constant = (judged(truth, given, weights) for given in (probability, np.tile(shares, (len(truth), 1))))
    assert found.constant_accuracy == pytest.approx(constant.accuracy.value)
    assert found.constant_log_loss == pytest.approx(constant.log_loss.value)
    assert found.constant_brier == pytest.approx(constant.brier.value)
    assert constant.balanced_accuracy.value == pytest.approx(1 / classes)
    assert constant.rankings[0].roc_area.value == pytest.approx(0.5)
    assert constant.rankings[0].average_precision.value == pytest.approx(constant.rankings[0].share)


def test_a_row_with_weight_two_is_two_rows() -> None:
    truth, probability, _ = several(200, 2)
    twice = np.arange(200) % 2 + 1
    one = judged(truth, probability, twice.astype(float))
    other = judged(truth.repeat(twice), probability.repeat(twice, axis=0))
    assert one.accuracy.value == pytest.approx(other.accuracy.value)
    assert one.rankings[0].average_precision.value == pytest.approx(other.rankings[0].average_precision.value)
    assert one.reliability.error == pytest.approx(other.reliability.error)
    width = one.accuracy.high - one.accuracy.low
    assert width > other.accuracy.high - other.accuracy.low  # and carries less information than two


def distance(found: Band, x: Floats, y: Floats) -> float:
    """The largest distance of a curve's point to the nearest of the given ones."""
    points = np.stack([found.x, found.y], axis=1)
    return float(cdist(points, np.stack([x, y], axis=1)).min(1).max())


def test_the_curves_go_through_scikit_learns_points() -> None:
    _, truth, probability = rare(4_000)
    one = judged(truth, probability).rankings[0]
    false_alarms, recall, _ = metrics.roc_curve(truth, probability[:, 1], drop_intermediate=False)
    assert distance(one.roc, false_alarms, recall) < 1e-6
    precision, recall, _ = metrics.precision_recall_curve(truth, probability[:, 1])
    assert distance(one.precision_recall, recall, precision) < 1e-6
    for found in (one.roc, one.precision_recall):
        assert all(low <= y <= high for low, y, high in zip(found.low, found.y, found.high, strict=True))
        assert max(np.diff(found.x)) < 0.02  # and no part of them is left out


def test_three_percent_positives_score_what_the_population_says() -> None:
    _, truth, probability = rare(200_000)
    shares, area, precision = population()
    found = judged(truth, probability)
    one = found.rankings[0]
    assert found.positive == one.position == 1
    assert one.share == pytest.approx(shares, abs=0.002)
    assert one.roc_area.value == pytest.approx(area, abs=0.006)
    assert one.average_precision.value == pytest.approx(precision, abs=0.02)
    for measured, true in ((one.roc_area, area), (one.average_precision, precision)):
        assert measured.low < true < measured.high
    assert found.constant_accuracy > 0.96  # why accuracy alone says nothing here
    assert found.reliability.error <= found.reliability.by_chance_most


def test_true_probabilities_are_reliable_and_overconfident_ones_are_not() -> None:
    _, truth, probability = rare(20_000)
    sure = probability**2 / (probability**2).sum(1, keepdims=True)
    right, wrong = judged(truth, probability).reliability, judged(truth, sure).reliability
    assert right.error <= right.by_chance_most
    assert wrong.error > 2 * wrong.by_chance_most
    assert right.by_chance < right.by_chance_most
    assert sum(one.observed.low <= one.predicted <= one.observed.high for one in right.bins) >= 8
    assert sum(one.rows for one in right.bins) == 20_000
    assert len(right.bins) == 10


def test_the_error_of_right_probabilities_is_as_chance_makes_it() -> None:
    errors = []
    for seed in range(60):
        _, truth, probability = rare(2_000, seed=seed)
        found = judged(truth, probability).reliability
        errors.append(found.error)
        mean_error, most = found.by_chance, found.by_chance_most
    assert np.mean(errors) == pytest.approx(mean_error, rel=0.2)
    assert np.mean(np.array(errors) > most) == pytest.approx(0.05, abs=0.08)


def test_intervals_cover_the_population_in_most_samples() -> None:
    _, area, precision = population()
    covered: dict[str, list[bool]] = {"area": [], "precision": [], "log loss": []}
    true_loss = judged(*rare(400_000)[1:]).log_loss.value
    for seed in range(100):
        found = judged(*rare(3_000, seed=seed)[1:])
        for name, measured, true in (
            ("area", found.rankings[0].roc_area, area),
            ("precision", found.rankings[0].average_precision, precision),
            ("log loss", found.log_loss, true_loss),
        ):
            covered[name].append(measured.low <= true <= measured.high)
    for name, hits in covered.items():
        assert 0.85 <= np.mean(hits) <= 1, name  # of 95 %: three standard errors, and some skewness


def test_the_working_points_are_what_they_say() -> None:
    truth, probability, _ = several(2_000, 2)
    curve = judged(truth, probability).thresholds
    assert curve is not None
    points = {point.name: point for point in curve.points}
    assert list(points) == ["half", "best_f1", "break_even", "precision_90", "precision_50"]
    for name, point in points.items():
        flagged = probability[:, curve.position] >= point.threshold
        mine = truth == curve.position
        assert point.flagged == pytest.approx(flagged.mean()), name
        assert point.precision.value == pytest.approx(metrics.precision_score(mine, flagged)), name
        assert point.recall.value == pytest.approx(metrics.recall_score(mine, flagged)), name
        assert point.f1 == pytest.approx(metrics.f1_score(mine, flagged)), name
    every = [metrics.f1_score(mine, probability[:, curve.position] >= at) for at in np.linspace(0.01, 0.9, 60)]
    assert points["best_f1"].f1 >= max(every)
    assert points["break_even"].precision.value == pytest.approx(points["break_even"].recall.value, abs=0.02)  # ties
    assert points["precision_90"].precision.value >= 0.9
    assert points["precision_50"].recall.value > points["precision_90"].recall.value


def test_a_precision_of_a_handful_of_rows_is_no_working_point() -> None:
    _, truth, probability = rare(20_000)
    curve = judged(truth, probability).thresholds
    assert curve is not None
    assert curve.precision.y[-1] == 1  # the surest row is right
    assert "precision_90" not in [point.name for point in curve.points]
    half, best, *_ = curve.points
    assert half.recall.value < 0.1 < best.recall.value


def test_a_threshold_that_no_row_reaches_flags_nothing() -> None:
    truth = np.array([0] * 30 + [1] * 3)
    probability = np.stack([np.full(33, 0.9), np.full(33, 0.1)], axis=1)
    curve = judged(truth, probability).thresholds
    assert curve is not None
    half = curve.points[0]
    assert (half.name, half.flagged, half.recall.value) == ("half", 0.0, 0.0)
    assert np.isnan(half.precision.value)


def test_the_positive_class_is_the_rarer_of_two() -> None:
    probability = np.full((10, 2), 0.5)
    assert judged(np.array([0] * 7 + [1] * 3), probability).positive == 1
    assert judged(np.array([0] * 3 + [1] * 7), probability).positive == 0
    assert judged(np.array([0] * 5 + [1] * 5), probability).positive == 1
    assert judged(*several()[:2]).positive == -1
    assert judged(*several()[:2]).thresholds is None


def test_only_the_most_frequent_of_many_classes_get_curves() -> None:
    truth, probability, _ = several(3_000, 20)
    common = np.where(truth < 14, truth, truth % 3)
    found = judged(common, probability)
    assert [one.position for one in found.rankings][:3] == [0, 1, 2]
    assert len(found.rankings) == 12
    assert len(found.scores) == 20
    assert np.isnan(found.scores[19].recall.value)  # no row is of it


def test_nothing_to_judge() -> None:
    assert judge_classes(np.zeros(0, np.int64), np.zeros((0, 2)), np.zeros(0), seed=0) is None
    broken = np.array([[0.5, np.nan]])
    assert judge_classes(np.zeros(1, np.int64), broken, np.ones(1), seed=0) is None
    lonely = judged(np.zeros(30, np.int64), np.full((30, 2), 0.5))
    assert lonely.rankings == ()
    assert lonely.thresholds is None


def test_certainty_about_the_wrong_class_costs_a_finite_loss() -> None:
    loss = judged(np.array([0, 1]), np.array([[0.0, 1.0], [0.0, 1.0]])).log_loss.value
    assert 40 < loss < 50  # half of −ln of the smallest float32


@pytest.mark.parametrize("hits", [0, 3, 50])
def test_an_interval_of_a_share_is_jeffreys(hits: int) -> None:
    found = share(hits, 50 - hits, 50)
    low, high = stats.beta(hits + 0.5, 50 - hits + 0.5).interval(0.95)
    assert found.low == pytest.approx(low if hits else 0)
    assert found.high == pytest.approx(high if hits < 50 else 1)


def test_an_interval_of_a_mean_is_the_normal_one() -> None:
    values = np.random.default_rng(0).exponential(size=500)
    found = mean(values, np.ones(500))
    low, high = stats.norm(values.mean(), values.std() / np.sqrt(500)).interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high))


def within(measured: Measured) -> bool:
    return np.isnan(measured.value) or measured.low <= measured.value <= measured.high


@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(2, 5))
def test_every_value_is_within_its_interval(seed: int, rows: int, classes: int) -> None:
    truth, probability, weights = several(rows, classes, seed=seed)
    found = judged(truth, probability, weights)
    measures: list[Measured] = [found.accuracy, found.balanced_accuracy, found.log_loss, found.brier]
    measures += [one for score in found.scores for one in (score.precision, score.recall, score.f1)]
    measures += [one for ranking in found.rankings for one in (ranking.roc_area, ranking.average_precision)]
    measures += [one.observed for one in found.reliability.bins]
    assert all(map(within, measures))


@pytest.mark.parametrize("measure", [lambda q: q.accuracy, lambda q: q.log_loss, lambda q: q.rankings[0].roc_area])
def test_four_times_the_rows_halve_the_interval(measure: Callable[[ClassQuality], Measured]) -> None:
    few, many = (measure(judged(*several(rows, 2)[:2])) for rows in (2_000, 8_000))
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(2, rel=0.2)
