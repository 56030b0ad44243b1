"""Column names: unique, trimmed, never empty."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

__all__ = ["array_names", "close_names", "nameless", "unique_names", "unnamed"]

_SHOWN = 20  # columns
_PLACE = r"x\d+"  # what a column without a name is called by


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


def nameless(names: Iterable[str]) -> bool:
    """Tell whether these are columns of a table that came without names; some of them may be gone.

    Example:
        >>> nameless(["x0", "x2"]), nameless(["x0", "size"])
        (True, False)
    """
    return all(re.fullmatch(_PLACE, name) for name in names)


def close_names(absent: Sequence[str], names: Sequence[str]) -> str:
    """Say which names are spelled like those that are absent; if none is, which names there are.

    Where one table has names and the other has none, no spelling is to blame, and that is said.

    Example:
        >>> close_names(["prise"], ["price", "town"]), close_names(["age"], ["price", "town"])
        ("did you mean 'price'?", "it has ['price', 'town']")
    """
    shown = list(names[:_SHOWN])
    if nameless(names) and not nameless(absent):
        return f"its columns have no names and so are called {shown}: name them (those of a file in its first line)"
    if nameless(absent) and not nameless(names):
        return f"columns without names are called so, but it has {shown}: call its columns so, or leave their names out"
    close = dict.fromkeys(one for name in absent for one in difflib.get_close_matches(name, names, n=3))
    return f"did you mean {' or '.join(map(repr, close))}?" if close else f"it has {shown}"
