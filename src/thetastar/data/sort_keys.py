"""Which columns a table is sorted by: what alone explains that neighbouring rows are alike.

A sorted table is not a dependent one. Rows drawn independently and then put in order of a column are alike in that
column, and in what goes with it, but given the column they are as independent as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from thetastar.arrays import Flags, Integers

__all__ = ["Sortable", "sort_keys", "within_keys"]


_ENOUGH = 20.0  # changes expected under shuffling; with fewer, a column may look sorted by chance
_GROUPED = 0.1  # of them may be left where equal values were put together in no order


@dataclass(frozen=True)
class Sortable:
    """One column as ranks, [rows]: equal values have equal ranks.

    Attributes:
        ranks: From 0, [rows].
        ordered: Whether values that are near each other mean nearly the same.
        stray: Share of the steps expected under shuffling that may go against the order: tables are concatenated from
            several sorted ones.
        together: Whether equal values that were put together in no order count as sorted.
    """

    ranks: Integers
    ordered: bool
    stray: float = 0.02
    together: bool = True


def sort_keys(columns: Mapping[str, Sortable]) -> tuple[str, ...]:
    """Return the columns that the rows are sorted by, the outermost first: each within equal values of those before.

    A column is a key if, between neighbouring rows that are equal in the keys before it, at most a fiftieth of the
    steps expected under shuffling goes against the order, or at most a tenth of the expected changes of value happens:
    equal values were put together.

    Example:
        >>> town, size = np.repeat([1, 0], 100), np.tile(np.arange(100), 2)
        >>> columns = {"size": Sortable(size, ordered=True), "town": Sortable(town, ordered=False)}
        >>> sort_keys(columns)
        ('town', 'size')
    """
    if not columns:
        return ()
    same = np.ones(len(next(iter(columns.values())).ranks) - 1, dtype=bool)  # equal to the next row in all keys
    found: list[str] = []
    while True:
        candidates = [name for name in columns if name not in found and _is_key(columns[name], same)]
        if not candidates:
            return tuple(found)
        outermost = min(candidates, key=lambda name: int(np.count_nonzero(np.diff(columns[name].ranks)[same])))
        found.append(outermost)
        same &= np.diff(columns[outermost].ranks) == 0


def within_keys(
    columns: Mapping[str, Sortable], keys: tuple[str, ...], *, size: int, ties: bool
) -> tuple[Integers, Integers]:
    """Return for each row the number of its stretch, and its place in the order of the keys: equal rows share one.

    A stretch is at most ``size`` rows that are neighbours in the order of the keys. Only the innermost key changes its
    value within, and that only if its values are ordered.

    Args:
        columns: As ``sort_keys`` takes them.
        keys: As ``sort_keys`` returns them.
        size: Of a stretch.
        ties: Whether rows that are equal in all keys have a stretch for themselves.

    Example:
        >>> columns = {"x": Sortable(np.array([3, 0, 2, 1]), ordered=True)}
        >>> stretches, places = within_keys(columns, ("x",), size=2, ties=False)
        >>> stretches.tolist(), places.tolist()
        ([1, 0, 1, 0], [3, 0, 2, 1])
    """
    rows = len(next(iter(columns.values())).ranks)
    order = np.lexsort([columns[key].ranks for key in reversed(keys)]) if keys else np.arange(rows)
    changes, begins = (np.zeros(rows, dtype=bool) for _ in range(2))
    begins[0] = True
    for place, key in enumerate(keys, start=1):
        changed = np.diff(columns[key].ranks[order]) != 0
        changes[1:] |= changed
        if place < len(keys) or not columns[key].ordered:
            begins[1:] |= changed
    tie = np.cumsum(changes)
    if ties:
        several = (np.bincount(tie) > 1)[tie]
        begins |= several & changes
        begins[1:] |= several[:-1] & changes[1:]
    first = np.flatnonzero(begins)[np.cumsum(begins) - 1]
    begins |= (np.arange(rows) - first) % size == 0
    stretches, places = np.empty(rows, dtype=np.int64), np.empty(rows, dtype=np.int64)
    stretches[order], places[order] = np.cumsum(begins) - 1, tie
    return stretches, places


def _is_key(column: Sortable, same: Flags) -> bool:
    """Tell whether a column is sorted, or its equal values are together, within the rows equal in the keys so far."""
    steps = np.diff(column.ranks)[same]
    down, up = int((steps < 0).sum()), int((steps > 0).sum())
    against = min(down, up)
    if against > column.stray * len(steps) and down + up > _GROUPED * len(
        steps
    ):  # no more changes than steps are expected
        return False
    expected = _expected_changes(column.ranks, np.concatenate([[0], np.cumsum(~same)]))
    if expected < _ENOUGH:
        return False
    return against <= column.stray * expected or (column.together and down + up <= _GROUPED * expected)


def _expected_changes(ranks: Integers, ties: Integers) -> float:
    """Return how many neighbours would differ, were the rows of each tie shuffled: Σ over ties of rows − Σ count²/rows.

    This is exact up to the ends of a tie.
    """
    cells, counts = np.unique(np.stack([ties, ranks]), axis=1, return_counts=True)
    sizes = np.bincount(ties)[cells[0]]
    return float((counts * (sizes - counts) / sizes).sum())
