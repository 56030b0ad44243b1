"""How rows are cut into chunks whose graphs fit into memory, and how many of these graphs are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch

from thetastar.data.memory import free_memory
from thetastar.landscape.rows import Rows
from thetastar.landscape.trial import Footprint

__all__ = ["Chunks", "cut_into_chunks", "default_memory"]

_SHARE = 0.5  # of the free memory that graphs may take unless the user says so: the rest is for what goes on beside
_SCATTERED = 1.25  # what a process takes for graphs, as a multiple of what they hold: freed pieces between them stay
_WORKING = 1.5  # a backward pass through a graph needs about half of the graph's size beside it
_PART = 1 / 8  # of memory that one chunk's graph may take: the larger the chunks, the less of memory can be filled
# Of a chunk on a CPU: small enough for freed memory to be used again (see ``reuse_freed``), but so many rows that
# operations repay what they cost beside their numbers.
_SMALL, _LARGE = 16 << 20, 48 << 20  # bytes of a graph
_FEW = 96  # rows


@dataclass(frozen=True)
class Chunks:
    """Rows in chunks.

    Attributes:
        rows: The chunks, sharing the data's memory.
        kept: Of how many chunks the graphs stay; those of the others are built anew for each product.
    """

    rows: tuple[Rows, ...]
    kept: int


def default_memory(device: torch.device) -> float:
    """Return the bytes that graphs may take unless the user says: half of what is free on the device."""
    free = float(torch.cuda.mem_get_info(device)[0]) if device.type == "cuda" else free_memory()
    return _SHARE * free


def cut_into_chunks(blocks: Sequence[Rows], footprint: Footprint, *, memory: float, device: torch.device) -> Chunks:
    """Cut blocks of rows.

    Args:
        blocks: Rows that can be cut anywhere.
        footprint: What graphs hold.
        memory: Bytes that all graphs together may take.
        device: Where they are.
    """
    footprint = Footprint(_SCATTERED * footprint.per_row, _SCATTERED * footprint.fixed)
    most = int(max(1.0, (_PART * memory - footprint.fixed) / footprint.per_row))
    if device.type == "cpu":
        most = min(most, _usual(footprint))
    chunks = tuple(part for block in blocks for part in _evenly(block, most))
    sizes = [footprint.fixed + footprint.per_row * len(part) for part in chunks]
    left, kept = memory - (_WORKING - 1) * max(sizes), 0
    for index, size in enumerate(sizes):
        rebuilt = max(sizes[index + 1 :], default=0.0)  # beside what is kept, one other graph at a time
        if size + rebuilt > left:
            break
        left, kept = left - size, index + 1
    return Chunks(chunks, kept)


def _usual(footprint: Footprint) -> int:
    """Return how many rows of a chunk are fastest on a CPU."""
    few = min(_FEW, _LARGE / footprint.per_row)
    # What a chunk holds beside its rows should not be more than the rows hold.
    return int(max(1.0, _SMALL / footprint.per_row, few, footprint.fixed / footprint.per_row))


def _evenly(block: Rows, most: int) -> list[Rows]:
    """Cut rows into as few parts as hold at most so many each, of about the same size."""
    count = -(-len(block) // most)
    bounds = [len(block) * part // count for part in range(count + 1)]
    return [block.cut(begin, end) for begin, end in pairwise(bounds)]
