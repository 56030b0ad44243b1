from __future__ import annotations

import torch
from torch.nn import functional

from thetastar.losses import Absolute


def test_known_answer_with_subgradient_zero_where_it_is_exact() -> None:
    outputs, targets = torch.tensor([[[1.0], [4.0], [2.0]]]), torch.tensor([[[3.0], [1.0], [2.0]]])
    value, gradient = Absolute().value_and_gradient(outputs, targets, torch.tensor([[0.5, 0.25, 0.25]]))
    assert value.tolist() == [1.75]
    assert gradient.tolist() == [[[-0.5], [0.25], [0.0]]]


def test_equals_torch() -> None:
    outputs, targets = torch.randn(1, 50, 1), torch.randn(1, 50, 1)
    value = Absolute().value(outputs, targets, torch.full((1, 50), 1 / 50))
    torch.testing.assert_close(value[0], functional.l1_loss(outputs, targets))
