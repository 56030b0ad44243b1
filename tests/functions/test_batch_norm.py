"""Batch normalisation against torch.nn.BatchNorm1d."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from thetastar.functions.batch_norm import BatchNorm, normalise, normalise_backward

MEMBERS, ROWS, UNITS = 3, 8, 5


def layers(seed: int = 0) -> tuple[list[torch.nn.BatchNorm1d], dict[str, Tensor], dict[str, Tensor], dict[str, Tensor]]:
    """Return torch's layers, one per member, and θ, gradient and running averages with the same numbers."""
    stream = torch.Generator().manual_seed(seed)
    theirs = [torch.nn.BatchNorm1d(UNITS, dtype=torch.float64) for _ in range(MEMBERS)]
    for layer in theirs:
        torch.nn.init.normal_(layer.weight, generator=stream)
        torch.nn.init.normal_(layer.bias, generator=stream)

    def stacked(name: str) -> Tensor:
        return torch.stack([getattr(layer, name).detach().clone() for layer in theirs])

    theta = {"gamma0": stacked("weight"), "beta0": stacked("bias")}
    slopes = {name: torch.full_like(part, torch.nan) for name, part in theta.items()}
    running = {"mean0": stacked("running_mean"), "variance0": stacked("running_var")}
    return theirs, theta, slopes, running


def test_training_equals_torch_over_several_batches() -> None:
    theirs, theta, slopes, running = layers()
    ours = BatchNorm(theta, slopes, running, 0)
    for _ in range(4):
        x = (3 + 2 * torch.randn(MEMBERS, ROWS, UNITS, dtype=torch.float64)).requires_grad_()
        arriving = torch.randn(MEMBERS, ROWS, UNITS, dtype=torch.float64)
        expected = torch.stack([layer(own) for layer, own in zip(theirs, x, strict=True)])
        weights = [layer.weight for layer in theirs]
        by_x, *by_gamma = torch.autograd.grad((expected * arriving).sum(), [x, *weights])
        z, slope = x.detach().clone(), arriving.clone()
        ours.forward(z, theta["beta0"].unsqueeze(1), None)
        ours.backward(slope)
        torch.testing.assert_close(z, expected)
        torch.testing.assert_close(slope, by_x)
        torch.testing.assert_close(slopes["gamma0"], torch.stack(by_gamma))
    torch.testing.assert_close(running["mean0"], torch.stack([layer.running_mean for layer in theirs]))
    torch.testing.assert_close(running["variance0"], torch.stack([layer.running_var for layer in theirs]))


@given(st.integers(2, 9), st.integers(0, 100))
def test_normalised_columns_have_mean_zero_and_deviation_one(rows: int, seed: int) -> None:
    x = torch.randn(2, rows, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    normalised, inverse, _, variance = normalise(x, torch.full((2, 1, rows), 1 / rows, dtype=torch.float64))
    torch.testing.assert_close(normalised.mean(1), torch.zeros(2, 3, dtype=torch.float64), rtol=0, atol=1e-9)
    torch.testing.assert_close(normalised.square().mean(1), (variance * inverse.square()).squeeze(1))


def test_the_gradient_with_unequal_shares_equals_autograd() -> None:
    x = torch.randn(2, ROWS, UNITS, dtype=torch.float64, requires_grad=True)
    shares = torch.rand(2, 1, ROWS, dtype=torch.float64)
    shares /= shares.sum(2, keepdim=True)
    arriving = torch.randn_like(x)
    mean = shares @ x
    deviation = (shares @ (x - mean).square() + 1e-5).sqrt()
    (expected,) = torch.autograd.grad((((x - mean) / deviation) * arriving).sum(), x)
    normalised, inverse, _, _ = normalise(x.detach(), shares)
    torch.testing.assert_close(normalise_backward(arriving, normalised, inverse, shares), expected)


def test_padding_counts_nothing() -> None:
    results = []
    for padding in (0, 3):
        _, theta, slopes, running = layers()
        z = torch.randn(MEMBERS, ROWS, UNITS, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
        z = torch.cat([z, torch.full((MEMBERS, padding, UNITS), 1e6, dtype=torch.float64)], 1)
        weights = torch.zeros(MEMBERS, ROWS + padding, dtype=torch.float64)
        weights[:, :ROWS] = 1 / ROWS
        BatchNorm(theta, slopes, running, 0).forward(z, theta["beta0"].unsqueeze(1), weights)
        results.append((z[:, :ROWS], running["mean0"], running["variance0"]))
    for found, expected in zip(*results, strict=True):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("counting", [0, 1])
def test_a_batch_with_less_than_two_rows_that_count_stays_finite(counting: int) -> None:
    """Rows may weigh nothing; that must not end the member's training."""
    _, theta, slopes, running = layers()
    layer = BatchNorm(theta, slopes, running, 0)
    z, weights = torch.randn(MEMBERS, 4, UNITS, dtype=torch.float64), torch.zeros(MEMBERS, 4, dtype=torch.float64)
    weights[:, :counting] = 1.0
    slope = weights.unsqueeze(2) * torch.ones_like(z)
    layer.forward(z, theta["beta0"].unsqueeze(1), weights)
    layer.backward(slope)
    for tensor in (z, slope, *running.values()):
        assert tensor.isfinite().all()


def test_backward_before_forward_is_an_error() -> None:
    _, theta, slopes, running = layers()
    with pytest.raises(RuntimeError, match="forward pass"):
        BatchNorm(theta, slopes, running, 0).backward(torch.zeros(MEMBERS, ROWS, UNITS, dtype=torch.float64))
