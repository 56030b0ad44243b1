"""Column names: unique, trimmed, never empty."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["array_names", "unique_names", "unnamed"]


def unique_names(names: Iterable[object]) -> list[str]:
    """Return trimmed names in which every repetition gets a number: cli, cli → cli, cli_2.

    An empty name becomes ``column<position>``, counted from 1.

    Example:
        >>> unique_names([" a ", "a", "", "a_2", "a"])
        ['a', 'a_2', 'column3', 'a_2_2', 'a_3']
    """
    taken: set[str] = set()
    result = []
    for position, given in enumerate(names, start=1):
        wanted = "" if given is None else str(given).strip()
        name = base = wanted or unnamed(position)
        count = 1
        while name in taken:
            count += 1
            name = f"{base}_{count}"
        taken.add(name)
        result.append(name)
    return result


def unnamed(position: int) -> str:
    """Return the name of a column whose place in the header is empty; positions count from 1."""
    return f"column{position}"


def array_names(count: int) -> list[str]:
    """Return the names for columns that came without any: x0, x1 and so on."""
    return [f"x{index}" for index in range(count)]
