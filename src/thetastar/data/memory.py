"""How much memory this process may use, and how soon it gives back what it no longer needs."""

from __future__ import annotations

import ctypes
import math
import os
import sys
from pathlib import Path

import numpy as np

__all__ = ["free_memory", "give_back_soon", "memory_limit", "reuse_freed"]

_CONTAINER = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_USED = (
    (_CONTAINER[0], Path("/sys/fs/cgroup/memory.current")),
    (_CONTAINER[1], Path("/sys/fs/cgroup/memory/memory.usage_in_bytes")),
)
_UNKNOWN = 1e9  # bytes
_TEACHES = (32 << 20) - (64 << 10)  # bytes: glibc learns from arrays of up to 32 MB with what it adds to them

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h
_GIVEN_BACK = 4 << 20  # bytes: below, asking the system each time would cost more than it saves


def give_back_soon() -> None:
    """Let the C library give large arrays back to the system as soon as they are freed; of glibc only.

    Left alone, it learns from every large array that is freed to keep the next one of that size, up to 32 MB, for
    later: on a table of 5,000,000 × 30 numbers 170 MB that nobody used. This is for a whole program, as it concerns all
    of the process.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "gnu_get_libc_version"):
        libc.mallopt(_MMAP_THRESHOLD, _GIVEN_BACK)


def reuse_freed() -> None:
    """Let the C library use the memory of freed arrays again, up to 32 MB each, where it is glibc and left as it comes.

    It learns so from the first array of that size that is freed, at once and for the rest of the process, so one is
    made and freed, which touches none of its memory. Until then each array from 128 KB on is fetched from the system
    and given back, page by page: a third of the time of computations that need many for a moment. After
    ``give_back_soon`` nothing changes.
    """
    np.empty(_TEACHES, np.uint8)


def memory_limit() -> float:
    """Return the smallest limit that is known, in bytes: the machine's memory, its container's, the process's own.

    It is infinite where none can be found out.
    """
    return min(_machine(), *(_container(file) for file in _CONTAINER), _process())


def _machine() -> float:
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):  # not on Windows
        return float("inf")


def _container(file: Path) -> float:
    try:
        return float(file.read_text())
    except (OSError, ValueError):  # there is none, or it says "max"
        return float("inf")


def _process() -> float:
    try:
        import resource
    except ImportError:  # on Windows
        return float("inf")
    limits = (resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA))
    return min((float(limit) for limit in limits if limit != resource.RLIM_INFINITY), default=float("inf"))


def free_memory() -> float:
    """Return the bytes that this process may still take, as far as the machine and its container say.

    Where the machine doesn't say what is free, half of the limit counts as free, and a gigabyte where there is none.
    """
    limit = memory_limit()
    known = [free for free in (_available(), *(_left(*files) for files in _USED)) if free is not None]
    if known:
        return max(0.0, min(*known, limit))
    return limit / 2 if math.isfinite(limit) else _UNKNOWN


def _available() -> float | None:
    """Return what Linux takes for available, which counts memory that only holds copies of files."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return None


def _left(limit: Path, used: Path) -> float | None:
    """Return what is left of a container's limit."""
    try:
        return _container(limit) - float(used.read_text())
    except (OSError, ValueError):
        return None
