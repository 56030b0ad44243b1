"""Of few rows it is known exactly whether they were there; of many, a fair sample tells their share."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thetastar.data import Column, Kind
from thetastar.fitting import marks
from thetastar.fitting.marks import MOST_MARKS, RowMarks, Sketch, joined, marks_of, sketch

X = [Column("x", Kind.number, True, "numeric", 0, 2, "1", False)]


def hashes_of(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.uint64)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1), st.lists(st.integers(0, 2**64 - 1)))
def test_few_hashes_are_a_set(there: list[int], asked: list[int]) -> None:
    found = sketch(hashes_of(*there))
    assert found.holds(hashes_of(*asked, *there)).tolist() == [one in there for one in (*asked, *there)]
    assert found.decides(hashes_of(*asked)).all()


@given(st.lists(st.integers(0, 99), min_size=1), st.lists(st.integers(0, 99)), st.integers(1, 20))
def test_of_many_the_smallest_are_decided_rightly(there: list[int], asked: list[int], most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(marks, "MOST_MARKS", most)
        found = sketch(hashes_of(*there))
        decided = found.decides(hashes_of(*asked))
        holds = found.holds(hashes_of(*asked))
    assert len(found.kept) <= most
    limit = sorted(set(there))[: most + 1]
    assert decided.tolist() == [len(limit) <= most or one <= limit[-2] for one in asked]
    assert [one in there for one, known in zip(asked, decided, strict=True) if known] == holds[decided].tolist()


def test_the_share_of_many_rows_is_known_within_its_standard_error() -> None:
    """400,000 distinct rows, of which one in twenty is kept; a third of the asked ones were there."""
    random = np.random.default_rng(0)
    there = random.normal(size=400_000)
    found = marks_of(pl.DataFrame({"x": there}), X, np.zeros(len(there)))
    assert len(found.inputs.kept) == MOST_MARKS
    shares = []
    for start in range(0, 40_000, 4_000):
        asked = np.concatenate([there[start : start + 4_000], random.normal(size=8_000)])
        hashes = marks.row_hashes(pl.DataFrame({"x": asked}), X)
        decided = found.inputs.decides(hashes)
        share, rows = found.inputs.holds(hashes)[decided].mean(), decided.sum()
        assert rows == pytest.approx(12_000 * MOST_MARKS / 400_000, rel=0.2)
        shares.append((share - 1 / 3) / np.sqrt(2 / 9 / rows))
    assert np.abs(shares).max() < 3.5
    assert np.square(shares).mean() < 2.5  # the 99.5th percentile of χ²/10


def test_repeated_inputs_are_counted_by_row() -> None:
    table = pl.DataFrame({"x": [1.0, 1.0, 1.0, 2.0, 3.0, 3.0]})
    found = marks_of(table, X, np.array([0, 0, 1, 0, 0, 1]))
    assert (found.inputs.distinct, found.rows.distinct, found.repeated) == (3, 5, pytest.approx(5 / 6))


def test_a_new_row_repeats_inputs_as_often_as_the_rows_repeat_each_other() -> None:
    """Good's estimate, on rows with three columns of few values."""
    random = np.random.default_rng(1)
    columns = [Column(name, Kind.number, True, "numeric", 0, 2, "1", False) for name in "abc"]

    def rows(count: int) -> pl.DataFrame:
        return pl.DataFrame({name: random.geometric(0.1, count) for name in "abc"})

    found = marks_of(rows(3_000), columns, np.zeros(3_000))
    seen = found.inputs.holds(marks.row_hashes(rows(3_000), columns)).mean()
    assert 0.1 < seen < 0.9
    assert found.repeated == pytest.approx(seen, abs=0.03)


@given(st.lists(st.integers(0, 99), min_size=1), st.lists(st.integers(0, 99), min_size=1))
def test_lots_joined_are_one_lot(first: list[int], second: list[int]) -> None:
    def of(values: list[int]) -> RowMarks:
        return marks_of(pl.DataFrame({"x": values}, schema={"x": pl.Float64}), X, np.zeros(len(values)))

    together, apart = of(first + second), joined(of(first), of(second))
    assert apart.inputs.kept.tolist() == together.inputs.kept.tolist()
    assert apart.rows.distinct == together.rows.distinct
    assert apart.repeated == max(of(first).repeated, of(second).repeated)


def test_of_lots_too_large_to_be_kept_the_number_is_estimated() -> None:
    random = np.random.default_rng(0)

    def lot(count: int) -> RowMarks:
        return marks_of(pl.DataFrame({"x": random.normal(size=count)}), X, np.zeros(count))

    lots = joined(joined(lot(30_000), lot(50_000)), lot(200))
    assert len(lots.inputs.kept) == MOST_MARKS
    assert lots.inputs.distinct == pytest.approx(80_200, rel=0.03)  # four standard errors: 1/√20,000 each


@pytest.mark.parametrize(
    ("kept", "distinct"),
    [((2, 1), 2), ((1, 1), 2), ((1, 2), 3), ((1, 2), 1), ((), 0), ((1,), -1)],
    ids=str,
)
def test_what_is_no_sketch_is_refused(kept: tuple[int, ...], distinct: int) -> None:
    with pytest.raises(ValueError, match="distinct rows need"):
        Sketch(hashes_of(*kept), distinct)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        RowMarks(sketch(hashes_of(1)), sketch(hashes_of(1)), share)
