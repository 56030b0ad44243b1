"""R16: validation. Rows that belong together stay together, and the fit finds out by itself that they do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from thetastar.data import Fold, read, split
from thetastar.fitting import Fit, Question, Recipe, fit

Floats = npt.NDArray[np.float64]
TARGET = "tested_positive_3"  # of the third day: the header's names repeat from day to day
RANDOM, LAST_DAYS = 0.950, 1.071
STATES, LAST = 40, 14  # of about 67 days per state
LEAST_SQUARES = Recipe(rungs=("constant", "linear"))


@pytest.fixture(scope="module")
def covid(shared_data: Path) -> pl.DataFrame:
    return read(shared_data / "covid.train.csv")


@pytest.fixture(scope="module")
def found(covid: pl.DataFrame) -> Fit:
    return fit(Question(covid.drop(TARGET), covid[TARGET]), recipe=LEAST_SQUARES, budget=60.0)


def least_squares(covid: pl.DataFrame, folds: Sequence[Fold]) -> float:
    """Return the mean over folds of the root mean squared error of a line."""
    x = np.c_[np.ones(covid.height), covid.drop("id", TARGET).to_numpy()]
    y = covid[TARGET].to_numpy()
    errors = []
    for fold in folds:
        theta, *_ = np.linalg.lstsq(x[fold.train], y[fold.train], rcond=None)
        errors.append(np.sqrt(np.mean((y[fold.validation] - x[fold.validation] @ theta) ** 2)))
    return float(np.mean(errors))


def last_days(covid: pl.DataFrame) -> Fold:
    """Return a fold that validates on the last days of every state; each state's rows are in order of time."""
    state = covid.select(covid.columns[1 : STATES + 1]).to_numpy().argmax(1)
    left = np.array([np.count_nonzero(state[row:] == state[row]) for row in range(len(state))])
    return Fold(np.flatnonzero(left > LAST), np.flatnonzero(left <= LAST))


def test_random_folds_promise_more_than_the_last_days_keep(covid: pl.DataFrame) -> None:
    assert least_squares(covid, split(covid.height)) == pytest.approx(RANDOM, abs=0.01)
    assert least_squares(covid, [last_days(covid)]) == pytest.approx(LAST_DAYS, abs=0.0005)


def test_the_fit_finds_by_itself_that_the_rows_are_not_independent(found: Fit) -> None:
    checked = found.record.independence
    assert checked is not None
    assert (checked.decision, checked.rung) == ("dependent", "linear")
    assert checked.random_error == pytest.approx(RANDOM, abs=0.01)
    assert checked.blocked_error > LAST_DAYS
    assert found.record.split == "blocked"


def test_the_score_that_is_reported_is_the_honest_one(covid: pl.DataFrame, found: Fit) -> None:
    reported = float(np.mean(found.record.ladder[1].validation_error))
    assert reported == pytest.approx(least_squares(covid, split(covid.height, how="blocked")), abs=0.08)
    assert reported > 1.0
