"""Each activation against torch's own, and its derivative against autograd."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from thetastar.errors import UserError
from thetastar.functions.activations import ACTIVATIONS, Activation, activation_named

TORCH = {
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    # Written out, because torch's own kernel for the derivative rounds 1/6 to float32 in float64 too.
    "hard_sigmoid": lambda z: (z / 6 + 0.5).clamp(0, 1),
    "selu": functional.selu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "mish": functional.mish,
}
EVERY = [pytest.param(each, id=each.name) for each in ACTIVATIONS.values()]
NUMBERS = st.lists(st.floats(-30, 30), min_size=1, max_size=20)


def value(activation: Activation, z: Tensor) -> Tensor:
    out = torch.empty_like(z)
    activation.forward(z, out)
    return out


def derivative(activation: Activation, z: Tensor, gradient: Tensor) -> Tensor:
    out = torch.empty_like(z)
    activation.backward(gradient, value(activation, z) if activation.in_place else z, out)
    return out


def by_autograd(name: str, z: Tensor, gradient: Tensor) -> Tensor:
    watched = z.clone().requires_grad_()
    (expected,) = torch.autograd.grad(TORCH[name](watched), watched, gradient)
    return expected


def test_the_table_is_complete() -> None:
    assert set(ACTIVATIONS) == set(TORCH)
    assert all(ACTIVATIONS[name].name == name for name in ACTIVATIONS)


@pytest.mark.parametrize("activation", EVERY)
@given(numbers=NUMBERS)
def test_value_and_derivative_equal_autograd(activation: Activation, numbers: list[float]) -> None:
    z = torch.tensor([[numbers]], dtype=torch.float64)
    gradient = torch.linspace(-2, 3, len(numbers), dtype=torch.float64).view_as(z)
    torch.testing.assert_close(value(activation, z), TORCH[activation.name](z), rtol=1e-15, atol=1e-15)
    expected = by_autograd(activation.name, z, gradient)
    close = torch.isclose(derivative(activation, z, gradient), expected, rtol=1e-9, atol=1e-13)
    if activation.name == "hard_sigmoid":  # there is no one slope at its corners
        close |= (z.abs() - 3).abs() < 1e-12
    assert close.all()


@pytest.mark.parametrize("activation", EVERY)
def test_both_directions_in_float32_on_stacked_members(activation: Activation) -> None:
    z, gradient = 2 * torch.randn(3, 65, 17), torch.randn(3, 65, 17)
    torch.testing.assert_close(value(activation, z), TORCH[activation.name](z))
    torch.testing.assert_close(
        derivative(activation, z, gradient), by_autograd(activation.name, z, gradient), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("activation", EVERY)
def test_backward_may_overwrite_its_gradient(activation: Activation) -> None:
    z, gradient = torch.randn(2, 33, 9), torch.randn(2, 33, 9)
    expected = derivative(activation, z, gradient)
    kept = value(activation, z) if activation.in_place else z
    activation.backward(gradient, kept, gradient)
    assert torch.equal(gradient, expected)


@pytest.mark.parametrize("activation", [each for each in ACTIVATIONS.values() if each.in_place])
def test_forward_in_place(activation: Activation) -> None:
    z = torch.randn(2, 33, 9)
    expected = value(activation, z)
    activation.forward(z, z)
    assert torch.equal(z, expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("activation", EVERY)
def test_zero_switches_a_unit_off(activation: Activation, dtype: torch.dtype) -> None:
    z = torch.full((2, 37, 5), activation.zero, dtype=dtype)
    assert (value(activation, z) == 0).all()


def test_hard_sigmoid_is_torchs() -> None:
    z = torch.linspace(-4, 4, 1001)
    torch.testing.assert_close(value(ACTIVATIONS["hard_sigmoid"], z), functional.hardsigmoid(z))


@pytest.mark.parametrize("activation", EVERY)
def test_gain_keeps_the_mean_square_at_one(activation: Activation) -> None:
    z = torch.linspace(-12, 12, 48_001, dtype=torch.float64)
    density = torch.exp(-z.square() / 2) / math.sqrt(2 * math.pi)
    mean_square = torch.trapezoid(value(activation, z).square() * density, z)
    assert activation.gain**2 * mean_square.item() == pytest.approx(1.0, abs=2e-4)


@pytest.mark.parametrize("activation", EVERY)
def test_nan_stays_visible(activation: Activation) -> None:
    z = torch.randn(1, 40, 3)
    z[0, 7, 1] = float("nan")
    assert value(activation, z).isnan().nonzero().tolist() == [[0, 7, 1]]


def test_relu_has_slope_zero_at_the_corner() -> None:
    zero, one = torch.zeros(1), torch.ones(1)
    assert derivative(ACTIVATIONS["relu"], zero, one).item() == 0.0


def test_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"'swish'.*relu, sigmoid, tanh"):
        activation_named("swish")
