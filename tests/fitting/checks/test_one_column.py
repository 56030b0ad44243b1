"""How much a column tells by itself: everything where the target follows from it, nothing where it doesn't."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tests.fitting.tables import numbers
from thetastar.data import Column, decide_target, target_values
from thetastar.data.kinds import decide_column
from thetastar.fitting.checks.one_column import is_copy, left_by_column, left_by_columns, scored_target

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(-2, 2, 600)


def left(x: pl.Series, y: pl.Series) -> float:
    target = decide_target(y)
    scored = scored_target(target_values(target, y), classes=bool(target.classes))
    return left_by_column(decide_column(x), x, scored, seed=0)


@pytest.mark.parametrize(
    ("y", "low", "high"),
    [
        (3 * X - 7, 0.0, 1e-4),
        (np.exp(5 * X), 0.0, 1e-4),
        (np.abs(X), 0.0, 1e-3),
        (X + RANDOM.normal(0, 0.05, 600), 0.0, 0.01),
        (X + RANDOM.normal(0, 1.0, 600), 0.4, 2.0),
        (RANDOM.normal(size=600), 0.9, 3.0),
        (np.where(X > 0.3, "a", "b"), 0.0, 0.03),
        (np.where(np.abs(X) > 1, "a", "b"), 0.0, 0.03),
        (RANDOM.choice(["a", "b"], 600), 0.8, 2.0),
    ],
)
def test_a_column_of_numbers(y: np.ndarray, low: float, high: float) -> None:
    assert low <= left(pl.Series("x", X), pl.Series("y", y)) <= high


def test_categories_are_read_by_their_own_rows() -> None:
    town = pl.Series("town", RANDOM.choice(["Ulm", "Bonn", "Kiel", "Köln"], 600))
    price = town.replace_strict({"Ulm": 3.0, "Bonn": 1.0, "Kiel": 2.0, "Köln": 9.0})
    assert left(town, price.alias("y")) == pytest.approx(0, abs=1e-12)
    assert left(town, price.cast(pl.String).alias("y")) == 0
    assert left(town, pl.Series("y", X)) > 0.9


def test_being_missing_may_tell() -> None:
    gone = X > 0
    x = pl.Series("x", [None if none else 1.0 + i % 7 for i, none in enumerate(gone)])
    assert left(x, pl.Series("y", np.where(gone, "a", "b"))) == 0
    assert left(pl.Series("x", [None] * 599 + [1.0]), pl.Series("y", X)) == pytest.approx(1, abs=0.05)


def test_ranks_make_the_unit_irrelevant() -> None:
    y = np.exp(9 * X)
    assert left(pl.Series("x", X), pl.Series("y", y)) == left(pl.Series("x", X), pl.Series("y", X))


def test_several_columns_tell_what_one_does_not() -> None:
    x = numbers(500, columns=3)
    table = pl.DataFrame({f"x{i}": x[:, i] for i in range(3)})
    columns = tuple(decide_column(series) for series in table)
    y = x[:, 0] * x[:, 1]
    assert left_by_columns(table, columns, scored_target(y, classes=False), seed=0) < 0.25
    assert left_by_columns(table, columns[1:], scored_target(y, classes=False), seed=0) > 0.7
    sign = (y > 0).astype(int)
    assert left_by_columns(table, columns, scored_target(sign, classes=True), seed=0) < 0.2
    assert left_by_columns(table, columns, np.repeat(0, 500), seed=0) == 0


def copies(x: pl.Series, y: pl.Series) -> bool:
    target = decide_target(y)
    column: Column = decide_column(x)
    return is_copy(column, x, target_values(target, y), target)


def test_a_copy_may_have_another_unit_or_other_names() -> None:
    y = pl.Series("y", X)
    assert copies(pl.Series("x", X), y)
    assert copies(pl.Series("x", 32 - 1.8 * X), y)
    assert copies(pl.Series("x", [None, *X[1:]]), y)
    assert not copies(pl.Series("x", X + RANDOM.normal(0, 1e-3, 600)), y)
    assert not copies(pl.Series("x", X**3), y)
    names = pl.Series("y", RANDOM.choice(["a", "b", "c"], 600))
    assert copies(names.replace_strict({"a": 7, "b": 3, "c": 5}).alias("x"), names)
    assert not copies(names.replace_strict({"a": 7, "b": 3, "c": 3}).alias("x"), names)
    assert not copies(pl.Series("x", [None, *names[1:]]), names)
