from __future__ import annotations

import torch
from torch.nn import functional

from thetastar.losses import Squared

OUTPUTS = torch.tensor([[[1.0], [4.0]], [[0.0], [-1.0]]])
TARGETS = torch.tensor([[[3.0], [1.0]], [[0.0], [2.0]]])
HALVES = torch.full((2, 2), 0.5)


def test_known_answer() -> None:
    value, gradient = Squared().value_and_gradient(OUTPUTS, TARGETS, HALVES)
    assert value.tolist() == [6.5, 4.5]
    assert gradient.tolist() == [[[-2.0], [3.0]], [[0.0], [-3.0]]]


def test_equals_torch() -> None:
    value = Squared().value(OUTPUTS, TARGETS, HALVES)
    torch.testing.assert_close(value.mean(), functional.mse_loss(OUTPUTS, TARGETS))


def test_several_outputs_are_summed() -> None:
    outputs, targets = torch.tensor([[[1.0, 2.0]]]), torch.zeros(1, 1, 2)
    assert Squared().value(outputs, targets, torch.ones(1, 1)).item() == 5.0
