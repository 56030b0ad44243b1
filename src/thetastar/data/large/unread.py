"""What a file is to those who go on over all its rows, after they have seen a sample of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import polars as pl

from thetastar.data.large.text import Extent

__all__ = ["UnreadRows"]


class UnreadRows(Protocol):
    """The rows of a file that memory can't hold.

    Some of them, drawn at random, judge a function that learned from all the others: neither a sample nor a block holds
    any of them.
    """

    @property
    def rows(self) -> int:
        """Return how many there are."""
        ...

    @property
    def bytes(self) -> int:
        """Return how much that is, in single precision."""
        ...

    @property
    def group(self) -> str:
        """Return the column whose rows of one value all judge, or none of them; empty if they are drawn one by one."""
        ...

    @property
    def seconds(self) -> float:
        """Return how long it takes to read those that judge, as far as is known."""
        ...

    @property
    def extent(self) -> Extent | None:
        """Return what the sample was drawn from, where time decides that."""
        ...

    def judges(self) -> pl.DataFrame:
        """Return the rows that judge."""
        ...

    def blocks(self, *, seed: int) -> Iterator[pl.DataFrame]:
        """Yield all other rows, in random order."""
        ...
