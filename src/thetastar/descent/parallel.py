"""Independent pieces of work side by side, one thread each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch
from threadpoolctl import threadpool_limits

__all__ = ["side_by_side"]

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
