"""Splitting any part of the rows again, and what was not yet known when a prediction was due."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from thetastar.errors import UserError
from thetastar.fitting.splitter import Splitter

ROWS = 60


def later(horizon: int, *, folds: int = 3, how: str = "time") -> Splitter:
    times = pl.Series(np.arange(float(ROWS)))
    return Splitter(how, folds, np.arange(ROWS), None, times, 0, known=times - horizon)


@pytest.mark.parametrize("horizon", [1, 2, 5])
def test_no_training_target_is_later_than_what_the_first_judging_row_knows(horizon: int) -> None:
    for fold in later(horizon).split():
        assert fold.train.max() == fold.validation.min() - horizon


def test_one_step_ahead_loses_no_row() -> None:
    plain = Splitter("time", 3, np.arange(ROWS), None, pl.Series(np.arange(ROWS)), 0)
    for ours, theirs in zip(later(1).split(), plain.split(), strict=True):
        assert ours.train.tolist() == theirs.train.tolist()
        assert ours.validation.tolist() == theirs.validation.tolist()


def test_part_of_the_rows_is_purged_as_well() -> None:
    rows = np.arange(10, 50)
    for fold in later(3).split(rows):
        assert set(fold.train) | set(fold.validation) <= set(rows.tolist())
        assert fold.train.max() <= fold.validation.min() - 3


def test_other_splits_are_left_as_they_are() -> None:
    assert sum(len(fold.train) for fold in later(5, how="random").split()) == 2 * ROWS


def test_nothing_left_to_train_on_is_refused() -> None:
    with pytest.raises(UserError, match="fewer folds, or for a shorter horizon"):
        later(20).split()
