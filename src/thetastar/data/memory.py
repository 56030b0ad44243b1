"""How much memory this process may use, and how soon it gives back what it no longer needs."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

__all__ = ["give_back_soon", "memory_limit"]

_CONTAINER = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))

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
