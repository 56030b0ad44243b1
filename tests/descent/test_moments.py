"""Least squares from sums that add up block by block."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.linear_model import LinearRegression, Ridge

from thetastar.descent import Moments


def rows(count: int, *, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    stream = torch.Generator().manual_seed(seed)
    x = torch.randn(count, 4, generator=stream) + 3
    y = x[:, :2] * torch.tensor([2.0, -1.0]) + 5 + torch.randn(count, 2, generator=stream)
    return x, y, torch.rand(count, generator=stream) + 0.5


def gathered(x: torch.Tensor, y: torch.Tensor, weights: torch.Tensor, *, block: int) -> Moments:
    moments = Moments(4, 2)
    for each in zip(x.split(block), y.split(block), weights.split(block), strict=True):
        moments.add(*each)
    return moments


def test_all_blocks_together_are_least_squares_on_all_rows() -> None:
    x, y, weights = rows(1_000)
    known = LinearRegression().fit(x.numpy(), y.numpy(), weights.numpy())
    found = gathered(x, y, weights, block=7).solve(np.zeros(4))
    np.testing.assert_allclose(found[:2], known.intercept_, rtol=1e-5)
    np.testing.assert_allclose(found[2:].reshape(4, 2), known.coef_.T, rtol=1e-4, atol=1e-6)


def test_the_penalty_is_against_the_mean_loss() -> None:
    x, y, _ = rows(200)
    known = Ridge(alpha=0.3 * 200).fit(x.double().numpy(), y.double().numpy())
    found = gathered(x, y, torch.ones(200), block=64).solve(np.full(4, 0.3))
    np.testing.assert_allclose(found[2:].reshape(4, 2), known.coef_.T, rtol=1e-7)


def test_only_the_leading_inputs_are_read() -> None:
    x, y, weights = rows(50)
    moments = Moments(0, 2)
    moments.add(x, y, weights)
    np.testing.assert_allclose(moments.solve(np.zeros(0)), np.average(y.numpy(), axis=0, weights=weights), rtol=1e-6)


def test_columns_that_repeat_each_other_are_solved() -> None:
    x, y, weights = rows(50)
    moments = gathered(x[:, [0, 0, 1, 1]], y, weights, block=50)
    assert np.isfinite(moments.solve(np.zeros(4))).all()
