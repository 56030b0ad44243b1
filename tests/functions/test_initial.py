from __future__ import annotations

import math

import pytest
import torch

from tests.functions.plain import cut
from thetastar.functions import ACTIVATIONS, FunctionSet, evaluate, initial

WIDE = FunctionSet(inputs=200, outputs=1, reads=200, hidden=(400, 300))


def test_the_same_seed_is_the_same_start() -> None:
    state = initial(WIDE, [3, 4, 3])
    assert torch.equal(state[0], state[2])
    assert not torch.equal(state[0], state[1])
    assert torch.equal(state[1], initial(WIDE, [4])[0])


def test_both_precisions_start_at_the_same_point() -> None:
    double = initial(WIDE, [0], dtype=torch.float64)
    assert double.dtype == torch.float64
    assert torch.equal(double.float(), initial(WIDE, [0]))


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_deviation_is_gain_over_root_of_fan_in(activation: str) -> None:
    """Within four standard errors of a deviation, σ/√(2n)."""
    functions = FunctionSet(inputs=200, outputs=2, reads=200, hidden=(400, 300), activation=activation)
    theta, gain = cut(functions, initial(functions, [0])[0]), ACTIVATIONS[activation].gain
    for name, gain_here, fan_in in (("weight0", gain, 200), ("weight1", gain, 400), ("readout", 1.0, 300)):
        weights = theta[name]
        expected = gain_here / math.sqrt(fan_in)
        assert weights.std().item() == pytest.approx(expected, rel=4 / math.sqrt(2 * weights.numel()))
        assert abs(weights.mean().item()) < 4 * expected / math.sqrt(weights.numel())


def test_biases_are_zero_gamma_and_variance_one() -> None:
    functions = FunctionSet(inputs=3, outputs=1, shortcut=3, reads=3, hidden=(4, 4), batch_norm=True)
    theta = cut(functions, initial(functions, [0])[0])
    for name in ("gamma0", "gamma1", "variance0", "variance1"):
        assert (theta[name] == 1).all()
    for name in ("bias", "shortcut", "beta0", "beta1", "mean0", "mean1"):
        assert (theta[name] == 0).all()


def test_with_a_shortcut_the_network_starts_as_the_function_it_contains() -> None:
    functions = FunctionSet(inputs=3, outputs=2, shortcut=3, reads=3, hidden=(16, 16), residual=True)
    assert (evaluate(functions, initial(functions, [0]), torch.randn(1, 20, 3)) == 0).all()


@pytest.mark.parametrize("residual", [False, True])
def test_signals_neither_fade_nor_grow_through_ten_layers(residual: bool) -> None:
    functions = FunctionSet(inputs=64, outputs=8, reads=64, hidden=(256,) * 10, residual=residual)
    x = torch.randn(1, 256, 64, generator=torch.Generator().manual_seed(0))
    root_mean_square = evaluate(functions, initial(functions, range(4)), x).square().mean().sqrt().item()
    assert 0.2 < root_mean_square < 5.0  # ten plain layers with deviation 1/√fan_in: 0.03
