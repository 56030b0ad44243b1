"""A Krylov space of a symmetric operator: grown by one product at a time, shrunk when it is full.

Lanczos's method with full orthogonalisation and thick restarts: K. Wu, H. Simon, "Thick-restart Lanczos method for
large symmetric eigenvalue problems", SIAM J. Matrix Anal. Appl. 22 (2000).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.landscape.operator import Counted, refuse_asymmetric

__all__ = ["ROUNDING", "Krylov", "Ritz"]

ROUNDING = 8  # a residual can't be known better than to so many roundings of the largest value


@dataclass(frozen=True)
class Ritz:
    """The eigenpairs of the operator's restriction to a Krylov space.

    Attributes:
        values: [m], ascending.
        coefficients: Of their vectors in the space's basis, [m, m], a column each.
        residuals: ‖Hy − θy‖ for each, [m].
    """

    values: Tensor
    coefficients: Tensor
    residuals: Tensor

    @property
    def scale(self) -> float:
        """The largest absolute value."""
        return float(self.values.abs().max())


class Krylov:
    """The span of v, Hv, H²v, … orthogonal to what is locked, with an orthonormal basis Q and T = QᵀHQ.

    All residuals come without further products: HQ = QT + LC + q rᵀ with the locked vectors L and the next basis
    vector q. Where the space is invariant (r = 0) it grows on from a random vector, so that further copies of a
    repeated eigenvalue are found.

    Args:
        products: Of the operator.
        locked: Orthonormal vectors that the space stays orthogonal to, [L, size], a row each.
        capacity: Most basis vectors.
        random: Where random vectors come from.
    """

    def __init__(self, products: Counted, *, locked: Tensor, capacity: int, random: torch.Generator) -> None:
        self._products, self._random = products, random
        self._locked, self._capacity = len(locked), min(capacity, products.size - len(locked))
        rows = self._locked + self._capacity + 1
        self._rows = torch.empty(rows, products.size, dtype=products.dtype, device=products.device)
        self._rows[: self._locked] = locked
        self._projected = torch.zeros(self._capacity, self._capacity, dtype=torch.float64)
        self._to_locked = torch.zeros(self._locked, self._capacity, dtype=torch.float64)
        self._to_next = torch.zeros(self._capacity, dtype=torch.float64)  # r
        self.lengths: list[float] = []  # of what each step left of an image; none after a restart
        self._scale = 0.0  # the longest image seen of a vector of length 1
        self._asymmetry = 0.0  # how far products were from those of a symmetric operator: by rounding, or differences
        self.dimension = 0
        self._append_random()

    @property
    def complete(self) -> bool:
        """Whether the space is all that there is."""
        return self.dimension + self._locked == self._products.size

    @property
    def full(self) -> bool:
        """Whether it has to shrink before it can grow."""
        return self.dimension == self._capacity

    def grow(self) -> None:
        """Add the next vector to the space, by one product.

        Raises:
            UserError: if the products aren't those of a symmetric operator.
        """
        m, end = self.dimension, self._locked + self.dimension + 1
        image = self._products(self._rows[end - 1, :, None])[:, 0]
        self._scale = max(self._scale, float(image.norm()))
        rest, along = _orthogonalised(image, self._rows[:end])
        column = along[self._locked :].double().cpu()
        difference = float((column[:m] - self._to_next[:m]).norm())
        refuse_asymmetric(difference, scale=self._scale)
        self._asymmetry = max(self._asymmetry, difference)
        self._projected[: m + 1, m] = self._projected[m, : m + 1] = column
        self._to_locked[:, m] = along[: self._locked].double().cpu()
        self._to_next.zero_()
        self.dimension += 1
        self._append(rest)

    def ritz(self) -> Ritz:
        """Return the eigenpairs of the restriction."""
        m = self.dimension
        values, coefficients = torch.linalg.eigh(self._projected[:m, :m])
        outside = torch.vstack([self._to_locked[:, :m], self._to_next[None, :m]]) @ coefficients
        rounding = ROUNDING * torch.finfo(self._rows.dtype).eps * float(values.abs().max())
        least = torch.tensor(max(rounding, self._asymmetry), dtype=torch.float64)
        return Ritz(values, coefficients, outside.norm(dim=0).hypot(least))

    def vectors(self, coefficients: Tensor) -> Tensor:
        """Return the combinations of the basis, [j, size], a row each."""
        basis = self._rows[self._locked : self._locked + self.dimension]
        return coefficients.T.to(basis) @ basis

    def shrink(self, ritz: Ritz, keep: Tensor) -> None:
        """Keep only the Ritz vectors with these indices, and the vector to go on with."""
        kept, end, size = ritz.coefficients[:, keep], self._locked + self.dimension, len(keep)
        following = self._rows[end].clone()
        self._rows[self._locked : self._locked + size] = self.vectors(kept)
        self._rows[self._locked + size] = following
        to_locked, to_next = self._to_locked[:, : self.dimension] @ kept, self._to_next[: self.dimension] @ kept
        self._projected.zero_()
        self._projected.diagonal()[:size] = ritz.values[keep]
        self._to_locked[:, :size] = to_locked
        self._to_next.zero_()
        self._to_next[:size] = to_next
        self.lengths.clear()
        self.dimension = size

    def _append(self, rest: Tensor) -> None:
        """Take what is left of an image as the vector to go on with; a random one if nothing is left."""
        if self.complete:
            return
        length = float(rest.norm())
        if length <= ROUNDING * torch.finfo(rest.dtype).eps * self._scale:
            self.lengths.append(0.0)
            self._append_random()
            return
        self.lengths.append(length)
        self._to_next[self.dimension - 1] = length
        self._rows[self._locked + self.dimension] = rest / length

    def _append_random(self) -> None:
        end = self._locked + self.dimension
        drawn = self._products.normal(1, random=self._random)[:, 0]
        rest, _ = _orthogonalised(drawn / drawn.norm(), self._rows[:end])
        rest, _ = _orthogonalised(rest / rest.norm(), self._rows[:end])  # little may be left in a small space
        self._rows[end] = rest / rest.norm()


def _orthogonalised(vector: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return the part of a vector that is orthogonal to orthonormal rows, and its coefficients along them.

    Twice is enough: B. Parlett, "The Symmetric Eigenvalue Problem", 6.9.
    """
    along = torch.zeros(len(rows), dtype=rows.dtype, device=rows.device)
    for _ in range(2):
        part = rows @ vector
        vector = torch.addmv(vector, rows.T, part, alpha=-1)
        along = along + part
    return vector, along
