"""Large matrix products, sent to whichever of torch's two libraries is faster on this processor.

On a CPU, torch multiplies float32 matrices by MKL, which does not use the whole width of other vendors' processors;
oneDNN, which torch carries too, does. It is only reached by *permitting* it to round to bfloat16. On a processor
without units for bfloat16 it keeps to float32 all the same. This is measured once in a process: where it rounds, or is
not clearly faster, everything stays with MKL.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import torch
from torch import Tensor

__all__ = ["fast_products", "is_accurate"]

_ONEDNN: Any = torch.backends.mkldnn  # torch's older name for it; not everything there has types
_LEAST_WORK = 3 << 19  # multiplications, from which on a product repays oneDNN's overhead of some 10 µs a call
_GAIN = 1.3  # how many times faster oneDNN must be, so that chance doesn't choose the library
_PROBE = (256, 512, 512)
_REPETITIONS = 5
_TOLERANCE = 1e-5  # of a sum of 512 products: float32 leaves an error of about 1e-7, bfloat16 of 1e-3


def fast_products(like: Tensor, *, work: int) -> AbstractContextManager[object]:
    """Return a context, to be entered often, in which torch multiplies matrices by the faster library.

    The user's own setting is back after each use of the context, also after an exception.

    Args:
        like: A tensor of the precision and on the device of the products.
        work: Multiplications in a product, over the whole stack; small ones stay where they are.
    """
    small = work < _LEAST_WORK or like.dtype != torch.float32 or like.device.type != "cpu"
    return nullcontext() if small or not _permission_helps() else _PERMISSION


def is_accurate(product: Callable[[Tensor, Tensor], Tensor]) -> bool:
    """Tell whether a product of float32 matrices is as exact as float32 allows.

    Args:
        product: Of two matrices [rows, inner] and [inner, columns].

    Example:
        >>> is_accurate(torch.mm)
        True
        >>> is_accurate(lambda left, right: torch.mm(left.bfloat16(), right.bfloat16()).float())
        False
    """
    left, right = _probe()
    exact = left.double() @ right.double()
    error = (product(left, right).double() - exact).norm() / exact.norm()
    return bool(error < _TOLERANCE)


class _Permission:
    """The permission to oneDNN, given from the first of nested or concurrent uses to the end of the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses = 0
        self._before = "none"

    def __enter__(self) -> None:
        with self._lock:
            if self._uses == 0:
                self._before = _ONEDNN.matmul.fp32_precision
                _ONEDNN.matmul.fp32_precision = "bf16"
            self._uses += 1

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._uses -= 1
            if self._uses == 0:
                _ONEDNN.matmul.fp32_precision = self._before


_PERMISSION = _Permission()


@cache
def _permission_helps() -> bool:
    """Tell whether oneDNN is there, exact and clearly faster on this processor; measured once in a process."""
    reachable = hasattr(getattr(_ONEDNN, "matmul", None), "fp32_precision")  # from torch 2.9 on
    if not (_ONEDNN.is_available() and reachable and is_accurate(_permitted)):
        return False
    usual, other = [], []
    for _ in range(_REPETITIONS):  # in turn, so that a disturbance meets both
        usual.append(_seconds(torch.mm))
        other.append(_seconds(_permitted))
    return min(usual) > _GAIN * min(other)


def _permitted(left: Tensor, right: Tensor) -> Tensor:
    with _PERMISSION:
        return torch.mm(left, right)


def _probe() -> tuple[Tensor, Tensor]:
    """Return two seeded matrices to multiply."""
    rows, inner, columns = _PROBE
    stream = torch.Generator().manual_seed(0)
    return torch.randn(rows, inner, generator=stream), torch.randn(inner, columns, generator=stream)


def _seconds(product: Callable[[Tensor, Tensor], Tensor]) -> float:
    left, right = _probe()
    begin = time.perf_counter()
    product(left, right)
    return time.perf_counter() - begin
