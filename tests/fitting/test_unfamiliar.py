"""Values that a function can't read are counted by column; values that it can read are not."""

from __future__ import annotations

import polars as pl
import pytest

from thetastar.fitting import FoundFunction, Recipe, fit
from thetastar.fitting.unfamiliar import absent_columns, unfamiliar

TABLE = pl.DataFrame(
    {
        "size": [float(i % 17) for i in range(60)],
        "town": [("Ulm", "Bonn", "Kiel")[i % 3] for i in range(60)],
        "new": [("yes", "no")[i % 2] for i in range(60)],
        "sold": [f"2020-01-{1 + i % 28:02d}" for i in range(60)],
        "id": [f"house {i}" for i in range(60)],
    }
)


@pytest.fixture(scope="module")
def function() -> FoundFunction:
    return fit(TABLE, TABLE["size"].alias("price"), recipe=Recipe(rungs=("linear",)), budget=20).function


def found(function: FoundFunction, table: pl.DataFrame) -> list[tuple[str, str, int, int, str]]:
    return [(one.column.name, one.code, one.rows, one.first, one.example) for one in unfamiliar(function, table)]


def test_rows_like_the_first_ones_are_familiar(function: FoundFunction) -> None:
    assert found(function, TABLE) == []
    assert found(function, TABLE.clear()) == []
    nothing = TABLE.head(2).with_columns(pl.lit(None, pl.String).alias(name) for name in TABLE.columns)
    assert found(function, nothing) == []


def test_what_cannot_be_read_is_counted(function: FoundFunction) -> None:
    new = pl.DataFrame(
        {
            "size": ["3", "wide", "7e1", None],
            "town": ["Ulm", " Bonn ", "Rome", "Oslo"],
            "new": ["YES", "maybe", "no", ""],
            "sold": ["2021-05-01", "2021-05-01 10:30", "in May", None],
            "id": ["a", "b", "c", "d"],
        }
    )
    assert found(function, new) == [
        ("size", "unreadable", 1, 2, "wide"),
        ("town", "category", 2, 3, "Rome"),
        ("new", "unreadable", 1, 2, "maybe"),
        ("sold", "unreadable", 1, 3, "in May"),
    ]


def test_rare_categories_that_share_an_output_know_no_unseen_one() -> None:
    many = pl.DataFrame({"code": [f"c{i % 100}" for i in range(400)]})
    y = pl.Series("y", [float(i % 100) for i in range(400)])
    function = fit(many, y, kinds={"code": "category"}, recipe=Recipe(rungs=("linear",)), budget=20).function
    assert found(function, pl.DataFrame({"code": ["new"]})) == []


def test_only_columns_that_are_read_are_missed(function: FoundFunction) -> None:
    assert absent_columns(function, TABLE.select("new", "town")) == ("size", "sold")
