"""Batches, updates and epochs: each member goes through its own rows in its own random order, reshuffled each epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.errors import UserError

__all__ = ["Block", "Stream", "draw", "updates_per_epoch"]

_MOST = 2**31 - 1  # the largest number in 32 bits


def updates_per_epoch(rows: int, batch_size: int) -> int:
    """Return how many updates one pass over the rows takes; the last batch may be smaller.

    Example:
        >>> updates_per_epoch(10_000, 10)
        1000
    """
    return math.ceil(rows / batch_size)


@dataclass(frozen=True)
class Block:
    """Batches for several consecutive updates.

    Attributes:
        rows: Which examples, int32 [updates, members, batch]; padding repeats a row of the same member, so that what
            is wrong with another member's rows (nan · 0 = nan) never enters.
        present: 1/(rows in the batch) for its rows and 0 for padding, [updates, members, batch], float64.
    """

    rows: Tensor
    present: Tensor


class Stream:
    """One member's endless sequence of batches.

    Args:
        rows: The member's training rows, int32 or int64 [rows].
        batch_size: Rows per update.
        seed: Of the member's own random order.
        at_least: Smallest batch that may be used: 2 for batch normalisation. A smaller remainder is left out of that
            epoch (another order leaves out other rows in the next).
        offset: What is added to every row, so that members of several encodings can share one tensor of rows.
    """

    def __init__(self, rows: Tensor, batch_size: int, *, seed: int, at_least: int = 1, offset: int = 0) -> None:
        if len(rows) == 0:
            raise UserError("a member was given no rows to learn from")
        if min(len(rows), batch_size) < at_least:
            raise UserError(
                "batch normalisation needs at least two rows in a batch: the deviation of one row is 0; seen "
                f"batch_size={batch_size} and {len(rows)} training rows"
            )
        if (last := int(rows.max()) + offset) > _MOST:
            raise UserError(f"rows are counted up to {_MOST}, over all encodings; seen row {last}")
        self._rows, self._offset = rows.int(), offset  # half the memory that every epoch's order goes through
        self._order = torch.Generator().manual_seed(seed)
        self.size = size = min(batch_size, len(rows))
        left = len(rows) % size
        self._updates = len(rows) // size + (left >= at_least and left > 0)
        in_last = size if self._updates * size <= len(rows) else left
        self._last = (torch.arange(size) < in_last).double() / in_last
        self._epoch = self._rows.new_empty(self._updates, size)
        self._next = self._updates

    def take(self, rows: Tensor, present: Tensor) -> None:
        """Fill the member's batches of a block, both [updates, width] with width ≥ the batch size."""
        filled = 0
        while filled < len(rows):
            if self._next == self._updates:
                self._shuffle()
                self._next = 0
            count = min(len(rows) - filled, self._updates - self._next)
            here, there = slice(filled, filled + count), slice(self._next, self._next + count)
            rows[here, : self.size] = self._epoch[there]
            rows[here, self.size :] = self._rows[0] + self._offset
            present[here, : self.size] = 1 / self.size
            filled += count
            self._next += count
            if self._next == self._updates:
                present[filled - 1, : self.size] = self._last

    def _shuffle(self) -> None:
        """Fill the batches of an epoch in a new order, the last one padded with its last row."""
        order, batches = torch.randperm(len(self._rows), generator=self._order), self._epoch.view(-1)
        count = min(len(order), len(batches))
        torch.index_select(self._rows, 0, order[:count], out=batches[:count])
        batches[count:] = batches[count - 1]
        batches += self._offset


def draw(streams: Sequence[Stream], updates: int, *, width: int) -> Block:
    """Return the next batches of every member.

    Args:
        streams: One per member.
        updates: How many consecutive updates.
        width: Largest batch size among the members.
    """
    rows = torch.empty(updates, len(streams), width, dtype=torch.int32)
    present = torch.zeros(updates, len(streams), width, dtype=torch.float64)
    for member, stream in enumerate(streams):
        stream.take(rows[:, member], present[:, member])
    return Block(rows, present)
