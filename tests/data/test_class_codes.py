"""Whole numbers as targets: real tables' own values and frequencies, and what they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import datasets

from thetastar.data.class_codes import whole_number_reason

# values → how often each occurs
TABLES = {
    "forest cover types, two of them in 20": (
        {1: 211_840, 2: 283_301, 3: 35_754, 4: 2_747, 5: 9_493, 6: 17_367, 7: 20_510}
    ),
    "cultivars of wine": {1: 59, 2: 71, 3: 48},
    "hand-written digits": dict.fromkeys(range(10), 180),
    "months": dict.fromkeys(range(1, 13), 30),
    "glass, one kind rarer": {1: 70, 2: 76, 3: 17, 4: 13, 5: 9, 6: 29},
}
SCORES = {
    "quality of red wine": {3: 10, 4: 53, 5: 681, 6: 638, 7: 199, 8: 18},
    "quality from 1": {1: 10, 2: 53, 3: 681, 4: 638, 5: 199, 6: 18},
    "children": {0: 574, 1: 324, 2: 240, 3: 157, 4: 25, 5: 18},
    "cylinders": {4: 81, 5: 4, 6: 79, 8: 70},
    "rings of abalones": {n: int(700 * np.exp(-(((n - 9.5) / 4) ** 2))) + 1 for n in range(1, 30)},
    "hours": dict.fromkeys(range(24), 40),
    "tens": dict.fromkeys((10, 20, 30), 40),
}


def reason(table: dict[int, int]) -> str:
    return whole_number_reason(np.array(list(table), float), np.array(list(table.values())))


@pytest.mark.parametrize("name", TABLES)
def test_codes_of_classes(name: str) -> None:
    assert reason(TABLES[name]) == "integer_codes"


@pytest.mark.parametrize("name", SCORES)
def test_scores_and_counts_are_numbers_and_it_is_said(name: str) -> None:
    assert reason(SCORES[name]) == "few_integers"


@pytest.mark.parametrize("load", [datasets.load_wine, datasets.load_iris, datasets.load_digits])
@pytest.mark.parametrize("first", [0, 1])
def test_scikit_learns_classes_from_zero_or_one(load: object, first: int) -> None:
    target = load(return_X_y=True)[1] + first
    assert whole_number_reason(*np.unique(target.astype(float), return_counts=True)) == "integer_codes"


def test_an_amount_is_a_number() -> None:
    target = datasets.load_diabetes().target
    assert whole_number_reason(*np.unique(target, return_counts=True)) == "numeric"
    assert reason({1: 2, 2: 1, 3: 2}) == "numeric"  # too few rows to say
    assert whole_number_reason(np.array([0.5, 1.0]), np.array([9, 9])) == "numeric"
    assert reason({7: 30}) == "numeric"
    assert reason({4: 30, 8: 3}) == "two_values"


@pytest.mark.parametrize("mean", [0.3, 1.0, 2.5, 6.0])
@pytest.mark.parametrize("seed", range(5))
def test_counts_are_never_taken_for_classes(mean: float, seed: int) -> None:
    counts = np.random.default_rng(seed).poisson(mean, 2_000)
    assert whole_number_reason(*np.unique(counts.astype(float), return_counts=True)) in ("few_integers", "two_values")


@given(st.integers(3, 12), st.integers(0, 1), st.integers(0, 1_000))
def test_classes_at_random_are_classes(classes: int, first: int, seed: int) -> None:
    shares = np.random.default_rng(seed).uniform(0.3, 1, classes)
    codes = np.random.default_rng(seed).choice(classes, 60 * classes, p=shares / shares.sum()) + first
    assert whole_number_reason(*np.unique(codes.astype(float), return_counts=True)) == "integer_codes"
