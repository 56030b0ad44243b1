"""A symmetric operator on flat vectors: all that a spectrum needs to know of a Hessian."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from thetastar.errors import UserError

__all__ = ["Counted", "HasHessian", "Operator", "dense", "refuse_asymmetric", "stream"]

_COLUMNS = 64  # of the identity in one product, when the whole matrix is wanted
# Products by finite differences are symmetric to about 1e-3 of the largest eigenvalue; these belong to no Hessian.
_MOST_ASYMMETRY = 1e-2


class HasHessian(Protocol):
    """What an objective offers of its Hessian."""

    @property
    def size(self) -> int:
        """Number of parameters."""

    @property
    def dtype(self) -> torch.dtype:
        """Of the vectors."""

    @property
    def device(self) -> torch.device:
        """Where the vectors lie."""

    def hessian_product(self, vectors: Tensor, /) -> Tensor:
        """Return H V for V [size, k]."""


@dataclass(frozen=True)
class Operator:
    """A symmetric matrix that is known by its products.

    Attributes:
        product: H V for V [size, k], of the same shape, type and device.
        size: Rows of H.
        dtype: Of the vectors.
        device: Where the vectors lie.

    Example:
        >>> twice = Operator(lambda V: 2 * V, size=3, dtype=torch.float64)
        >>> twice.product(torch.ones(3, 1, dtype=torch.float64)).flatten().tolist()
        [2.0, 2.0, 2.0]
    """

    product: Callable[[Tensor], Tensor]
    size: int
    dtype: torch.dtype = torch.float32
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))


class Counted:
    """The products with one operator: checked, and counted, one for each vector."""

    def __init__(self, source: Operator | HasHessian) -> None:
        self._product = source.product if isinstance(source, Operator) else source.hessian_product
        self.size, self.dtype, self.device = source.size, source.dtype, torch.device(source.device)
        self.used = 0
        if self.size < 1:
            raise UserError("eigenvalues were asked for of an operator on no parameters; its size must be at least 1")

    def __call__(self, vectors: Tensor) -> Tensor:
        """Return H V for V [size, k].

        Raises:
            UserError: if the product has another shape, or holds values that aren't finite.
        """
        images = self._product(vectors).detach()
        self.used += vectors.shape[1]
        if images.shape != vectors.shape:
            seen = tuple(images.shape)
            raise UserError(f"the product with {tuple(vectors.shape)} has the shape {seen}; it must be the same")
        if not images.isfinite().all():
            raise UserError(
                "the product with a vector of length 1 isn't finite: the loss or its derivatives overflow at these "
                "parameters. Look at the loss first; double precision (module.double()) helps if it is finite"
            )
        return images

    def none(self) -> Tensor:
        """Return no vectors, [0, size]."""
        return torch.empty(0, self.size, dtype=self.dtype, device=self.device)

    def normal(self, columns: int, *, random: torch.Generator) -> Tensor:
        """Return independent standard normal vectors [size, columns], the same on every device and rank."""
        drawn = torch.randn(columns, self.size, generator=random, dtype=torch.float64)
        return drawn.T.to(self.device, self.dtype)


def stream(purpose: str, seed: int) -> torch.Generator:
    """Return random numbers that no other purpose shares: a probe must not be the start of the search."""
    return torch.Generator().manual_seed(zlib.crc32(f"{purpose} {seed}".encode()))


def dense(products: Counted) -> Tensor:
    """Return the whole matrix [size, size] in double precision, from one product for each column.

    Raises:
        UserError: if it is not symmetric.
    """
    identity = torch.eye(products.size, dtype=products.dtype, device=products.device)
    blocks = [products(columns) for columns in torch.split(identity, _COLUMNS, dim=1)]
    matrix = torch.cat(blocks, dim=1).double()
    refuse_asymmetric(float((matrix - matrix.T).norm()), scale=float(matrix.norm()))
    return (matrix + matrix.T) / 2


def refuse_asymmetric(difference: float, *, scale: float) -> None:
    """Raise if products differ too much from those of a symmetric matrix.

    Raises:
        UserError: with how much they differ.
    """
    if difference > _MOST_ASYMMETRY * scale:
        raise UserError(
            f"the operator isn't symmetric: uᵀHv and vᵀHu differ by {difference:.3g} where H is of size {scale:.3g}. "
            "A Hessian is symmetric, so its products are either wrong or change from call to call (is dropout on?)"
        )
