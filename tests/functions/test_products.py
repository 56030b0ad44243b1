"""Products by the faster library: as exact as before, and the user's setting untouched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from thetastar.functions import FunctionSet, Pass, initial, products
from thetastar.functions.products import fast_products, is_accurate

LARGE = 1 << 30
needs_setting = pytest.mark.skipif(
    not hasattr(getattr(torch.backends.mkldnn, "matmul", None), "fp32_precision"), reason="needs torch 2.9 or newer"
)


@pytest.fixture(autouse=True)
def _probe_again() -> Iterator[None]:
    """Let every test measure for itself, and leave no planted answer behind."""
    products._permission_helps.cache_clear()
    yield
    products._permission_helps.cache_clear()


def setting() -> str:
    return str(torch.backends.mkldnn.matmul.fp32_precision)


def plant(monkeypatch: pytest.MonkeyPatch, answer: bool) -> None:
    monkeypatch.setattr(products, "_permission_helps", lambda: answer)


def test_float32_is_accurate_and_shorter_numbers_are_not() -> None:
    assert is_accurate(torch.mm)
    assert not is_accurate(lambda left, right: (left.bfloat16() @ right.bfloat16()).float())
    assert not is_accurate(lambda left, right: _ten_bits(left) @ _ten_bits(right))  # as tf32 rounds


def _ten_bits(x: Tensor) -> Tensor:
    return (x.view(torch.int32) & -(1 << 13)).view(torch.float32)


def test_a_product_that_rounds_is_never_permitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "_permitted", lambda left, right: (left.bfloat16() @ right.bfloat16()).float())
    monkeypatch.setattr(products, "_seconds", lambda product: 1.0 if product is torch.mm else 0.1)
    assert not products._permission_helps()


@pytest.mark.parametrize(("other", "helps"), [(0.7, True), (0.8, False), (1.5, False)])
def test_a_gain_must_be_clear(monkeypatch: pytest.MonkeyPatch, other: float, helps: bool) -> None:
    monkeypatch.setattr(products, "_ONEDNN", SimpleNamespace(is_available=lambda: True, matmul=_Setting()))
    monkeypatch.setattr(products, "_seconds", lambda product: 1.0 if product is torch.mm else other)
    assert products._permission_helps() is helps


class _Setting:
    fp32_precision = "none"


@pytest.mark.parametrize("backend", [SimpleNamespace(), SimpleNamespace(matmul=SimpleNamespace())])
def test_an_older_torch_goes_without(monkeypatch: pytest.MonkeyPatch, backend: SimpleNamespace) -> None:
    backend.is_available = lambda: True
    monkeypatch.setattr(products, "_ONEDNN", backend)
    with fast_products(torch.zeros(1), work=LARGE):
        assert torch.equal(torch.eye(2) @ torch.ones(2, 1), torch.ones(2, 1))


@needs_setting
@pytest.mark.parametrize("users", ["none", "ieee"])
def test_the_users_setting_is_back_after_nested_uses_and_exceptions(
    monkeypatch: pytest.MonkeyPatch, users: str
) -> None:
    plant(monkeypatch, True)
    before, fast = setting(), fast_products(torch.zeros(1), work=LARGE)
    torch.backends.mkldnn.matmul.fp32_precision = users
    try:
        with pytest.raises(KeyboardInterrupt):
            _interrupted(fast)
        assert setting() == users
    finally:
        torch.backends.mkldnn.matmul.fp32_precision = before


def _interrupted(fast: AbstractContextManager[object]) -> None:
    with fast:
        with fast:
            assert setting() == "bf16"
        assert setting() == "bf16"
        raise KeyboardInterrupt


@needs_setting
@pytest.mark.parametrize(
    ("like", "work", "permitted"),
    [
        (torch.zeros(1), LARGE, True),
        (torch.zeros(1), 32 * 32 * 256, False),
        (torch.zeros(1, dtype=torch.float64), LARGE, False),
        (torch.zeros(1, device="meta"), LARGE, False),
    ],
)
def test_only_large_float32_products_on_the_cpu(
    monkeypatch: pytest.MonkeyPatch, like: Tensor, work: int, permitted: bool
) -> None:
    plant(monkeypatch, True)
    with fast_products(like, work=work):
        assert (setting() == "bf16") is permitted


@pytest.mark.parametrize("members", [1, 3])
def test_a_pass_is_the_same_function_by_either_library(monkeypatch: pytest.MonkeyPatch, members: int) -> None:
    functions = FunctionSet(inputs=20, outputs=1, hidden=(128, 128), reads=20)
    state = initial(functions, range(members))
    stream = torch.Generator().manual_seed(0)
    inputs = torch.randn(members, 256, 20, generator=stream)

    def gradient() -> Tensor:
        slopes = torch.zeros(members, functions.size)
        one = Pass(functions, state, gradient=slopes, rows=256)
        one.backward(inputs, one.forward(inputs) / 256)
        return slopes

    measured = gradient()  # by whichever library this machine has chosen
    plant(monkeypatch, False)
    torch.testing.assert_close(measured, gradient(), rtol=1e-4, atol=1e-6)
