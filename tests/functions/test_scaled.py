"""A factor on the outputs stays within the set."""

from __future__ import annotations

import pytest
import torch

from thetastar.functions import FunctionSet, evaluate, initial, scaled


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("hidden", [(), (3,), (3, 3)])
def test_the_outputs_are_scaled(hidden: tuple[int, ...], batch_norm: bool) -> None:
    functions = FunctionSet(inputs=4, outputs=2, shortcut=3, hidden=hidden, reads=4, batch_norm=batch_norm)
    state = initial(functions, [0, 1], dtype=torch.float64) + 0.1
    inputs = torch.randn(1, 7, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    before, kept = evaluate(functions, state, inputs), state.clone()
    after = evaluate(functions, scaled(functions, state, 0.25), inputs)
    torch.testing.assert_close(after, before / 4, rtol=1e-12, atol=0)
    assert torch.equal(state, kept)
