"""Sums over the processes of a distributed run, each of which holds its own rows."""

from __future__ import annotations

import torch
from torch import Tensor, distributed

from thetastar.errors import UserError

__all__ = ["check_same_theta", "several_ranks", "sum_over_ranks"]


def several_ranks() -> bool:
    """Tell whether this process is one of several, as under ``torchrun`` after ``init_process_group``."""
    return distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1


def sum_over_ranks(value: Tensor) -> Tensor:
    """Return the sum of a tensor over all ranks; every rank has to call it."""
    total = value.contiguous().clone()
    distributed.all_reduce(total)
    return total


def check_same_theta(theta: Tensor) -> None:
    """Refuse ranks that stand at different θ, as sums over them would belong to none.

    Raises:
        UserError: if they do.
    """
    largest, smallest = theta.clone(), theta.clone()
    distributed.all_reduce(largest, op=distributed.ReduceOp.MAX)
    distributed.all_reduce(smallest, op=distributed.ReduceOp.MIN)
    if not torch.equal(largest, smallest):
        raise UserError(
            "the ranks' parameters differ: load the same state on every rank, or pass across_ranks=False to judge each "
            "rank's own rows by themselves"
        )
