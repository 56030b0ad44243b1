from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from thetastar.errors import UserError
from thetastar.losses import CrossEntropy, already_softmaxed, softmax

LOGITS = st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=6)


def test_equals_torch() -> None:
    logits = 3 * torch.randn(20, 7, dtype=torch.float64)
    torch.testing.assert_close(softmax(logits), torch.softmax(logits, -1))


@given(LOGITS)
def test_always_probabilities(logits: list[float]) -> None:
    out = softmax(torch.tensor(logits))
    assert ((out >= 0) & (out <= 1)).all()
    assert out.sum().item() == pytest.approx(1.0)


def test_adding_the_same_to_every_logit_changes_nothing() -> None:
    logits = torch.tensor([3.0, 1.0, -3.0], dtype=torch.float64)
    torch.testing.assert_close(softmax(logits + 512), softmax(logits))


@pytest.mark.parametrize("wrong", [torch.tensor([1, 2]), torch.zeros(3, 0), torch.tensor(1.0)])
def test_refuses_what_has_no_classes(wrong: torch.Tensor) -> None:
    with pytest.raises(UserError, match="softmax needs floating-point logits"):
        softmax(wrong)


def test_probabilities_are_noticed_and_logits_are_not() -> None:
    logits = torch.randn(8, 3)
    assert already_softmaxed(softmax(logits))
    assert already_softmaxed(softmax(logits.double()))
    assert not already_softmaxed(logits)
    assert not already_softmaxed(torch.sigmoid(logits)), "in [0, 1] but the rows don't sum to 1"
    assert not already_softmaxed(torch.tensor([[2.0, -1.0]])), "sums to 1 but isn't in [0, 1]"


def test_nothing_can_be_said_of_one_column_or_no_row() -> None:
    assert not already_softmaxed(torch.ones(5, 1))
    assert not already_softmaxed(torch.ones(0, 3))


def test_softmax_twice_has_the_floor_that_the_docstring_names() -> None:
    certain = softmax(torch.tensor([[[1e4, -1e4]]]))
    value = CrossEntropy().value(certain, torch.tensor([[0]]), torch.ones(1, 1))
    assert value.item() == pytest.approx(math.log(1 + math.exp(-1)))
