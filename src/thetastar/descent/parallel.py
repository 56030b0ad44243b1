"""How many threads compute: independent pieces of work side by side, and small products on one thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from typing import TypeVar

import torch
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

__all__ = ["shares", "side_by_side", "threads_for"]

_LEAST_SHARED = 1 << 25  # multiplications in one member's product, from which on sharing it between threads pays
_LEAST_ALONE = 1 << 22  # multiplications of a group's update, from which on threads don't wait for the interpreter

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Apply a function to every item, as many at once as torch may use threads; return the results in order.

    Inside, each piece computes with a single thread: for matrices of this size, threads that wait for each other at
    every product cost more than they give, and far more on a busy machine.
    """
    workers = max(1, torch.get_num_threads())
    with threadpool_limits(1), ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        return list(pool.map(function, items))


@contextmanager
def threads_for(work: int) -> Iterator[None]:
    """Compute on one thread where products are small; the user's number of threads is back afterwards.

    Threads that share a product wait for each other at its end, without giving their processor away. On an idle machine
    sharing small products gains little, on a busy one it makes a training ten times slower.

    Args:
        work: Multiplications in one member's largest product.
    """
    before = torch.get_num_threads()
    if work < _LEAST_SHARED:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def shares(members: int, *, cores: int, work: int, whole: int) -> list[range]:
    """Spread members over cores, as evenly as can be, where that makes them faster.

    Members are independent, so their groups need not wait for each other, as threads within a product would.

    Args:
        members: How many there are.
        cores: How many may be used.
        work: Multiplications in one member's largest product; where sharing that pays, members stay together.
        whole: Multiplications in one member's forward pass; groups with too little to do are not made.

    Returns:
        Consecutive positions of each group.

    Example:
        >>> shares(5, cores=2, work=1 << 22, whole=1 << 22)
        [range(0, 3), range(3, 5)]
        >>> shares(5, cores=2, work=1 << 8, whole=1 << 10)
        [range(0, 5)]
    """
    groups = 1 if work >= _LEAST_SHARED else max(1, min(cores, members, members * whole // _LEAST_ALONE))
    bounds = [-(-members * group // groups) for group in range(groups + 1)]
    return [range(begin, end) for begin, end in pairwise(bounds)]
