"""Networks are judged at a stop that their own validation rows didn't choose."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
import torch

from thetastar.fitting import Recipe, fit
from thetastar.fitting.scores import Scores, stopped_by_others

QUICK = Recipe(rungs=("constant", "hidden"), width=32, epochs=40, learning_rates=(3e-3, 1e-2))


def chosen(losses: list[list[float]]) -> list[float]:
    zeros = torch.zeros(len(losses))
    return stopped_by_others(Scores(zeros, zeros, zeros, zeros), losses).validation.tolist()


def test_each_fold_is_scored_at_the_look_that_the_others_choose() -> None:
    losses = [[3.0, 0.5, 2.0], [3.0, 2.0, 1.0], [3.0, 2.5, 1.5]]  # their own best: 0.5, 1.0, 1.5
    assert chosen(losses) == [2.0, 2.0, 2.5]


def test_a_member_that_left_counts_with_its_last_finite_loss() -> None:
    assert chosen([[3.0, 2.0, math.nan], [3.0, 2.5, 1.0]]) == [2.0, 2.5]
    assert chosen([[3.0, 2.0], [3.0, 2.5, 1.0]]) == [2.0, 2.5]


def test_the_error_in_the_unit_belongs_to_the_same_look_as_a_squared_loss() -> None:
    zeros, looks = torch.zeros(2), [[4.0, 1.0, 2.25], [4.0, 9.0, 2.5]]  # each takes the look that the other chose
    scores = stopped_by_others(Scores(zeros, zeros, zeros, zeros), looks, deviations=[10.0, 2.0])
    assert scores.validation_error.tolist() == [15.0, 6.0]
    assert stopped_by_others(Scores(zeros, zeros, zeros, zeros), looks).validation_error.tolist() == [0.0, 0.0]


@pytest.mark.slow
def test_networks_find_nothing_in_noise() -> None:
    """Judged at their own luckiest looks, they were kept in nearly half of such tables."""
    kept = []
    for seed in range(16):
        stream = np.random.default_rng(seed)
        table = pl.DataFrame(stream.standard_normal((150, 4)), schema=list("abcd"))
        noise = pl.Series("y", stream.standard_normal(150))
        kept.append(fit(table, noise, recipe=QUICK, budget=60, seed=seed).record.choice.rung)
    assert kept.count("constant") >= 13
