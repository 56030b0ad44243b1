"""The machine's peak: the most multiplications and additions a second that any matrix product at hand reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from bench.timing import in_turn
from thetastar.functions.products import fast_products

__all__ = ["Peak", "measure_peak"]

_SIZES = (512, 1024)
_ROUNDS = 7


@dataclass(frozen=True)
class Peak:
    """Speeds in GFLOP/s of one thread, or of as many as are set: torch as it comes, numpy, and the best of all."""

    torch: float
    numpy: float
    best: float


def measure_peak() -> Peak:
    """Multiply square float32 matrices by every library at hand and keep the fastest product of each."""
    speeds: dict[str, float] = {}
    for size in _SIZES:
        left, right = torch.randn(size, size), torch.randn(size, size)
        out, fast = torch.empty(size, size), fast_products(left, work=size**3)
        a, b, c = left.numpy(), right.numpy(), np.empty((size, size), np.float32)

        def permitted(left=left, right=right, out=out, fast=fast):
            with fast:
                torch.mm(left, right, out=out)

        times = in_turn(
            {
                "torch": lambda left=left, right=right, out=out: torch.mm(left, right, out=out),
                "permitted": permitted,
                "numpy": lambda a=a, b=b, c=c: np.matmul(a, b, out=c),
            },
            rounds=_ROUNDS,
        )
        for name, seconds in times.items():
            speeds[name] = max(speeds.get(name, 0.0), 2 * size**3 / min(seconds) / 1e9)
    return Peak(speeds["torch"], speeds["numpy"], max(speeds.values()))
