"""What every loss promises, tried on each of them."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from thetastar.errors import UserError
from thetastar.losses import (
    LOSSES,
    Absolute,
    CrossEntropy,
    Huber,
    Loss,
    Squared,
    SquaredAfterSoftmax,
    loss_named,
)

ON_NUMBERS: list[Loss] = [Squared(), Absolute(), Huber(), Huber(delta=0.3)]
ON_CLASSES: list[Loss] = [
    CrossEntropy(),
    CrossEntropy(label_smoothing=0.1),
    CrossEntropy(class_weights=(0.5, 2.0, 1.0)),
    CrossEntropy(label_smoothing=0.3, class_weights=(0.0, 2.0, 1.0)),
    SquaredAfterSoftmax(),
]
EVERY = [pytest.param(loss, id=repr(loss)) for loss in ON_NUMBERS + ON_CLASSES]
OUTPUTS = 3


def batch(loss: Loss, *, members: int = 4, rows: int = 7, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Draw outputs, targets and weights in float64."""
    stream = torch.Generator().manual_seed(seed)
    shape = (members, rows, OUTPUTS)
    outputs = 2 * torch.randn(shape, generator=stream, dtype=torch.float64)
    if loss in ON_CLASSES:
        targets = torch.randint(OUTPUTS, shape[:2], generator=stream)
    else:
        targets = torch.randn(shape, generator=stream, dtype=torch.float64)
    return outputs, targets, torch.rand(shape[:2], generator=stream, dtype=torch.float64) / rows


@pytest.mark.parametrize("loss", EVERY)
@given(seed=st.integers(0, 10_000), members=st.integers(1, 3), rows=st.integers(1, 9))
def test_gradient_equals_autograd(loss: Loss, seed: int, members: int, rows: int) -> None:
    outputs, targets, weights = batch(loss, members=members, rows=rows, seed=seed)
    watched = outputs.clone().requires_grad_()
    expected_value = loss.value(watched, targets, weights)
    (expected,) = torch.autograd.grad(expected_value.sum(), watched)

    value, gradient = loss.value_and_gradient(outputs, targets, weights)

    assert value.shape == (members,)
    assert gradient.is_contiguous()
    torch.testing.assert_close(value, expected_value.detach(), rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(gradient, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("loss", EVERY)
def test_inputs_are_left_alone(loss: Loss) -> None:
    given_in = batch(loss)
    before = [part.clone() for part in given_in]
    loss.value_and_gradient(*given_in)
    assert all(torch.equal(part, old) for part, old in zip(given_in, before, strict=True))


@pytest.mark.parametrize("loss", EVERY)
def test_a_row_of_weight_zero_counts_for_nothing(loss: Loss) -> None:
    outputs, targets, weights = batch(loss)
    weights[:, 5:] = 0.0
    value, gradient = loss.value_and_gradient(outputs, targets, weights)
    shorter, _ = loss.value_and_gradient(outputs[:, :5], targets[:, :5], weights[:, :5])
    torch.testing.assert_close(value, shorter, rtol=1e-13, atol=0)
    assert (gradient[:, 5:] == 0).all()
    torch.testing.assert_close(loss.value(outputs, targets, weights), shorter, rtol=1e-13, atol=0)


@pytest.mark.parametrize("loss", EVERY)
def test_weight_two_is_the_row_twice(loss: Loss) -> None:
    outputs, targets, weights = batch(loss)
    doubled = weights.clone()
    doubled[:, 0] *= 2
    value, _ = loss.value_and_gradient(outputs, targets, doubled)
    again = [torch.cat([part, part[:, :1]], 1) for part in (outputs, targets, weights)]
    torch.testing.assert_close(value, loss.value(*again), rtol=1e-13, atol=0)


@pytest.mark.parametrize("loss", EVERY)
def test_a_diverged_member_shows_and_leaves_its_neighbours_alone(loss: Loss) -> None:
    outputs, targets, weights = batch(loss)
    healthy, healthy_gradient = loss.value_and_gradient(outputs, targets, weights)
    outputs[1] = float("nan")
    value, gradient = loss.value_and_gradient(outputs, targets, weights)
    others = [0, 2, 3]
    assert value[1].isnan()
    assert loss.value(outputs, targets, weights)[1].isnan()
    assert torch.equal(value[others], healthy[others])
    assert torch.equal(gradient[others], healthy_gradient[others])


@pytest.mark.parametrize("loss", EVERY)
def test_a_member_alone_equals_the_member_among_others(loss: Loss) -> None:
    outputs, targets, weights = batch(loss)
    value, gradient = loss.value_and_gradient(outputs, targets, weights)
    alone, alone_gradient = loss.value_and_gradient(outputs[2:3], targets[2:3], weights[2:3])
    torch.testing.assert_close(value[2:3], alone, rtol=1e-13, atol=0)
    torch.testing.assert_close(gradient[2:3], alone_gradient, rtol=1e-13, atol=0)


@pytest.mark.parametrize("name", LOSSES)
def test_found_by_name(name: str) -> None:
    assert loss_named(name).name == name


def test_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"'hinge'.*squared, absolute, huber, cross_entropy"):
        loss_named("hinge")
