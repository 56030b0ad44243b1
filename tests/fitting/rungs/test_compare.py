"""The one-standard-error rule and the paired difference on planted losses."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from thetastar.fitting.rungs.compare import fails_to_optimise, lowest_mean, one_standard_error, paired

HARD = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0])  # folds differ far more than candidates do


def around(mean: float, spread: float) -> Tensor:
    return mean + spread * torch.tensor([-1.0, 1.0, 0.0, 1.0, -1.0])


def test_a_paired_difference_is_the_mean_with_its_standard_error() -> None:
    found = paired(torch.tensor([3.0, 5.0, 4.0]), torch.tensor([1.0, 1.0, 1.0]))
    assert found.mean == pytest.approx(3.0)
    assert found.standard_error == pytest.approx(1.0 / math.sqrt(3))
    assert found.above_zero
    assert not found.below_zero


def test_the_simpler_candidate_wins_within_a_standard_error() -> None:
    simple = HARD + around(0.01, 0.1)
    assert one_standard_error([HARD + 3, simple, HARD])[:2] == (1, 2)


def test_the_better_candidate_wins_beyond_a_standard_error() -> None:
    simple = HARD + around(0.1, 0.01)
    position, best, difference = one_standard_error([HARD + 3, simple, HARD])
    assert (position, best, difference.mean) == (2, 2, 0.0)


def test_what_all_folds_find_hard_says_nothing() -> None:
    """By the candidates' own standard errors, .7 each, these could not be told apart."""
    assert one_standard_error([HARD + 0.1, HARD])[0] == 1


def test_of_equal_candidates_the_simplest_is_kept() -> None:
    assert one_standard_error([HARD, HARD, HARD])[:2] == (0, 0)


def test_a_flexible_candidate_that_is_worse_is_not_kept() -> None:
    assert one_standard_error([HARD, HARD + 1])[:2] == (0, 0)


@pytest.mark.parametrize("lost", [math.nan, math.inf])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_candidate_that_diverged_is_never_kept(lost: float, position: int) -> None:
    candidates = [HARD + 2, HARD + 1, HARD]
    candidates[position] = candidates[position].clone()
    candidates[position][3] = lost
    kept, best, difference = one_standard_error(candidates)
    assert kept == best == (1 if position == 2 else 2)
    assert difference.mean == 0.0


def test_where_all_diverged_the_simplest_is_kept() -> None:
    gone = torch.full((5,), math.nan)
    assert one_standard_error([gone, gone * math.inf])[:2] == (0, 0)


def test_a_loss_that_is_not_finite_counts_as_infinitely_large() -> None:
    gone = torch.tensor([1.0, math.nan])
    fine = torch.tensor([1.0, 2.0])
    assert paired(gone, fine).above_zero
    assert paired(fine, gone).below_zero
    both = paired(gone, gone)
    assert not both.above_zero
    assert not both.below_zero
    assert lowest_mean([gone, fine]) == 1


def test_one_fold_decides_nothing() -> None:
    found = paired(torch.tensor([5.0]), torch.tensor([1.0]))
    assert not found.above_zero


def test_descent_has_failed_where_a_contained_rung_is_lower() -> None:
    found = fails_to_optimise(HARD + 1, HARD)
    assert found is not None
    assert found.mean == pytest.approx(1.0)


@pytest.mark.parametrize(
    "training",
    [HARD - 1, HARD, HARD + around(0.05, 0.1), HARD + 0.02, torch.full((5,), math.nan)],
    ids=["lower", "equal", "within noise", "too little", "lost"],
)
def test_descent_has_not_failed(training: Tensor) -> None:
    assert fails_to_optimise(training, HARD) is None


@given(st.lists(st.lists(st.floats(0, 100), min_size=4, max_size=4), min_size=1, max_size=6))
def test_the_choice_is_never_above_the_lowest(values: list[list[float]]) -> None:
    candidates = [torch.tensor(each, dtype=torch.float64) for each in values]
    position, best, difference = one_standard_error(candidates)
    assert position <= best
    assert float(candidates[best].mean()) == min(float(each.mean()) for each in candidates)
    assert not difference.above_zero
