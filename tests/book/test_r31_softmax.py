"""R31: softmax turns logits into probabilities; with two classes it is a sigmoid; it never overflows."""

from __future__ import annotations

import pytest
import torch

from thetastar.losses import softmax


def test_golden_numbers() -> None:
    """(3, 1, −3) becomes (.8789, .1189, .0022): the largest stands out, all are positive and sum to 1."""
    out = softmax(torch.tensor([3.0, 1.0, -3.0], dtype=torch.float64))
    assert [round(value, 4) for value in out.tolist()] == [0.8789, 0.1189, 0.0022]
    assert out.sum().item() == pytest.approx(1.0, abs=1e-15)


def test_two_classes_are_a_sigmoid_of_the_difference() -> None:
    """softmax(a, b) = (σ(a − b), σ(b − a))."""
    logits = 5 * torch.randn(100, 2, dtype=torch.float64)
    difference = logits[:, 0] - logits[:, 1]
    expected = torch.stack([torch.sigmoid(difference), torch.sigmoid(-difference)], 1)
    torch.testing.assert_close(softmax(logits), expected)


@pytest.mark.parametrize("size", [100.0, 1e4, 1e38])
def test_never_overflows(size: float) -> None:
    """exp(100) is already too large for float32; the largest logit is taken off first."""
    assert softmax(torch.tensor([size, size])).tolist() == [0.5, 0.5]
    assert softmax(torch.tensor([size, -size, -size])).tolist() == [1.0, 0.0, 0.0]
