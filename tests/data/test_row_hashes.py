"""Rows have the same number wherever they are met again, and other rows have another."""

from __future__ import annotations

from datetime import date, datetime, time

import numpy as np
import polars as pl
import pytest

from thetastar.data import Column, Kind, row_hashes, with_value


def column(name: str, kind: Kind, *, used: bool = True) -> Column:
    return Column(name, kind, used, "asked", 0, 2, "1", False)


X = column("x", Kind.number)
GOLDEN = [17110732212753174453, 17862628645719351893]
GOLDEN_WITH_VALUE = [11563159065164048894, 16182410818555687582]


def same(one: pl.Series, other: pl.Series, kind: Kind) -> bool:
    columns = [column("x", kind)]
    first, second = (row_hashes(series.alias("x").to_frame(), columns) for series in (one, other))
    assert len(np.unique(first)) == len(first)
    return bool((first == second).all())


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Kind.number, pl.Series([42, 7]), pl.Series([42.0, 7.0])),
        (Kind.number, pl.Series([42, 7]), pl.Series(["42.0", " 7"])),
        (Kind.number, pl.Series([0.1, 2 / 3]), pl.Series([0.1, 2 / 3], dtype=pl.Float32)),
        (Kind.number, pl.Series([0.0, 1.0]), pl.Series([-0.0, 1.0])),
        (Kind.number, pl.Series([None, 1.0]), pl.Series([float("nan"), 1.0])),
        (Kind.number, pl.Series([float("inf"), 1.0]), pl.Series(["wide", "1"])),
        (Kind.category, pl.Series(["b", None, "a"]), pl.Series(["b", None, "a"], dtype=pl.Categorical)),
        (Kind.category, pl.Series(["b", "a"]), pl.Series(["b", "a"], dtype=pl.Enum(["a", "b"]))),
        (Kind.category, pl.Series([1, 2]), pl.Series(["1", "2.0"])),
        (Kind.category, pl.Series(["a ", ""]), pl.Series(["a", None])),
        (Kind.boolean, pl.Series([True, False]), pl.Series(["TRUE", "false"])),
        (Kind.date, pl.Series([date(2020, 1, 2)]), pl.Series(["2020-01-02"])),
        (Kind.time, pl.Series([time(10, 30), time(23, 5)]), pl.Series(["10:30", "23:05:00"])),
        (Kind.date, pl.Series([datetime(2020, 1, 2, 6, 30)]), pl.Series([18_263 + 6.5 / 24])),
    ],
)
def test_a_value_counts_however_it_is_written(kind: Kind, one: pl.Series, other: pl.Series) -> None:
    assert same(one, other, kind)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Kind.number, pl.Series([42]), pl.Series([43])),
        (Kind.number, pl.Series([0.0]), pl.Series([None], dtype=pl.Float64)),
        (Kind.category, pl.Series(["a"]), pl.Series(["A"])),
        (Kind.category, pl.Series(["a"]), pl.Series([None], dtype=pl.String)),
        (Kind.date, pl.Series([datetime(2020, 1, 2, 6, 30)]), pl.Series([datetime(2020, 1, 2, 6, 31)])),
    ],
)
def test_other_values_have_other_numbers(kind: Kind, one: pl.Series, other: pl.Series) -> None:
    assert not same(one, other, kind)


def test_numbers_stay_the_same_from_version_to_version() -> None:
    """Written down once: what is saved with a function has to be found again years later."""
    table = pl.DataFrame({"x": [1.5, None], "town": ["Köln", None]})
    hashes = row_hashes(table, [X, column("town", Kind.category)])
    assert hashes.tolist() == GOLDEN
    assert with_value(hashes, np.array([3, -1])).tolist() == GOLDEN_WITH_VALUE


def test_only_used_columns_count_in_any_order() -> None:
    columns = [X, column("y", Kind.number), column("id", Kind.identifier, used=False)]
    table = pl.DataFrame({"x": [1, 2], "y": [2, 1], "id": [1, 2]})
    hashes = row_hashes(table, columns)
    assert hashes[0] != hashes[1]
    assert row_hashes(table.select("y", "x"), columns).tolist() == hashes.tolist()
    assert row_hashes(table[::-1], columns).tolist() == hashes[::-1].tolist()


def test_many_rows_have_the_numbers_that_they_have_alone() -> None:
    random = np.random.default_rng(0)
    rows = 70_000  # more than a block
    table = pl.DataFrame({"x": random.normal(size=rows), "t": random.choice(["a", "b", "c"], rows)})
    hashes = row_hashes(table, [X, column("t", Kind.category)])
    some = [0, 65_535, 65_536, rows - 1]
    assert hashes[some].tolist() == row_hashes(table[some], [X, column("t", Kind.category)]).tolist()
    counts = np.bincount((hashes >> np.uint64(60)).astype(int), minlength=16)
    assert np.abs(counts - rows / 16).max() < 5 * np.sqrt(rows / 16)  # so that the smallest are a fair sample
