from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thetastar.data import holdout
from thetastar.errors import UserError


@pytest.mark.parametrize("how", ["random", "stratified", "time", "group", "blocked"])
def test_the_share_is_kept_and_the_parts_are_disjoint(how: str) -> None:
    labels = np.arange(200) % 4
    fold = holdout(200, share=0.25, how=how, y=labels, groups=np.arange(200) // 5)
    assert len(fold.validation) == 50
    assert sorted([*fold.train, *fold.validation]) == list(range(200))


def test_known_parts() -> None:
    assert holdout(10, share=0.3, how="blocked").validation.tolist() == [7, 8, 9]
    assert holdout(4, share=0.5, how="blocked", times=[3, 2, 1, 0]).validation.tolist() == [0, 1]
    assert holdout(6, share=0.4, how="time", times=[0, 0, 1, 1, 1, 2]).validation.tolist() == [5]  # ties stay together
    assert len(holdout(3, share=0.01).validation) == len(holdout(3, share=0.99).train) == 1


@given(st.lists(st.integers(0, 5), min_size=4, max_size=60), st.floats(0.05, 0.95))
def test_every_class_stays_in_training(labels: list[int], share: float) -> None:
    y = np.array(labels)
    if np.bincount(y).max() == 1:
        return
    try:
        fold = holdout(len(y), share=share, how="stratified", y=y)
    except UserError:
        assert len(y) - len(set(labels)) <= 5  # nothing but one row of a class could have been held out
        return
    assert set(y[fold.train]) == set(y)


def test_whole_groups_are_held_out() -> None:
    groups = np.repeat(np.arange(8), 5)
    fold = holdout(40, how="group", groups=groups, seed=1)
    assert not set(groups[fold.train]) & set(groups[fold.validation])
    with pytest.raises(UserError, match="belong to one group"):
        holdout(5, how="group", groups=[1] * 5)


def test_impossible_shares_are_refused() -> None:
    with pytest.raises(UserError, match="between 0 and 1"):
        holdout(10, share=1.0)
    with pytest.raises(UserError, match="one part empty"):
        holdout(3, how="time", times=[1, 1, 1])
    with pytest.raises(UserError, match="one part empty"):
        holdout(3, how="stratified", y=["a", "b", "c"])
