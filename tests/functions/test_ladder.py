"""The ladder is nested: for each rung an explicit θ that reproduces the rung below it, for any θ there."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from thetastar.errors import UserError
from thetastar.functions import ACTIVATIONS, RUNGS, FunctionSet, Pass, embed, evaluate, ladder

INPUTS, PLAIN = 9, 4


def random_state(functions: FunctionSet, seed: int, *, dtype: torch.dtype = torch.float64) -> Tensor:
    stream = torch.Generator().manual_seed(seed)
    state = torch.randn(3, functions.state_size, generator=stream, dtype=dtype)
    for part in functions.running:
        if part.name.startswith("variance"):
            state[:, part.start : part.stop] = state[:, part.start : part.stop].abs() + 0.1
    return state


def training_outputs(functions: FunctionSet, state: Tensor, inputs: Tensor) -> Tensor:
    gradient = state.new_empty(len(state), functions.size)
    return Pass(functions, state.clone(), gradient=gradient, rows=inputs.shape[1]).forward(inputs).clone()


def assert_contains(higher: FunctionSet, lower: FunctionSet, *, seed: int = 0) -> None:
    """θ in the lower set and the embedded θ are the same function, in use and in training."""
    state = random_state(lower, seed)
    inputs = torch.randn(3, 20, lower.inputs, dtype=torch.float64)
    found = embed(lower, state, higher)
    assert found.shape == (3, higher.state_size)
    close = {"rtol": 1e-12, "atol": 1e-12}
    torch.testing.assert_close(evaluate(higher, found, inputs), evaluate(lower, state, inputs), **close)
    expected = training_outputs(lower, state, inputs)
    torch.testing.assert_close(training_outputs(higher, found, inputs), expected, **close)


def test_the_rungs_in_their_order() -> None:
    rungs = ladder(inputs=INPUTS, plain=PLAIN, outputs=2, width=8, depth=3)
    assert tuple(rungs) == RUNGS
    assert [(each.shortcut, each.hidden) for each in rungs.values()] == [
        (0, ()),
        (PLAIN, ()),
        (INPUTS, ()),
        (INPUTS, (8,)),
        (INPUTS, (8, 8, 8)),
    ]
    sizes = [each.size for each in rungs.values()]
    assert all(low < high for low, high in pairwise(sizes))


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("outputs", [1, 3])
def test_each_rung_contains_all_below(activation: str, outputs: int, batch_norm: bool) -> None:
    rungs = ladder(inputs=INPUTS, plain=PLAIN, outputs=outputs, width=8, depth=3, activation=activation)
    if batch_norm:
        rungs = {name: replace(rung, batch_norm=True) for name, rung in rungs.items()}
    for lower, higher in combinations(rungs.values(), 2):
        assert_contains(higher, lower)
    assert_contains(rungs["deep"], rungs["deep"])


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_in_float32_too(activation: str) -> None:
    rungs = list(ladder(inputs=INPUTS, plain=PLAIN, outputs=1, width=8, activation=activation).values())
    inputs = torch.randn(3, 20, INPUTS)
    for lower, higher in pairwise(rungs):
        state = random_state(lower, 0, dtype=torch.float32)
        found = evaluate(higher, embed(lower, state, higher), inputs)
        torch.testing.assert_close(found, evaluate(lower, state, inputs), rtol=1e-5, atol=1e-5)


@settings(max_examples=100)
@given(st.data())
def test_whatever_is_wider_deeper_or_reads_more_contains(data: st.DataObject) -> None:
    inputs, widths = data.draw(st.integers(1, 6)), st.integers(1, 5)
    low_width, low_depth = data.draw(widths), data.draw(st.integers(0, 3))
    lower = FunctionSet(
        inputs=inputs,
        outputs=data.draw(st.integers(1, 3)),
        shortcut=data.draw(st.integers(0, inputs)),
        reads=data.draw(st.integers(1, inputs)),
        hidden=(low_width,) * low_depth,
        activation=data.draw(st.sampled_from(list(ACTIVATIONS))),
        residual=True,
        batch_norm=data.draw(st.booleans()),
    )
    higher = replace(
        lower,
        shortcut=data.draw(st.integers(lower.shortcut, inputs)),
        reads=data.draw(st.integers(lower.reads, inputs)),
        hidden=(low_width + data.draw(st.integers(0, 3)),) * (low_depth + data.draw(st.integers(0, 2))),
    )
    assert_contains(higher, lower, seed=data.draw(st.integers(0, 1000)))


def test_layers_of_several_widths_without_addition() -> None:
    lower = FunctionSet(inputs=4, outputs=2, reads=3, hidden=(3, 5), activation="sigmoid")
    assert_contains(replace(lower, hidden=(6, 5), reads=4), lower)


def test_another_activation_does_not_matter_where_there_is_no_layer() -> None:
    lower = FunctionSet(inputs=4, outputs=1, shortcut=4)
    assert_contains(FunctionSet(inputs=4, outputs=1, shortcut=4, reads=4, hidden=(5,), activation="sigmoid"), lower)


HIDDEN = FunctionSet(inputs=4, outputs=1, shortcut=3, reads=3, hidden=(5, 5), residual=True)


@pytest.mark.parametrize(
    "higher",
    [
        replace(HIDDEN, inputs=5),
        replace(HIDDEN, outputs=2),
        replace(HIDDEN, shortcut=2),
        replace(HIDDEN, reads=2),
        replace(HIDDEN, hidden=(5,)),
        replace(HIDDEN, hidden=(4, 4)),
        replace(HIDDEN, hidden=()),
        replace(HIDDEN, activation="tanh"),
        replace(HIDDEN, batch_norm=True),
        replace(HIDDEN, residual=False),
        replace(HIDDEN, residual=False, hidden=(5, 5, 5)),
    ],
)
def test_what_does_not_contain_is_refused(higher: FunctionSet) -> None:
    with pytest.raises(UserError, match="does not contain"):
        embed(HIDDEN, random_state(HIDDEN, 0), higher)


def test_a_second_layer_that_does_not_add_is_not_contained_in_one_that_does() -> None:
    plain = replace(HIDDEN, residual=False)
    for higher in (HIDDEN, replace(HIDDEN, hidden=(5, 5, 5))):
        with pytest.raises(UserError, match="does not contain"):
            embed(plain, random_state(plain, 0), higher)
