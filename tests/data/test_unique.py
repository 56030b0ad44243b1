from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thetastar.data import check_weights, content_numbers, merge_identical_rows
from thetastar.errors import DataError

NUMBERS = st.sampled_from([None, float("nan"), 0.0, -0.0, 1.5, -2.0])
ROW = st.tuples(
    NUMBERS,
    st.sampled_from([None, "a", "b", "ab"]),
    st.sampled_from([None, True, False]),
    st.sampled_from([1.0, 2.0]),
    st.integers(0, 3),
)


def table_of(rows: list[tuple[Any, ...]]) -> tuple[pl.DataFrame, Any, Any]:
    number, text, boolean, y, weight = zip(*rows, strict=True)
    table = pl.DataFrame(
        {
            "number": pl.Series(number, dtype=pl.Float64),
            "text": pl.Series(text, dtype=pl.String),
            "kind": pl.Series(text, dtype=pl.Categorical),
            "boolean": pl.Series(boolean, dtype=pl.Boolean),
        }
    )
    return table, np.array(y), np.array(weight, dtype=np.float64)


def content(merged: tuple[pl.DataFrame, Any, Any]) -> list[tuple[Any, ...]]:
    """Return the merged rows as comparable values: NaN as null, −0.0 as 0.0."""
    table, y, weights = merged
    number = table["number"].fill_nan(None) + 0
    columns = [number.to_list(), *(table[name].to_list() for name in ("text", "kind", "boolean"))]
    return list(zip(*columns, y.tolist(), weights.tolist(), strict=True))


@given(st.lists(ROW, min_size=1, max_size=30), st.randoms())
def test_order_and_repetition_do_not_matter(rows: list[tuple[Any, ...]], random: Any) -> None:
    if not any(row[-1] for row in rows):
        return
    expected = content(merge_identical_rows(*table_of(rows)))
    assert len({row[:-1] for row in expected}) == len(expected)
    assert sum(row[-1] for row in expected) == sum(row[-1] for row in rows)
    shuffled = random.sample(rows, len(rows))
    assert content(merge_identical_rows(*table_of(shuffled))) == expected
    repeated = [(*row[:-1], 1) for row in rows for _ in range(row[-1])]
    table, y, _ = table_of(repeated)
    assert content(merge_identical_rows(table, y, None)) == expected


def test_sums_of_weights_do_not_depend_on_the_order() -> None:
    random = np.random.default_rng(0)
    weights = random.random(3000)
    table, y = pl.DataFrame({"x": np.arange(3000) % 3}), np.zeros(3000)
    order = random.permutation(3000)
    _, _, one = merge_identical_rows(table, y, weights)
    _, _, other = merge_identical_rows(table[order], y, weights[order])
    assert one.tolist() == other.tolist()


def test_columns_may_have_any_names() -> None:
    table = pl.DataFrame({"y": [1, 1], "weight": [2, 2], "row": [3, 3], "0": [4, 4]})
    merged, y, weights = merge_identical_rows(table, np.array([5, 5]), None)
    assert (merged.row(0), y.tolist(), y.dtype, weights.tolist()) == ((1, 2, 3, 4), [5], np.int64, [2.0])


def test_different_targets_stay_apart() -> None:
    table, y, _ = merge_identical_rows(pl.DataFrame({"x": [1, 1]}), np.array([2.0, 1.0]), None)
    assert (table.height, y.tolist()) == (2, [1.0, 2.0])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones(2), r"shape \(2,\), one for each of 3"),
        (np.array([1.0, -1.0, 1.0]), "weight -1.0 in row 2"),
        (np.array([1.0, 1.0, np.nan]), "weight nan in row 3"),
        (np.zeros(3), "all 3 weights are zero"),
    ],
)
def test_unusable_weights_are_refused(weights: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        check_weights(weights, 3)


def test_lengths_must_agree() -> None:
    with pytest.raises(DataError, match="the target has 2 values, the table has 1 rows"):
        merge_identical_rows(pl.DataFrame({"x": [1]}), np.zeros(2), None)


def test_numbers_of_rows_tell_their_content_and_nothing_else() -> None:
    table = pl.DataFrame(
        {"x": [0.0, -0.0, 1.0, None, float("nan"), 1.0], "t": ["a", "a", "b", None, None, "a"], "k": [1, 1, 1, 2, 2, 1]}
    )
    numbers = content_numbers(table)
    assert numbers[0] == numbers[1]
    assert numbers[3] == numbers[4]
    assert len(set(numbers.tolist())) == 4
    assert np.array_equal(content_numbers(table[::-1]), numbers[::-1])


def test_columns_that_change_places_change_a_rows_number() -> None:
    table = pl.DataFrame({"a": [1.0, 2.0], "b": [2.0, 1.0]})
    first, second = content_numbers(table)
    assert first != second
