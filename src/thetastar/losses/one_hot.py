"""Classes as corners of a cube, because numbers would put them in an order."""

from __future__ import annotations

import torch
from torch import Tensor

from thetastar.errors import UserError

__all__ = ["one_hot"]


def one_hot(codes: Tensor, classes: int, *, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return 1 at each row's class and 0 elsewhere; any two classes are then equally far apart.

    Args:
        codes: [...] int64, each in 0 … classes − 1.
        classes: How many classes there are.
        dtype: Of the result.

    Returns:
        [..., classes].

    Raises:
        UserError: The codes are not int64, or one lies outside 0 … classes − 1.

    Example:
        >>> one_hot(torch.tensor([2, 0]), 3).tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    if codes.dtype != torch.int64:
        raise UserError(f"class codes must be int64, got {codes.dtype}")
    outside = (codes < 0) | (codes >= classes)
    if outside.any():
        first = codes[outside][0].item()
        raise UserError(f"class codes must lie in 0 … {classes - 1}; the first that doesn't is {first}")
    return (codes.unsqueeze(-1) == torch.arange(classes, device=codes.device)).to(dtype)
