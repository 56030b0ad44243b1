"""Standard errors over clusters: closed forms, and how often they hold where rows go together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thetastar.fitting.clusters import clustered_mean, clusters
from thetastar.fitting.splitter import Splitter

ROWS = 400


def splitter(how: str, *, groups: Any = None, times: Any = None, rows: int = ROWS) -> Splitter:
    given = (None if values is None else pl.Series(values) for values in (groups, times))
    return Splitter(how, 4, np.zeros(rows), *given, 0)


def autoregressive(random: np.random.Generator, *, memory: float = 0.7) -> np.ndarray:
    noise = random.normal(size=ROWS)
    noise[0] /= math.sqrt(1 - memory**2)
    for row in range(1, ROWS):
        noise[row] += memory * noise[row - 1]
    return noise


def test_single_rows_give_the_standard_error_of_a_mean() -> None:
    values = np.random.default_rng(0).normal(size=50)
    mean, error = clustered_mean(values, np.ones(50), np.arange(50))
    assert mean == pytest.approx(values.mean())
    assert error == pytest.approx(values.std(ddof=1) / math.sqrt(50))


def test_equal_clusters_give_the_standard_error_of_their_means() -> None:
    values = np.random.default_rng(0).normal(size=60)
    means = values.reshape(12, 5).mean(1)
    _, error = clustered_mean(values, np.full(60, 0.3), np.repeat(np.arange(12), 5))
    assert error == pytest.approx(means.std(ddof=1) / math.sqrt(12))


@given(st.lists(st.integers(1, 4), min_size=3, max_size=12))
def test_a_weight_is_so_many_rows_of_one_cluster(weights: list[int]) -> None:
    values = np.random.default_rng(0).normal(size=len(weights))
    index = np.repeat(np.arange(len(weights)), weights)
    weighted = clustered_mean(values, np.array(weights, dtype=float), np.arange(len(weights)))
    assert weighted == pytest.approx(clustered_mean(values[index], np.ones(len(index)), index))


def test_one_cluster_says_nothing_about_its_error() -> None:
    assert clustered_mean(np.arange(5.0), np.ones(5), np.zeros(5, dtype=np.int64)) == (2.0, math.inf)


def test_rows_split_at_random_are_clusters_of_their_own() -> None:
    for how in ("random", "stratified"):
        assert clusters(splitter(how), np.array([7, 3, 5])).tolist() == [0, 1, 2]


def test_groups_are_clusters() -> None:
    groups = splitter("group", groups=["b", "a", "b", "c", "a"], rows=5)
    assert clusters(groups, np.array([0, 2, 3, 4])).tolist() == [1, 1, 2, 0]


def test_blocks_follow_the_time_and_keep_what_happened_at_once() -> None:
    times = np.random.default_rng(0).permutation(ROWS) // 2
    found = clusters(splitter("time", times=times), np.arange(ROWS))
    assert len(set(found.tolist())) == math.isqrt(ROWS)
    assert (np.diff(found[np.argsort(times, kind="stable")]) >= 0).all()
    for time in set(times.tolist()):
        assert len(set(found[times == time].tolist())) == 1
    few = clusters(splitter("time", times=np.arange(ROWS) // 200), np.arange(ROWS))
    assert np.bincount(few).tolist() == [200, 200]


def test_intervals_hold_where_groups_share_an_effect_and_rowwise_ones_do_not() -> None:
    """Planted: 40 groups of 10 rows, half of the variance shared. The mean is 0."""
    random, held = np.random.default_rng(0), {"rows": 0, "groups": 0}
    codes = np.repeat(np.arange(40), 10)
    by_group = clusters(splitter("group", groups=codes), np.arange(ROWS))
    for _ in range(400):
        values = random.normal(size=40)[codes] + random.normal(size=ROWS)
        for name, cluster in (("rows", np.arange(ROWS)), ("groups", by_group)):
            mean, error = clustered_mean(values, np.ones(ROWS), cluster)
            held[name] += abs(mean) < 1.96 * error
    assert held["groups"] / 400 == pytest.approx(0.95, abs=0.03)
    assert held["rows"] / 400 < 0.7


def test_intervals_hold_along_a_series_and_rowwise_ones_do_not() -> None:
    random, held = np.random.default_rng(0), {"rows": 0, "blocks": 0}
    blocks = clusters(splitter("blocked"), np.arange(ROWS))
    for _ in range(400):
        values = autoregressive(random)
        for name, cluster in (("rows", np.arange(ROWS)), ("blocks", blocks)):
            mean, error = clustered_mean(values, np.ones(ROWS), cluster)
            held[name] += abs(mean) < 1.96 * error
    assert held["blocks"] / 400 > 0.88  # blocks of 20 hold most of a memory of .7, not all
    assert held["rows"] / 400 < 0.7
