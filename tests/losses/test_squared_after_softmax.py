from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from thetastar.losses import SquaredAfterSoftmax


def test_known_answer() -> None:
    logits, code = torch.zeros(1, 1, 2), torch.tensor([[0]])
    value, gradient = SquaredAfterSoftmax().value_and_gradient(logits, code, torch.ones(1, 1))
    assert value.item() == 0.5
    assert gradient.flatten().tolist() == [-0.5, 0.5]


def test_equals_torch() -> None:
    logits, codes = torch.randn(1, 60, 4), torch.randint(4, (1, 60))
    expected = functional.mse_loss(functional.softmax(logits, 2), functional.one_hot(codes, 4).float(), reduction="sum")
    value = SquaredAfterSoftmax().value(logits, codes, torch.ones(1, 60))
    torch.testing.assert_close(value[0], expected)


@pytest.mark.parametrize("size", [1e3, 1e4])
def test_stays_finite_for_extreme_logits(size: float) -> None:
    logits = torch.tensor([[[size, -size]]])
    value, gradient = SquaredAfterSoftmax().value_and_gradient(logits, torch.tensor([[1]]), torch.ones(1, 1))
    assert value.item() == 2.0
    assert gradient.flatten().tolist() == [0.0, 0.0]
