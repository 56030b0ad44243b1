from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from thetastar.data.distribution import deviation, distribution, knots, mean, quantiles

VALUES = hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e6, 1e6, width=32))


def plain(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


@given(VALUES, st.data())
def test_weights_are_repetitions_to_the_last_bit(values: npt.NDArray[np.float64], data: st.DataObject) -> None:
    counts = data.draw(hnp.arrays(np.int64, len(values), elements=st.integers(0, 4)))
    if not counts.any():
        return
    weighted = distribution(values, counts.astype(np.float64))
    repeated = distribution(np.repeat(values, counts), np.ones(counts.sum()))
    np.testing.assert_array_equal(weighted.values, repeated.values)
    np.testing.assert_array_equal(weighted.weights, repeated.weights)
    assert (mean(weighted), deviation(weighted)) == (mean(repeated), deviation(repeated))
    np.testing.assert_array_equal(knots(weighted, 7), knots(repeated, 7))


@given(VALUES)
def test_against_numpy(values: npt.NDArray[np.float64]) -> None:
    data = distribution(values, np.ones(len(values)))
    shares = np.linspace(0, 1, 11)
    expected = np.quantile(values, shares * (1 - 1e-12), method="inverted_cdf")
    np.testing.assert_array_equal(quantiles(data, shares), expected)
    scale = np.abs(values).max() + 1e-300
    assert mean(data) == pytest.approx(values.mean(), abs=1e-12 * scale)
    if len(data.values) > 1:
        assert deviation(data) == pytest.approx(values.std(), rel=1e-6, abs=1e-12 * scale)


def test_the_scale_of_the_weights_does_not_matter() -> None:
    values, weights = np.arange(50.0), np.random.default_rng(0).random(50)
    for factor in (1e-9, 3.0):
        one, other = distribution(values, weights), distribution(values, weights * factor)
        np.testing.assert_array_equal(knots(one, 8), knots(other, 8))


def test_constants_and_nothing_have_scale_one() -> None:
    constant = distribution(plain([0.1] * 7), np.ones(7))
    assert (mean(constant), deviation(constant)) == (pytest.approx(0.1), 1.0)
    nothing = distribution(plain([np.nan]), np.ones(1))
    assert (mean(nothing), deviation(nothing), len(knots(nothing, 4))) == (0.0, 1.0, 0)


def test_huge_and_tiny_values_neither_overflow_nor_vanish() -> None:
    for unit in (1e300, 1e-200):
        data = distribution(plain([unit, -unit]), np.ones(2))
        assert (mean(data), deviation(data)) == (0.0, pytest.approx(unit, rel=1e-12))


def test_knots() -> None:
    def of(values: npt.ArrayLike, pieces: int = 4) -> list[float]:
        array = plain(values)
        return knots(distribution(array, np.ones(len(array))), pieces).tolist()

    assert of([1, 2, 1]) == []  # a line joins two values already
    assert of([1, 2, 5]) == [1, 2, 5]  # few distinct values are the knots
    assert of(range(1, 101)) == [1, 25, 50, 75, 100]
    assert of(range(100), pieces=0) == []
    mostly_zero = of([0.0] * 90 + list(range(1, 11)), pieces=4)
    assert mostly_zero == [0, 1, 4, 7, 10]  # plain quantiles would be 0 and 10 only
    assert len(of([0.0] * 9990 + list(range(1, 11)), pieces=9)) == 3  # ten rows of 10,000 don't get nine pieces


@given(VALUES, st.integers(1, 12))
def test_knots_ascend_and_span_the_values(values: npt.NDArray[np.float64], pieces: int) -> None:
    data = distribution(values, np.ones(len(values)))
    places = knots(data, pieces)
    assert len(places) <= pieces + 1
    if len(data.values) > 2:
        assert (np.diff(places) > 0).all()
        assert places[0] == values.min()
        assert places[-1] == values.max()
