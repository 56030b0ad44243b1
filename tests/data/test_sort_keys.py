from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thetastar.data.sort_keys import Sortable, sort_keys, within_keys

Ranks = npt.NDArray[np.int64]
ROWS = 300


def drawn(seed: int = 0, *, values: int = 10, rows: int = ROWS) -> Ranks:
    return np.random.default_rng(seed).integers(0, values, rows)


def columns(**ranks: Ranks) -> dict[str, Sortable]:
    return {name: Sortable(values, ordered=name != "town") for name, values in ranks.items()}


def test_rows_in_random_order_have_no_keys() -> None:
    assert sort_keys(columns(a=drawn(0), b=drawn(1), town=drawn(2))) == ()
    assert sort_keys({}) == ()


@pytest.mark.parametrize("keys", [("a",), ("town", "a"), ("b", "town", "a"), ("a", "b")])
def test_the_keys_of_a_sort_are_found_outermost_first(keys: tuple[str, ...]) -> None:
    table = {"a": drawn(0, values=4), "b": drawn(1, values=4), "town": drawn(2, values=4), "c": drawn(3)}
    order = np.lexsort([table[key] for key in reversed(keys)])
    assert sort_keys(columns(**{name: values[order] for name, values in table.items()})) == keys


def test_a_descending_sort_and_several_sorted_tables_in_one_count() -> None:
    assert sort_keys(columns(a=np.sort(drawn())[::-1])) == ("a",)
    assert sort_keys(columns(a=np.concatenate([np.sort(drawn(seed)) for seed in range(5)]))) == ("a",)


def test_equal_values_together_in_no_order_count() -> None:
    ranks = np.repeat(np.random.default_rng(0).permutation(20), 15)
    assert sort_keys(columns(town=ranks)) == ("town",)


def test_a_smooth_series_is_not_sorted() -> None:
    walk = np.random.default_rng(0).normal(size=ROWS).cumsum()
    assert sort_keys(columns(a=np.unique(walk, return_inverse=True)[1])) == ()


def test_strays_are_as_few_as_asked_for() -> None:
    ranks = np.concatenate([np.sort(drawn(seed)) for seed in range(2)])
    assert sort_keys({"a": Sortable(ranks, ordered=True, stray=0.02)}) == ("a",)
    once = np.concatenate([np.arange(ROWS), np.arange(ROWS)])
    assert sort_keys({"a": Sortable(once, ordered=True, stray=0.0)}) == ()


@given(st.lists(st.integers(0, 3), min_size=2, max_size=40), st.integers(1, 8), st.booleans())
def test_stretches_are_short_and_lie_within_the_outer_keys(ranks: list[int], size: int, ties: bool) -> None:
    outer, inner = np.array(ranks), np.arange(len(ranks)) % 3
    stretches, places = within_keys(columns(town=outer, a=inner), ("town", "a"), size=size, ties=ties)
    assert np.bincount(stretches).max() <= size
    for stretch in np.unique(stretches):
        assert len(set(outer[stretches == stretch])) == 1
    cells = outer * 3 + inner
    assert (places[:, None] == places).tolist() == (cells[:, None] == cells).tolist()
    assert ((places[:, None] < places) == (cells[:, None] < cells)).all()


def test_ties_may_have_a_stretch_for_themselves() -> None:
    table = columns(a=np.array([0, 1, 2, 2, 3, 4]))
    together, _ = within_keys(table, ("a",), size=6, ties=False)
    apart, _ = within_keys(table, ("a",), size=6, ties=True)
    assert together.tolist() == [0] * 6
    assert apart.tolist() == [0, 0, 1, 1, 2, 2]


def test_without_keys_stretches_follow_the_rows() -> None:
    stretches, _ = within_keys(columns(a=drawn(rows=5)), (), size=2, ties=False)
    assert stretches.tolist() == [0, 0, 1, 1, 2]
