from __future__ import annotations

import datetime
import itertools
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thetastar.data import Fold, split
from thetastar.errors import DataError, UserError


def judged(folds: tuple[Fold, ...]) -> list[int]:
    return sorted(np.concatenate([fold.validation for fold in folds]).tolist())


def check_parts(folds: tuple[Fold, ...]) -> None:
    for fold in folds:
        assert fold.train.dtype == fold.validation.dtype == np.int32
        assert not set(fold.train) & set(fold.validation)
        assert (np.diff(fold.train) > 0).all()
        assert (np.diff(fold.validation) > 0).all()
        assert len(fold.train)
        assert len(fold.validation)


@given(st.integers(2, 60), st.integers(2, 10), st.integers(0, 5))
def test_random_folds_judge_each_row_once(rows: int, folds: int, seed: int) -> None:
    if rows < folds:
        with pytest.raises(UserError, match="can't be split into"):
            split(rows, folds=folds)
        return
    parts = split(rows, folds=folds, seed=seed)
    check_parts(parts)
    assert judged(parts) == list(range(rows))
    assert max(len(p.validation) for p in parts) - min(len(p.validation) for p in parts) <= 1


def test_a_seed_repeats_and_another_differs() -> None:
    first, again, other = (split(100, seed=seed)[0].validation.tolist() for seed in (3, 3, 4))
    assert first == again
    assert first != other


@given(st.lists(st.integers(0, 5), min_size=12, max_size=60), st.integers(2, 6))
def test_stratified_training_parts_hold_every_class(labels: list[int], folds: int) -> None:
    y = np.array(labels)
    counts = np.bincount(y)
    if counts[counts > 1].sum() < folds:
        return
    parts = split(len(y), folds=folds, how="stratified", y=y)
    check_parts(parts)
    single = [row for row in range(len(y)) if counts[y[row]] == 1]
    assert judged(parts) == [row for row in range(len(y)) if row not in single]
    for part in parts:
        assert set(y[part.train]) == set(y)
        assert all(
            abs((y[part.validation] == label).sum() - counts[label] / folds) < 1
            for label in set(y)
            if counts[label] > 1
        )


def test_stratified_takes_labels_and_refuses_numbers() -> None:
    y = ["a", "b"] * 10
    assert all(len(part.validation) == 4 for part in split(20, how="stratified", y=y))
    with pytest.raises(UserError, match="need y"):
        split(20, how="stratified")
    with pytest.raises(UserError, match="decimals"):
        split(20, how="stratified", y=np.arange(20) / 3)
    with pytest.raises(UserError, match="2 rows belong to a class"):
        split(5, folds=3, how="stratified", y=[0, 0, 1, 2, 3])
    with pytest.raises(UserError, match="20 were given for 21 rows"):
        split(21, how="stratified", y=y)


@given(st.lists(st.integers(0, 8), min_size=10, max_size=60))
def test_groups_stay_together(groups: list[int]) -> None:
    labels = np.array(groups)
    if len(set(groups)) < 3:
        with pytest.raises(UserError, match=r"group\(s\) can't be split into 3 folds"):
            split(len(groups), folds=3, how="group", groups=labels)
        return
    parts = split(len(groups), folds=3, how="group", groups=[f"g{g}" for g in groups])
    check_parts(parts)
    assert judged(parts) == list(range(len(groups)))
    assert all(not set(labels[part.train]) & set(labels[part.validation]) for part in parts)


def test_a_missing_group_is_named() -> None:
    with pytest.raises(DataError, match=r"missing in 1 row\(s\), first in row 2"):
        split(4, folds=2, how="group", groups=["a", None, "b", "c"])


@given(st.lists(st.integers(0, 20), min_size=10, max_size=60), st.integers(2, 5))
def test_validation_is_later_than_training(times: list[int], folds: int) -> None:
    moments = np.array(times)
    if len(set(times)) < folds + 1:
        with pytest.raises(UserError, match=r"at most \d+ folds are possible"):
            split(len(times), folds=folds, how="time", times=moments)
        return
    parts = split(len(times), folds=folds, how="time", times=moments)
    check_parts(parts)
    for part in parts:
        assert moments[part.train].max() < moments[part.validation].min()
    assert all(set(a.train) < set(b.train) for a, b in itertools.pairwise(parts))
    assert set(parts[-1].train) | set(parts[-1].validation) == set(range(len(times)))


DATES = [datetime.date(2020, 1, 1) + datetime.timedelta(days=i) for i in range(6)]


@pytest.mark.parametrize(
    "times", [DATES, [f"{date:%Y/%m/%d}" for date in DATES], pl.Series(DATES), np.array(DATES, "datetime64[D]"), None]
)
def test_times_of_every_sort(times: Any) -> None:
    parts = split(6, folds=2, how="time", times=times)
    assert [(part.train.tolist(), part.validation.tolist()) for part in parts] == [
        ([0, 1], [2, 3]),
        ([0, 1, 2, 3], [4, 5]),
    ]


def test_a_time_that_is_none_is_named() -> None:
    with pytest.raises(DataError, match="the first is 'soon' in row 2"):
        split(4, folds=2, how="time", times=["2020-01-01", "soon", "2020-01-03", "2020-01-04"])


def test_blocks_are_neighbours_in_time() -> None:
    parts = split(6, folds=3, how="blocked", times=[5, 4, 3, 2, 1, 0])
    check_parts(parts)
    assert [part.validation.tolist() for part in parts] == [[4, 5], [2, 3], [0, 1]]


def test_impossible_splits_are_refused() -> None:
    with pytest.raises(UserError, match="there is no split 'leave one out'; the splits are random"):
        split(10, how="leave one out")
    with pytest.raises(UserError, match="at least 2"):
        split(10, folds=1)
