"""Random parts of an objective's rows: what one part shows can be tried on rows that had no say in it."""

from __future__ import annotations

import zlib
from dataclasses import replace

import torch

from thetastar.landscape.chunks import Chunks
from thetastar.landscape.ranks import sum_over_ranks
from thetastar.landscape.rows import Rows
from thetastar.landscape.setting import Setting

__all__ = ["random_parts"]


def random_parts(setting: Setting, count: int, *, seed: int) -> tuple[Setting, ...]:
    """Return settings with disjoint random rows of about the same number, together all rows.

    Under several ranks each rank deals out its own rows.
    """
    random = torch.Generator().manual_seed(zlib.crc32(f"parts {seed}".encode()))
    dealt: list[list[Rows]] = [[] for _ in range(count)]
    turn = 0
    for rows in setting.chunks.rows:
        order = torch.randperm(len(rows), generator=random).to(rows.inputs.device)
        for offset in range(count):
            chosen = order[offset::count]
            if len(chosen):
                dealt[(turn + offset) % count].append(Rows(rows.inputs[chosen], rows.targets[chosen]))
        turn += len(rows)  # so that short chunks don't all go to the first parts
    return tuple(_of(setting, tuple(part)) for part in dealt)


def _of(setting: Setting, rows: tuple[Rows, ...]) -> Setting:
    total = sum(map(len, rows))
    if setting.across_ranks:
        total = int(sum_over_ranks(torch.tensor(total, device=setting.model.theta.device)))
    return replace(setting, chunks=Chunks(rows, min(setting.chunks.kept, len(rows))), total=total)
