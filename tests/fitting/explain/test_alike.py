"""Columns that tell the same: as scipy's rank correlation says, and none where there is none."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from tests.fitting.tables import frame, noise, numbers, problem_of
from thetastar.fitting.evidence import Alike
from thetastar.fitting.explain.alike import alike

ROWS = 400


def groups(table: pl.DataFrame, *, columns: list[str] | None = None) -> tuple[Alike, ...]:
    return alike(problem_of(table, pl.Series("y", noise(table.height))), columns=columns or table.columns, seed=0)


def test_columns_that_rise_and_fall_together_are_one_group_whatever_their_units() -> None:
    x = numbers(ROWS)[:, 0]
    table = pl.DataFrame({"x": x, "cube": x**3, "minus": -np.exp(x), "other": noise(ROWS, 1)})
    (found,) = groups(table)
    assert found.columns == ("x", "cube", "minus")
    assert found.correlation == pytest.approx(1)


def test_the_correlation_is_spearmans() -> None:
    x = numbers(ROWS)[:, 0]
    near = x + 0.3 * noise(ROWS, 1)
    (found,) = groups(pl.DataFrame({"x": x, "near": near}))
    assert found.correlation == pytest.approx(abs(spearmanr(x, near).statistic))


def test_a_chain_is_one_group_and_its_weakest_link_is_told() -> None:
    x, step = numbers(ROWS)[:, 0], 0.35
    a, b = x, x + step * noise(ROWS, 1)
    c = b + step * noise(ROWS, 2)
    (found,) = groups(pl.DataFrame({"a": a, "b": b, "c": c}))
    assert set(found.columns) == {"a", "b", "c"}
    assert 0.9 <= found.correlation < 0.99
    assert abs(spearmanr(a, c).statistic) < 0.9


def test_columns_that_have_nothing_in_common_are_in_no_group() -> None:
    for seed in range(20):
        assert groups(frame(np.random.default_rng(seed).normal(size=(ROWS, 10)))) == ()


def test_dates_take_part_and_categories_do_not() -> None:
    days = [datetime.date(2020, 1, 1) + datetime.timedelta(days=place) for place in range(ROWS)]
    table = pl.DataFrame({"day": days, "count": np.arange(ROWS) * 2.5, "town": ["a", "b"] * (ROWS // 2)})
    (found,) = groups(table)
    assert set(found.columns) == {"day", "count"}


def test_missing_values_weaken_a_link_and_do_not_make_one() -> None:
    x = numbers(ROWS)[:, 0]
    gaps = np.where(np.arange(ROWS) % 2 == 0, np.nan, x)
    assert groups(pl.DataFrame({"x": x, "gaps": gaps})) == ()


def test_too_few_rows_say_nothing() -> None:
    x = np.arange(20.0)
    assert groups(pl.DataFrame({"x": x, "same": x + 1})) == ()


def test_only_the_named_columns_are_compared_in_their_order() -> None:
    x = numbers(ROWS)[:, 0]
    table = pl.DataFrame({"a": x, "b": x + 1, "c": x + 2})
    (found,) = groups(table, columns=["c", "a"])
    assert found.columns == ("c", "a")
