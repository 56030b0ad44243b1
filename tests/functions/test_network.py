"""The written-out gradient of every kind of network against autograd through the plain one, and against differences."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tests.functions.plain import cut, plain
from thetastar.functions import ACTIVATIONS, Dropout, FunctionSet, Pass, evaluate
from thetastar.functions.dropout import draw_mask

INPUTS, READS, WIDTH, ROWS = 5, 4, 6, 7
COMBINATIONS = list(
    product(
        [0, 1, 2, 3],  # depth
        [1, 3],  # outputs
        [1, 3],  # members
        [0, 3, INPUTS],  # shortcut
        [False, True],  # residual
        [False, True],  # batch_norm
    )
)


def a_set(depth: int, outputs: int, shortcut: int, *, activation: str, residual: bool, batch_norm: bool) -> FunctionSet:
    widths = (WIDTH,) * depth if residual else tuple(WIDTH + layer for layer in range(depth))
    return FunctionSet(
        inputs=INPUTS,
        outputs=outputs,
        shortcut=shortcut,
        hidden=widths,
        reads=READS,
        activation=activation,
        residual=residual,
        batch_norm=batch_norm,
    )


def random_state(functions: FunctionSet, members: int, *, seed: int = 0) -> Tensor:
    """Draw a state with nothing at a special value; running variances must be positive."""
    stream = torch.Generator().manual_seed(seed)
    state = 0.7 * torch.randn(members, functions.state_size, generator=stream, dtype=torch.float64)
    for part in functions.running:
        if part.name.startswith("variance"):
            state[:, part.start : part.stop] = state[:, part.start : part.stop].abs() + 0.5
    return state


def random_batch(members: int, outputs: int, *, rows: int = ROWS, seed: int = 1) -> tuple[Tensor, Tensor]:
    """Return inputs and a gradient by the outputs."""
    stream = torch.Generator().manual_seed(seed)
    inputs = torch.randn(members, rows, INPUTS, generator=stream, dtype=torch.float64)
    return inputs, torch.randn(members, rows, outputs, generator=stream, dtype=torch.float64)


def forward_and_backward(
    functions: FunctionSet,
    state: Tensor,
    inputs: Tensor,
    slope: Tensor,
    *,
    weights: Tensor | None = None,
    dropout: Dropout | None = None,
) -> tuple[Tensor, Tensor]:
    # nan where nothing is written would show.
    gradient = torch.full((len(state), functions.size), torch.nan, dtype=state.dtype)
    network = Pass(functions, state, gradient=gradient, rows=inputs.shape[1], dropout=dropout)
    outputs = network.forward(inputs, weights=weights).clone()
    network.backward(inputs, slope)
    return outputs, gradient


def by_autograd(
    functions: FunctionSet,
    state: Tensor,
    inputs: Tensor,
    slope: Tensor,
    *,
    masks: list[Tensor] | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return outputs, the gradient by θ and the state with moved running averages, of one member after the other."""
    found = []
    for member, own in enumerate(state):
        theta = own[: functions.size].clone().requires_grad_()
        averages = own[functions.size :].clone()
        named = cut(functions, torch.cat([theta, averages]))
        # The pieces of a concatenation can't be changed in place; those of the averages alone can.
        named.update(zip([part.name for part in functions.running], _pieces(functions, averages), strict=True))
        own_masks = None if masks is None else [mask[member] for mask in masks]
        outputs = plain(functions, named, inputs[member], training=True, masks=own_masks)
        (gradient,) = torch.autograd.grad((outputs * slope[member]).sum(), theta)
        found.append((outputs.detach(), gradient, torch.cat([own[: functions.size], averages])))
    outputs_, gradients, states = zip(*found, strict=True)
    return torch.stack(outputs_), torch.stack(gradients), torch.stack(states)


def _pieces(functions: FunctionSet, averages: Tensor) -> tuple[Tensor, ...]:
    return averages.split([part.size for part in functions.running]) if functions.running else ()


