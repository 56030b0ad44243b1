"""Values that a function can't read are counted by column; values that it can read are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from thetastar.data import read
from thetastar.fitting import FoundFunction, Question, Recipe, fit
from thetastar.fitting.new_rows.unfamiliar import absent_columns, look_at, unfamiliar_frame
from thetastar.fitting.saving.saved import load_saved, save

TABLE = read(
    pl.DataFrame(
        {
            "size": [float(i % 17) for i in range(60)],
            "town": [("Ulm", "Bonn", "Kiel")[i % 3] for i in range(60)],
            "new": [("yes", "no")[i % 2] for i in range(60)],
            "sold": [f"2020-01-{1 + i % 28:02d}" for i in range(60)],
            "id": [f"house {i}" for i in range(60)],
        }
    )
)


@pytest.fixture(scope="module")
def function() -> FoundFunction:
    return fit(Question(TABLE, TABLE["size"].alias("price")), recipe=Recipe(rungs=("linear",)), budget=20).function


def found(function: FoundFunction, table: pl.DataFrame) -> list[tuple[str, str, int, int, str]]:
    return [(one.column.name, one.code, one.rows, one.first, one.example) for one in look_at(function, table).found]


def test_rows_like_the_first_ones_are_familiar(function: FoundFunction) -> None:
    assert found(function, TABLE) == []
    assert found(function, TABLE.clear()) == []
    others = [3, 1, 4, 0, 2]
    assert found(function, TABLE[:, others]) == []


def test_what_cannot_be_read_is_counted(function: FoundFunction) -> None:
    new = pl.DataFrame(
        {
            "size": ["3", "wide", "7e1", None],
            "town": ["Ulm", " Bonn ", "Rome", "Oslo"],
            "new": ["YES", "maybe", "no", ""],
            "sold": ["2020-01-05", "2020-01-06 10:30", "in May", None],
            "id": ["a", "b", "c", "d"],
        }
    )
    assert found(function, new) == [
        ("size", "unreadable", 1, 2, "wide"),
        ("size", "far", 1, 3, "7e1"),
        ("size", "missing", 1, 4, ""),
        ("town", "category", 2, 3, "Rome"),
        ("new", "unreadable", 1, 2, "maybe"),
        ("new", "missing", 1, 4, ""),
        ("sold", "unreadable", 1, 3, "in May"),
        ("sold", "missing", 1, 4, ""),
    ]


@pytest.mark.parametrize("column", ["size", "town", "new", "sold"])
def test_a_missing_value_is_new_only_where_none_was_missing(function: FoundFunction, column: str) -> None:
    gap = TABLE.head(3).with_columns(pl.when(pl.int_range(3) != 1).then(column).alias(column))
    assert found(function, gap) == [(column, "missing", 1, 2, "")]
    holed = TABLE.with_columns(pl.when(pl.int_range(60) % 7 != 1).then(column).alias(column))
    used_to = fit(Question(holed, TABLE["size"].alias("price")), recipe=Recipe(rungs=("linear",)), budget=20).function
    assert found(used_to, gap) == []


def test_infinite_and_far_values_are_counted(function: FoundFunction) -> None:
    sizes = [16.0, 17.5, 17.7, -1.5, -1.7, float("inf"), float("-inf"), 1e300]  # trained on 0 to 16, a tenth is 1.6
    new = TABLE.head(8).with_columns(size=pl.Series(sizes), sold=pl.Series([*["2020-01-30"] * 7, "2020-01-31"]))
    assert found(function, new) == [
        ("size", "infinite", 2, 6, "inf"),
        ("size", "far", 3, 3, "17.7"),
        ("sold", "far", 1, 8, "2020-01-31"),
    ]
    assert np.isfinite(function.predict(new)).all()
    spans = {one.column.name: one.span for one in look_at(function, new).found}
    assert spans["size"] == (0.0, 16.0)


def test_rows_are_counted_once_whatever_is_unfamiliar_in_them(function: FoundFunction) -> None:
    odd = pl.Series(["Rome", "Ulm", "Rome", "Ulm"])
    new = TABLE.head(4).with_columns(town=odd, size=pl.Series([1e9, 1.0, 1.0, 1e9]), extra=pl.lit(1))
    seen = look_at(function, new)
    assert (seen.rows, seen.affected, seen.not_read) == (4, 3, ("extra",))
    assert unfamiliar_frame(seen).rows() == [("size", "far", 2, 1, "1000000000.0"), ("town", "category", 2, 1, "Rome")]


def test_a_range_is_that_of_all_members_rows() -> None:
    """Each fold's members have seen other rows; what any of them was trained on is not far."""
    table = pl.DataFrame({"x": [float(i) for i in range(50)]})
    function = fit(Question(table, table["x"].alias("y")), recipe=Recipe(rungs=("constant",)), budget=20).function
    assert found(function, table) == []
    assert look_at(function, pl.DataFrame({"x": [99.0]})).found[0].span == (0.0, 49.0)


@pytest.mark.parametrize(("labels", "told"), [(100, [("code", "category", 1, 2, "new")]), (6_000, [])])
def test_unseen_categories_are_told_from_rare_ones_while_these_can_be_remembered(
    labels: int, told: list[tuple[str, str, int, int, str]]
) -> None:
    codes = [f"c{i % labels}" for i in range(3 * labels)]
    y = pl.Series("y", [float(i % 10) for i in range(3 * labels)])
    recipe = Recipe(rungs=("constant",), folds=2)
    function = fit(
        Question(pl.DataFrame({"code": codes}), y, kinds={"code": "category"}), recipe=recipe, budget=60
    ).function
    assert found(function, pl.DataFrame({"code": ["c99", "new"]})) == told


def test_what_is_remembered_is_saved(function: FoundFunction, tmp_path: Path) -> None:
    same, _ = load_saved(save(function, tmp_path / "f.theta"))
    new = TABLE.head(1).with_columns(size=pl.lit(99.0), town=pl.lit("Rome"))
    assert look_at(same, new) == look_at(function, new)


def test_only_columns_that_are_read_are_missed(function: FoundFunction) -> None:
    assert absent_columns(function, TABLE.select("new", "town")) == ("size", "sold")
