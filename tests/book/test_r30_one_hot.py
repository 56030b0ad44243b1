"""R30: classes as numbers 1, 2, 3 imply an order and distances; one-hot doesn't."""

from __future__ import annotations

import math

import pytest
import torch

from thetastar.losses import one_hot


def test_numbers_put_classes_in_an_order() -> None:
    """As numbers, class 1 is nearer to 2 than to 3; as one-hot vectors all are √2 apart."""
    codes = torch.tensor([0, 1, 2])
    as_numbers = (codes + 1).double()[:, None]
    as_corners = one_hot(codes, 3, dtype=torch.float64)
    assert torch.cdist(as_numbers, as_numbers)[0].tolist() == [0.0, 1.0, 2.0]
    apart = torch.cdist(as_corners, as_corners)[~torch.eye(3, dtype=torch.bool)]
    assert apart.tolist() == pytest.approx([math.sqrt(2)] * 6)


def test_the_vectors() -> None:
    """Three classes are (1, 0, 0), (0, 1, 0) and (0, 0, 1)."""
    assert one_hot(torch.tensor([0, 1, 2]), 3).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
