"""How much memory this process may use."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["memory_limit"]

_CONTAINER = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


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
