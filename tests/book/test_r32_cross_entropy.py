"""R32: cross-entropy, not squared error: far from the answer the squared error after softmax is flat."""

from __future__ import annotations

import pytest
import torch

from thetastar.losses import (
    CrossEntropy,
    Loss,
    SquaredAfterSoftmax,
    already_softmaxed,
    softmax,
)

TARGET, ONE = torch.tensor([[0]]), torch.ones(1, 1, dtype=torch.float64)


def slope(loss: Loss, y1: float, y2: float) -> float:
    """Return ∂L/∂y₁ at logits (y₁, y₂, −1000) when the first class is right."""
    logits = torch.tensor([[[y1, y2, -1000.0]]], dtype=torch.float64)
    return loss.value_and_gradient(logits, TARGET, ONE)[1][0, 0, 0].item()


@pytest.mark.parametrize(
    ("y1", "y2", "squared", "cross_entropy"),
    [(-10.0, 10.0, -8.2e-9, -1.000), (-5.0, 5.0, -1.8e-4, -0.99995), (0.0, 0.0, -0.5, -0.5)],
)
def test_golden_slopes(y1: float, y2: float, squared: float, cross_entropy: float) -> None:
    """Where the answer is wrong and sure, squared error has no slope to follow and cross-entropy has."""
    assert slope(SquaredAfterSoftmax(), y1, y2) == pytest.approx(squared, rel=0.02)
    assert slope(CrossEntropy(), y1, y2) == pytest.approx(cross_entropy, abs=1e-5)


def test_descent_leaves_with_one_and_stays_with_the_other() -> None:
    """From (−10, 10), 200 steps of η = 1: cross-entropy finds the class, squared error hasn't moved."""
    ends = {}
    for loss in (CrossEntropy(), SquaredAfterSoftmax()):
        logits = torch.tensor([[[-10.0, 10.0, -1000.0]]], dtype=torch.float64)
        for _ in range(200):
            logits = logits - loss.value_and_gradient(logits, TARGET, ONE)[1]
        ends[loss.name] = softmax(logits)[0, 0, 0].item()
    assert ends["cross_entropy"] > 0.99
    assert ends["squared_after_softmax"] < 1e-8


def test_cross_entropy_takes_logits_and_softmax_twice_is_noticed() -> None:
    """Probabilities handed in as logits are recognised, and logits aren't taken for probabilities."""
    logits = torch.tensor([[3.0, 1.0, -3.0], [0.5, 2.0, 0.1]])
    assert already_softmaxed(softmax(logits))
    assert not already_softmaxed(logits)
