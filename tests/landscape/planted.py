"""Symmetric operators whose eigenvalues are known, with eigenvectors that lie along no axis."""

from __future__ import annotations

import torch
from torch import Tensor

from thetastar.landscape import Operator

REFLECTIONS = 3


class Planted:
    """Q diag(values) Qᵀ, with Q a product of random reflections, so that a product costs little at any size."""

    def __init__(self, values: Tensor, *, dtype: torch.dtype = torch.float64, seed: int = 0) -> None:
        random = torch.Generator().manual_seed(seed)
        mirrors = torch.randn(REFLECTIONS, len(values), generator=random, dtype=torch.float64)
        self.values = values.double().sort(descending=True).values
        self._mirrors = mirrors / mirrors.norm(dim=1, keepdim=True)
        self.operator = Operator(lambda V: self.product(V.double()).to(dtype), size=len(values), dtype=dtype)

    def product(self, vectors: Tensor) -> Tensor:
        """H V in double precision, [size, k]."""
        return self._turned(self.values[:, None] * self._turned(vectors, back=True))

    def off(self, values: Tensor, vectors: Tensor) -> Tensor:
        """‖Hv − λv‖ in double precision, [k]."""
        return (self.product(vectors.double()) - vectors.double() * values).norm(dim=0)

    def _turned(self, vectors: Tensor, *, back: bool = False) -> Tensor:
        for mirror in self._mirrors if not back else self._mirrors.flip(0):
            vectors = vectors - 2 * mirror[:, None] * (mirror @ vectors)
        return vectors


def ends(values: Tensor, k: int) -> Tensor:
    """The k largest and the k smallest of values in descending order."""
    return torch.cat([values[:k], values[-k:]])


def bulk(size: int, *, width: float = 0.05, seed: int = 1) -> Tensor:
    return width * torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def networklike(size: int = 2000) -> Tensor:
    """A few large eigenvalues, a narrow bulk around zero, a few negative ones beyond it."""
    outliers = torch.tensor([12.0, 9.0, 7.5, 5.0, 4.0, 2.0, -0.6, -0.5, -0.4, -0.35, -0.3], dtype=torch.float64)
    return torch.cat([bulk(size - len(outliers)), outliers])
