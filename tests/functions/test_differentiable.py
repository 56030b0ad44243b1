from __future__ import annotations

import pytest
import torch
from torch.testing import assert_close

from tests.functions.test_network import COMBINATIONS, a_set, random_batch, random_state
from thetastar.functions import ACTIVATIONS, evaluate, outputs_at


@pytest.mark.parametrize(
    ("depth", "outputs", "members", "shortcut", "residual", "batch_norm"),
    [each for each in COMBINATIONS if each[2] == 3],
)
def test_it_is_what_is_evaluated(
    depth: int, outputs: int, members: int, shortcut: int, residual: bool, batch_norm: bool
) -> None:
    functions = a_set(depth, outputs, shortcut, activation="silu", residual=residual, batch_norm=batch_norm)
    state, (inputs, _) = random_state(functions, members), random_batch(members, outputs)
    wanted = evaluate(functions, state, inputs)
    for member in range(members):
        assert_close(outputs_at(functions, state[member], inputs[member]), wanted[member])
        leading = inputs[member, :, : max(functions.leading, 1)]
        assert_close(outputs_at(functions, state[member], leading), wanted[member])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_plain_activations_have_the_values_of_those_that_write(name: str) -> None:
    z = torch.linspace(-8, 8, 161, dtype=torch.float64)
    out = torch.empty_like(z)
    ACTIVATIONS[name].forward(z.clone(), out)
    assert_close(ACTIVATIONS[name].plain(z), out)
