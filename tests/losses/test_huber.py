from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from thetastar.errors import UserError
from thetastar.losses import Huber


def test_known_answer_inside_at_and_outside_the_corner() -> None:
    outputs = torch.tensor([[[0.0], [1.0], [2.0], [-5.0]]])
    value, gradient = Huber(delta=2.0).value_and_gradient(outputs, torch.zeros(1, 4, 1), torch.ones(1, 4))
    assert value.item() == 0.0 + 0.5 + 2.0 + 8.0
    assert gradient.flatten().tolist() == [0.0, 1.0, 2.0, -2.0]


@pytest.mark.parametrize("delta", [0.1, 1.0, 3.0])
def test_equals_torch(delta: float) -> None:
    outputs, targets = 2 * torch.randn(1, 200, 1), torch.randn(1, 200, 1)
    weights = torch.full((1, 200), 1 / 200)
    expected = functional.huber_loss(outputs, targets, delta=delta)
    torch.testing.assert_close(Huber(delta=delta).value(outputs, targets, weights)[0], expected)
    torch.testing.assert_close(Huber(delta=delta).value_and_gradient(outputs, targets, weights)[0][0], expected)


@pytest.mark.parametrize("delta", [0.0, -1.0, float("nan"), float("inf")])
def test_refuses_an_impossible_delta(delta: float) -> None:
    with pytest.raises(UserError, match="delta must be a positive finite number"):
        Huber(delta=delta)
