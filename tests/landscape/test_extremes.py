"""What all other eigenvalues lie between: a closed form, and the chance that it promises."""

from __future__ import annotations

import math

import pytest
import torch

from tests.landscape.planted import Planted, networklike
from thetastar.landscape.extremes import MISSED, bounds
from thetastar.landscape.krylov import Krylov, Ritz
from thetastar.landscape.operator import Counted, stream


def ritz(*values: float) -> Ritz:
    found = torch.tensor(values, dtype=torch.float64)
    return Ritz(found, torch.eye(len(values), dtype=torch.float64), torch.zeros_like(found))


def test_bounds_after_one_and_two_steps() -> None:
    least = MISSED / 2 * math.sqrt(math.pi / (2 * 1000))  # what a random direction hardly ever has less of
    assert bounds(ritz(3.0), [0.5], size=1000) == pytest.approx((3 - 0.5 / least, 3 + 0.5 / least))
    half = math.sqrt(1 + 0.5 * 0.25 / least)  # of (x − 1)(x + 1) = β₁β₂/c
    assert bounds(ritz(-1.0, 1.0), [0.5, 0.25], size=1000) == pytest.approx((-half, half))


def test_bounds_of_an_invariant_space_and_after_a_restart() -> None:
    assert bounds(ritz(-1.0, 1.0), [0.5, 0.0], size=1000) == (-1, 1)
    assert bounds(ritz(-1.0, 1.0), [], size=1000) == (-math.inf, math.inf)


@pytest.mark.parametrize("steps", [3, 10])
def test_all_eigenvalues_lie_between(steps: int) -> None:
    outside = 0
    for seed in range(200):
        planted = Planted(networklike(700), seed=seed)
        products = Counted(planted.operator)
        space = Krylov(products, locked=products.none(), capacity=20, random=stream("test", seed))
        for _ in range(steps):
            space.grow()
        low, high = bounds(space.ritz(), space.lengths, size=700)
        outside += not low <= planted.values.min() <= planted.values.max() <= high
    assert outside <= 2
