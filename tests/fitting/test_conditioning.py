"""The canyon before and after the columns are normalised."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tests.fitting.tables import NEVER
from thetastar.descent import Deadline
from thetastar.fitting import Question, Recipe
from thetastar.fitting.conditioning import conditioning_of, updates_needed
from thetastar.fitting.pose import pose
from thetastar.fitting.problem import Folded, encode_folds
from thetastar.fitting.record import Conditioning

ROWS = 400
STREAM = np.random.default_rng(0)
ROOMS, METRES = STREAM.normal(4.0, 1.0, ROWS), STREAM.normal(90.0, 25.0, ROWS)
PRICE = 10 + 3 * ROOMS + 2 * METRES + STREAM.normal(0.0, 5.0, ROWS)
HOMES = pl.DataFrame({"rooms": ROOMS, "metres": METRES})


def folded(table: pl.DataFrame, y: pl.Series, recipe: Recipe | None = None) -> Folded:
    posed = pose(Question(table, y), recipe=recipe or Recipe(), seed=0, deadline=NEVER)
    return encode_folds(posed.problem, posed.splitter.split(), deadline=NEVER)


def found(table: pl.DataFrame, y: pl.Series) -> Conditioning:
    conditioning = conditioning_of(folded(table, y), classes=False, deadline=NEVER)
    assert conditioning is not None
    return conditioning


def updates_by_descending(hessian: np.ndarray, gradient: np.ndarray) -> int:
    """Run gradient descent on ½(θ − θ*)ᵀH(θ − θ*) from a distance that has this gradient, at its best rate."""
    values = np.linalg.eigvalsh(hessian)
    rate, off = 2 / (values[0] + values[-1]), np.linalg.solve(hessian, gradient)
    first = off @ hessian @ off
    for update in range(1, 1_000_000):
        off = off - rate * hessian @ off
        if off @ hessian @ off <= 1e-3 * first:
            return update
    raise AssertionError("not there after a million updates")


@pytest.mark.parametrize("seed", range(5))
def test_the_updates_are_those_that_descent_needs(seed: int) -> None:
    stream = np.random.default_rng(seed)
    root = stream.normal(size=(4, 4)) * [1.0, 3.0, 10.0, 0.5]
    hessian, gradient = root.T @ root, stream.normal(size=4)
    values, vectors = np.linalg.eigh(hessian)
    assert updates_needed(values, vectors.T @ gradient) == updates_by_descending(hessian, gradient)


def test_a_function_that_is_there_already_needs_none_and_one_out_of_reach_is_infinite() -> None:
    assert updates_needed(np.array([1.0, 2.0]), np.zeros(2)) == 0
    assert updates_needed(np.array([1e-17, 1.0]), np.array([1.0, 1e-9])) == math.inf


def test_both_hessians_are_those_of_least_squares_on_the_training_rows() -> None:
    """Identical rows are merged and sorted, so the training rows are looked up in the encoded table."""
    y = pl.Series("price", PRICE)
    posed = pose(Question(HOMES, y), recipe=Recipe(), seed=0, deadline=NEVER)
    folds = posed.splitter.split()
    train = posed.problem.table[folds[0].train].to_numpy()
    raw = np.c_[np.ones(len(train)), train]
    normal = np.c_[np.ones(len(train)), (train - train.mean(0)) / train.std(0)]
    told = found(HOMES, y)
    assert told.before == pytest.approx(np.linalg.cond(raw.T @ raw), rel=1e-3)
    assert told.after == pytest.approx(np.linalg.cond(normal.T @ normal), rel=1e-3)
    assert told.before > 1e4 > 2 > told.after
    assert told.updates_after is not None
    assert told.updates_before is not None
    assert told.updates_after <= 10 < 1000 < told.updates_before


def test_columns_that_tell_the_same_are_no_direction_of_their_own() -> None:
    """One-hot columns add up to the intercept's: the loss is flat along one direction, which descent never takes."""
    towns = pl.Series("town", ["Ulm", "Bonn", "Jena", "Kiel"] * (ROWS // 4))
    told = found(HOMES.with_columns(towns, twice=2 * HOMES["metres"]), pl.Series("price", PRICE))
    assert told.after < 100
    assert 1e4 < told.before < math.inf


def test_classes_have_condition_numbers_but_no_updates() -> None:
    labels = pl.Series("dear", np.where(np.median(PRICE) < PRICE, "yes", "no"))
    told = conditioning_of(folded(HOMES, labels), classes=True, deadline=NEVER)
    assert told is not None
    assert told.before > told.after
    assert (told.updates_before, told.updates_after) == (None, None)


def test_nothing_is_told_where_nothing_was_just_shifted_and_scaled() -> None:
    y = pl.Series("price", PRICE)
    towns = pl.DataFrame({"town": ["Ulm", "Bonn", "Jena", "Kiel"] * (ROWS // 4)})
    assert conditioning_of(folded(towns, y), classes=False, deadline=NEVER) is None
    robust = folded(HOMES, y, replace(Recipe(), normalisation="robust"))
    assert conditioning_of(robust, classes=False, deadline=NEVER) is None
    assert conditioning_of(folded(HOMES, y), classes=False, deadline=Deadline.after(0)) is None
