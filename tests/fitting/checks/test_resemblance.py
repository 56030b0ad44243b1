"""Neighbours' resemblance against its distribution under shuffling, and where there is some."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from thetastar.fitting.checks.resemblance import resemblance

ROWS = 400
PLACES = np.arange(ROWS)
STRETCHES = PLACES // 32


def test_independent_rows_give_a_standard_normal() -> None:
    random = np.random.default_rng(0)
    mixed = random.normal(size=(3, 3))  # columns that go together
    found = [resemblance(random.standard_t(3, (ROWS, 3)) @ mixed, STRETCHES, PLACES) for _ in range(300)]
    assert -2 < float(np.mean(found)) < 0.1  # mean and trend of each stretch pull it below 0
    assert float(np.std(found)) == pytest.approx(1.0, abs=0.15)


def test_without_trends_it_is_the_serial_covariance_over_its_shuffled_deviation() -> None:
    values = np.random.default_rng(0).normal(size=(60, 2))
    one = np.zeros(60, dtype=np.int64)
    slope, level = np.polyfit(np.arange(60), values, 1)
    values -= np.arange(60)[:, None] * slope + level
    values /= values.std(0)

    def products(rows: npt.NDArray[np.float64]) -> float:
        return float((rows[1:] * rows[:-1]).sum())

    random = np.random.default_rng(1)
    shuffled = [products(random.permutation(values)) for _ in range(4000)]
    expected = products(values) / float(np.std(shuffled))
    assert resemblance(values, one, np.arange(60)) == pytest.approx(expected, rel=0.15)  # which has lost its tails


def test_series_and_groups_resemble_their_neighbours() -> None:
    random = np.random.default_rng(0)
    noise = random.normal(size=(ROWS, 4))
    series = noise.copy()
    for row in range(1, ROWS):
        series[row] += 0.6 * series[row - 1]
    groups = noise + np.repeat(random.normal(size=(ROWS // 10, 4)), 10, axis=0)
    assert resemblance(series, STRETCHES, PLACES) > 5
    assert resemblance(groups, STRETCHES, PLACES) > 5


def test_a_trend_over_what_the_table_is_sorted_by_is_none() -> None:
    random = np.random.default_rng(0)
    trend = np.stack([PLACES, -2.0 * PLACES], axis=1) / ROWS
    assert resemblance(trend + 0.05 * random.normal(size=(ROWS, 2)), STRETCHES, PLACES) < 2


def test_nothing_left_is_no_resemblance() -> None:
    assert resemblance(np.ones((ROWS, 2)), STRETCHES, PLACES) == 0.0
    assert resemblance(np.random.default_rng(0).normal(size=(ROWS, 1)), PLACES, PLACES) == 0.0


def test_one_far_value_does_not_decide() -> None:
    values = np.random.default_rng(0).normal(size=(ROWS, 1))
    values[100:102] = 1e6
    assert abs(resemblance(values, STRETCHES, PLACES)) < 4
