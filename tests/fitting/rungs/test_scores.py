"""Networks are judged at a stop and a temperature that their own validation rows didn't choose."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
import torch

from thetastar.descent import MemberCurve
from thetastar.fitting import Question, Recipe, fit
from thetastar.fitting.rungs.scores import Scores, agreed_stops, agreed_temperature, stopped_by_others

QUICK = Recipe(rungs=("constant", "hidden"), width=32, epochs=40, learning_rates=(3e-3, 1e-2))


def curve(losses: list[list[float]], errors: list[float] | None = None) -> MemberCurve:
    """Return what a member recorded that was judged at every look and temperature."""
    looks = tuple(range(len(losses)))
    tempered = tuple(tuple(look) for look in losses)
    lowest = tuple(min(look) for look in tempered)
    return MemberCurve(torch.zeros(1), torch.zeros(1), looks, lowest, tempered, tuple(errors or lowest), 0, "finished")


def judged(curves: list[MemberCurve], *, deviations: list[float] | None = None) -> Scores:
    zeros = torch.zeros(len(curves))
    before, stops = Scores(zeros, zeros, zeros, zeros), agreed_stops(curves)
    return stopped_by_others(before, stops, deviations=deviations or [1.0] * len(curves))


def chosen(losses: list[list[float]]) -> list[float]:
    return judged([curve([[look] for look in fold]) for fold in losses]).validation.tolist()


def test_each_fold_is_scored_at_the_look_that_the_others_choose() -> None:
    losses = [[3.0, 0.5, 2.0], [3.0, 2.0, 1.0], [3.0, 2.5, 1.5]]  # their own best: 0.5, 1.0, 1.5
    assert chosen(losses) == [2.0, 2.0, 2.5]


def test_each_fold_is_scored_at_the_temperature_that_the_others_choose() -> None:
    first, second = curve([[3.0, 3.0], [2.0, 0.5]]), curve([[3.0, 2.5], [0.7, 0.9]])
    assert judged([first, second]).validation.tolist() == [2.0, pytest.approx(0.9)]
    assert agreed_temperature([first, second]) == 1  # 2.7 at temperature 0, 1.4 at temperature 1
    assert agreed_temperature([first, curve([[3.0, 2.5], [0.1, 1.9]])]) == 0


def test_a_member_that_left_counts_with_its_last_finite_loss() -> None:
    assert chosen([[3.0, 2.0, math.nan], [3.0, 2.5, 1.0]]) == [2.0, 2.5]
    assert chosen([[3.0, 2.0], [3.0, 2.5, 1.0]]) == [2.0, 2.5]


def test_a_look_without_a_finite_loss_counts_as_the_one_before_and_moves_no_other() -> None:
    assert chosen([[3.0, math.nan, 1.0], [3.0, 2.5, 2.0]]) == [1.0, 2.0]
    assert chosen([[math.nan, 2.0], [3.0, 2.5]]) == [2.0, 2.5], "a first one is the highest"


def test_the_look_is_one_of_the_members_own() -> None:
    curves = [
        curve([[3.0], [2.0], [math.nan]]),
        curve([[3.0], [2.5], [2.0], [1.0]]),
        curve([[3.0], [2.9], [0.5], [2.0]]),
    ]
    assert agreed_stops(curves).looks == (1, 2, 3)  # the first had left by then
    only = agreed_stops(curves, every=2)
    assert (only.looks, only.losses.tolist()) == ((0, 1, 1), [3.0, 2.0, 0.5])


def test_a_fold_that_never_had_a_finite_loss_is_lost() -> None:
    assert chosen([[math.nan, math.nan], [3.0, 2.5]]) == [math.inf, 3.0]


def test_the_error_belongs_to_the_same_look_and_is_in_the_unit() -> None:
    first = curve([[4.0], [1.0], [2.25]], errors=[2.0, 1.0, 1.5])  # each takes the look that the other chose
    second = curve([[4.0], [9.0], [2.5]], errors=[2.0, 3.0, 1.6])
    assert judged([first, second], deviations=[10.0, 2.0]).validation_error.tolist() == [15.0, 6.0]


@pytest.mark.slow
def test_networks_find_nothing_in_noise() -> None:
    """Judged at their own luckiest looks, they were kept in nearly half of such tables."""
    kept = []
    for seed in range(16):
        stream = np.random.default_rng(seed)
        table = pl.DataFrame(stream.standard_normal((150, 4)), schema=list("abcd"))
        noise = pl.Series("y", stream.standard_normal(150))
        kept.append(fit(Question(table, noise), recipe=QUICK, budget=60, seed=seed).record.choice.rung)
    assert kept.count("constant") >= 13


@pytest.mark.slow
def test_networks_find_nothing_in_coin_flips() -> None:
    """Neither may a temperature make a network seem better than the constant."""
    kept = []
    for seed in range(16):
        stream = np.random.default_rng(seed)
        table = pl.DataFrame(stream.standard_normal((150, 4)), schema=list("abcd"))
        coins = pl.Series("y", stream.choice(["heads", "tails"], 150))
        kept.append(fit(Question(table, coins), recipe=QUICK, budget=60, seed=seed).record.choice.rung)
    assert kept.count("constant") >= 13
