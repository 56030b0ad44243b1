"""Dropout: each hidden unit of each row is silenced with a probability, by each member's own random stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Dropout", "draw_mask"]


@dataclass(frozen=True)
class Dropout:
    """Dropout while training: each member's rate, random stream, and rows that are not padding."""

    rates: tuple[float, ...]
    streams: tuple[torch.Generator, ...]
    sizes: tuple[int, ...]


def draw_mask(
    mask: Tensor, rates: Sequence[float], streams: Sequence[torch.Generator], *, sizes: Sequence[int]
) -> None:
    """Fill ``mask`` with 0 (silenced) or 1/(1 − rate), so that the expected output stays the same.

    Source: Srivastava et al., Dropout, 2014, in the inverted form that leaves prediction untouched.

    Args:
        mask: [members, rows, units], overwritten.
        rates: Probability of silencing, one per member, in [0, 1).
        streams: One generator per member, on the mask's device.
        sizes: Rows of each member that are not padding. Only they are drawn, so that a member's stream does not depend
            on how large its neighbours' batches are; padding keeps every unit.
    """
    for own, rate, stream, size in zip(mask.unbind(), rates, streams, sizes, strict=True):
        if rate == 0:
            own.fill_(1.0)
        else:
            own[:size].bernoulli_(1 - rate, generator=stream).div_(1 - rate)
            own[size:].fill_(1.0)
