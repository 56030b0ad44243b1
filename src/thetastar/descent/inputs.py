"""Encoded rows that are computed when they are asked for, or read block by block."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

__all__ = ["Inputs", "RowBlocks"]


class Inputs(Protocol):
    """What takes the place of a tensor of inputs where all encoded rows together would not fit into memory."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return how many sources, rows and inputs there are."""
        ...

    def take(self, source: int, rows: Tensor, *, leading: int) -> Tensor:
        """Return the leading inputs of some rows in a source's encoding, float32 [len(rows), leading], in main memory.

        Args:
            source: Which encoding.
            rows: Positions, whole numbers [rows].
            leading: How many inputs are wanted.
        """
        ...


class RowBlocks(Protocol):
    """Rows that can be read block by block: a tensor [rows, inputs], or what computes one."""

    def __len__(self) -> int:
        """Return how many rows there are."""
        ...

    def __getitem__(self, rows: slice, /) -> Tensor:
        """Return a block of rows, [rows, inputs]."""
        ...
