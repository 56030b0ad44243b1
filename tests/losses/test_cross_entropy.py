from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from thetastar.errors import UserError
from thetastar.losses import CrossEntropy

ONE = torch.ones(1, 1)


def test_known_answer() -> None:
    logits = torch.tensor([[[0.0, math.log(3.0)]]])
    value, gradient = CrossEntropy().value_and_gradient(logits, torch.tensor([[1]]), 2 * ONE)
    assert value.item() == pytest.approx(2 * math.log(4 / 3))
    assert gradient.flatten().tolist() == pytest.approx([0.5, -0.5])


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_equals_torch(smoothing: float) -> None:
    logits, codes = 3 * torch.randn(100, 5), torch.randint(5, (100,))
    loss = CrossEntropy(label_smoothing=smoothing)
    value = loss.value(logits[None], codes[None], torch.full((1, 100), 0.01))
    torch.testing.assert_close(value[0], functional.cross_entropy(logits, codes, label_smoothing=smoothing))


def test_class_weights_multiply_rows_and_are_not_normalised() -> None:
    logits, codes = torch.randn(100, 3), torch.randint(3, (100,))
    factors = (0.5, 1.0, 4.0)
    expected = functional.cross_entropy(logits, codes, weight=torch.tensor(factors), reduction="sum") / 100
    value = CrossEntropy(class_weights=factors).value(logits[None], codes[None], torch.full((1, 100), 0.01))
    torch.testing.assert_close(value[0], expected)


def test_class_weights_also_multiply_smoothed_rows() -> None:
    logits, codes = torch.randn(1, 40, 3), torch.randint(3, (1, 40))
    weights = torch.rand(1, 40)
    factors = (0.5, 1.0, 4.0)
    by_hand = CrossEntropy(label_smoothing=0.2).value(logits, codes, weights * torch.tensor(factors)[codes])
    value = CrossEntropy(label_smoothing=0.2, class_weights=factors).value(logits, codes, weights)
    torch.testing.assert_close(value, by_hand)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("logits", "code", "expected", "slopes"),
    [
        ((-5.0, 5.0, -1000.0), 0, 10.0, (-0.9999546, 0.9999546, 0.0)),
        ((-5.0, 5.0, -1000.0), 2, 1005.0, (0.0000454, 0.9999546, -1.0)),
        ((1e4, 0.0, -1e4), 0, 0.0, (0.0, 0.0, 0.0)),
        ((1e4, 0.0, -1e4), 2, 2e4, (1.0, 0.0, -1.0)),
        ((1e4, 1e4, 1e4), 1, math.log(3), (1 / 3, -2 / 3, 1 / 3)),
    ],
)
def test_stays_finite_for_extreme_logits(
    dtype: torch.dtype, logits: tuple[float, ...], code: int, expected: float, slopes: tuple[float, ...]
) -> None:
    outputs = torch.tensor([[logits]], dtype=dtype)
    value, gradient = CrossEntropy().value_and_gradient(outputs, torch.tensor([[code]]), ONE.to(dtype))
    assert value.item() == pytest.approx(expected, abs=1e-3)
    assert gradient.flatten().tolist() == pytest.approx(slopes, abs=1e-6)


def test_gradient_over_the_classes_sums_to_zero() -> None:
    loss = CrossEntropy(label_smoothing=0.1, class_weights=(1.0, 2.0, 3.0))
    _, gradient = loss.value_and_gradient(
        torch.randn(2, 9, 3, dtype=torch.float64),
        torch.randint(3, (2, 9)),
        torch.rand(2, 9, dtype=torch.float64),
    )
    assert gradient.sum(2).abs().max() < 1e-15


@pytest.mark.parametrize("smoothing", [-0.1, 1.0, float("nan")])
def test_refuses_impossible_smoothing(smoothing: float) -> None:
    with pytest.raises(UserError, match="label smoothing"):
        CrossEntropy(label_smoothing=smoothing)


@pytest.mark.parametrize("factor", [-1.0, float("nan"), float("inf")])
def test_refuses_an_impossible_class_weight(factor: float) -> None:
    with pytest.raises(UserError, match="that of class 1 is"):
        CrossEntropy(class_weights=(1.0, factor))


def test_refuses_the_wrong_number_of_class_weights() -> None:
    with pytest.raises(UserError, match="2 class weights were given for 3 classes"):
        CrossEntropy(class_weights=(1.0, 1.0)).value(torch.zeros(1, 1, 3), torch.zeros(1, 1).long(), ONE)