def close(found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_every_combination_equals_autograd(activation: str) -> None:
    for depth, outputs, members, shortcut, residual, batch_norm in COMBINATIONS:
        functions = a_set(depth, outputs, shortcut, activation=activation, residual=residual, batch_norm=batch_norm)
        state = random_state(functions, members)
        inputs, slope = random_batch(members, outputs)
        expected_outputs, expected_gradient, expected_state = by_autograd(functions, state, inputs, slope)
        found_outputs, found_gradient = forward_and_backward(functions, state, inputs, slope)
        close(found_outputs, expected_outputs)
        close(found_gradient, expected_gradient)
        close(state, expected_state)


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_every_combination_is_evaluated_alike(activation: str) -> None:
    """For use: no training, so running averages and no dropout."""
    for depth, outputs, members, shortcut, residual, batch_norm in COMBINATIONS:
        functions = a_set(depth, outputs, shortcut, activation=activation, residual=residual, batch_norm=batch_norm)
        state = random_state(functions, members)
        inputs, _ = random_batch(members, outputs)
        named = [cut(functions, own) for own in state]
        expected = torch.stack([plain(functions, theta, x) for theta, x in zip(named, inputs, strict=True)])
        close(evaluate(functions, state, inputs), expected)
        shared = evaluate(functions, state, inputs[:1])
        close(shared, torch.stack([plain(functions, theta, inputs[0]) for theta in named]))


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize(("residual", "batch_norm"), list(product([False, True], [False, True])))
def test_dropout_with_its_mask_replayed(activation: str, residual: bool, batch_norm: bool) -> None:
    rates, seeds, members = (0.0, 0.3, 0.6), (5, 6, 7), 3
    for depth, outputs in product([1, 2, 3], [1, 3]):
        functions = a_set(depth, outputs, 3, activation=activation, residual=residual, batch_norm=batch_norm)
        state = random_state(functions, members)
        inputs, slope = random_batch(members, outputs)
        streams = tuple(torch.Generator().manual_seed(seed) for seed in seeds)
        masks = []
        for width in functions.hidden:
            masks.append(torch.empty(members, ROWS, width, dtype=torch.float64))
            draw_mask(masks[-1], rates, streams, sizes=(ROWS,) * members)
        expected_outputs, expected_gradient, _ = by_autograd(functions, state, inputs, slope, masks=masks)
        again = tuple(torch.Generator().manual_seed(seed) for seed in seeds)
        dropout = Dropout(rates, again, (ROWS,) * members)
        found_outputs, found_gradient = forward_and_backward(functions, state, inputs, slope, dropout=dropout)
        close(found_outputs, expected_outputs)
        close(found_gradient, expected_gradient)


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_gradient_equals_differences(activation: str, batch_norm: bool) -> None:
    functions = a_set(2, 3, 3, activation=activation, residual=True, batch_norm=batch_norm)
    state = random_state(functions, 1, seed=3)
    inputs, slope = random_batch(1, 3)
    _, gradient = forward_and_backward(functions, state.clone(), inputs, slope)
    step, differences = 1e-6, torch.empty_like(gradient)
    for place in range(functions.size):
        sums = []
        for sign in (1.0, -1.0):
            moved = state.clone()
            moved[0, place] += sign * step
            outputs, _ = forward_and_backward(functions, moved, inputs, slope)
            sums.append((outputs * slope).sum())
        differences[0, place] = (sums[0] - sums[1]) / (2 * step)
    torch.testing.assert_close(gradient, differences, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.parametrize("outputs", [1, 3])
def test_padding_rows_of_weight_zero_change_nothing(batch_norm: bool, depth: int, outputs: int) -> None:
    functions = a_set(depth, outputs, 3, activation="gelu", residual=True, batch_norm=batch_norm)
    state = random_state(functions, 2)
    padded_state = state.clone()
    inputs, slope = random_batch(2, outputs)
    weights = torch.full((2, ROWS), 1 / ROWS, dtype=torch.float64)
    expected_outputs, expected_gradient = forward_and_backward(functions, state, inputs, slope, weights=weights)
    padding = torch.randn(2, 4, INPUTS, dtype=torch.float64)
    outputs_, gradient = forward_and_backward(
        functions,
        padded_state,
        torch.cat([inputs, padding], 1),
        torch.nn.functional.pad(slope, (0, 0, 0, 4)),
        weights=torch.nn.functional.pad(weights, (0, 4)),
    )
    close(outputs_[:, :ROWS], expected_outputs)
    close(gradient, expected_gradient)
    close(padded_state, state)


def test_a_row_of_weight_two_counts_as_two_rows_in_batch_normalisation() -> None:
    functions = a_set(2, 1, 0, activation="tanh", residual=False, batch_norm=True)
    state = random_state(functions, 1)
    inputs, slope = random_batch(1, 1)
    twice = torch.cat([inputs, inputs[:, :1]], 1)
    weights = torch.ones(1, ROWS, dtype=torch.float64)
    weights[0, 0] = 2.0
    double_slope = torch.cat([slope, slope[:, :1]], 1)
    double_slope[:, [0, -1]] /= 2
    weighted = forward_and_backward(functions, state.clone(), inputs, slope, weights=weights)
    repeated = forward_and_backward(functions, state.clone(), twice, double_slope)
    close(weighted[0], repeated[0][:, :ROWS])
    close(weighted[1], repeated[1])


def test_a_constant_of_nothing() -> None:
    functions = FunctionSet(inputs=0, outputs=2)
    state = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    inputs, slope = torch.empty(2, 3, 0), torch.ones(2, 3, 2)
    outputs, gradient = forward_and_backward(functions, state, inputs, slope)
    assert torch.equal(outputs, state.unsqueeze(1).expand(2, 3, 2))
    assert (gradient == 3).all()
    assert torch.equal(evaluate(functions, state, inputs), outputs)


def test_a_pass_is_used_again() -> None:
    """The buffers of one call must not show in the next."""
    functions = a_set(2, 1, 3, activation="mish", residual=True, batch_norm=False)
    state = random_state(functions, 2)
    gradient = torch.empty(2, functions.size, dtype=torch.float64)
    network = Pass(functions, state, gradient=gradient, rows=ROWS)
    for seed in (1, 2, 3):
        inputs, slope = random_batch(2, 1, seed=seed)
        expected = by_autograd(functions, state, inputs, slope)
        close(network.forward(inputs), expected[0])
        network.backward(inputs, slope)
        close(gradient, expected[1])
        state += 0.01 * seed


@settings(max_examples=60)
@given(st.data())
def test_any_shape_equals_autograd(data: st.DataObject) -> None:
    inputs_width = data.draw(st.integers(1, 6))
    functions = FunctionSet(
        inputs=inputs_width,
        outputs=data.draw(st.integers(1, 4)),
        shortcut=data.draw(st.integers(0, inputs_width)),
        reads=data.draw(st.integers(1, inputs_width)),
        hidden=tuple(data.draw(st.lists(st.integers(1, 9), max_size=4))),
        activation=data.draw(st.sampled_from(list(ACTIVATIONS))),
        batch_norm=data.draw(st.booleans()),
    )
    members, rows = data.draw(st.integers(1, 4)), data.draw(st.integers(2, 9))
    stream = torch.Generator().manual_seed(data.draw(st.integers(0, 2**31)))
    state = random_state(functions, members, seed=data.draw(st.integers(0, 2**31)))
    inputs = torch.randn(members, rows, inputs_width, generator=stream, dtype=torch.float64)
    slope = torch.randn(members, rows, functions.outputs, generator=stream, dtype=torch.float64)
    expected_outputs, expected_gradient, _ = by_autograd(functions, state.clone(), inputs, slope)
    found_outputs, found_gradient = forward_and_backward(functions, state, inputs, slope)
    # Two rows may nearly coincide in a unit, where normalisation multiplies rounding by up to 1/√ε.
    torch.testing.assert_close(found_outputs, expected_outputs, rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(found_gradient, expected_gradient, rtol=1e-6, atol=1e-8)


def twin(dtype: torch.dtype, rtol: float) -> None:
    functions = a_set(3, 3, 3, activation="gelu", residual=True, batch_norm=True)
    state = random_state(functions, 3).to(dtype)
    inputs, slope = (tensor.to(dtype) for tensor in random_batch(3, 3))
    expected = forward_and_backward(functions, state.clone(), inputs, slope)
    on_gpu = state.cuda()
    gradient = torch.empty(3, functions.size, dtype=dtype, device="cuda")
    network = Pass(functions, on_gpu, gradient=gradient, rows=ROWS)
    outputs = network.forward(inputs.cuda())
    network.backward(inputs.cuda(), slope.cuda())
    torch.testing.assert_close(outputs.cpu(), expected[0], rtol=rtol, atol=rtol)
    torch.testing.assert_close(gradient.cpu(), expected[1], rtol=rtol, atol=rtol)


@pytest.mark.gpu
@pytest.mark.parametrize(("dtype", "rtol"), [(torch.float64, 1e-9), (torch.float32, 1e-2)])
def test_the_gpu_computes_the_same(dtype: torch.dtype, rtol: float) -> None:
    twin(dtype, rtol)
