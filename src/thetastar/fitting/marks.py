"""Which rows a function was found in, as few numbers: so that it can tell when it meets them again.

Of the 64-bit hashes of all distinct rows the smallest ones are kept (a bottom-k sketch: Cohen and Kaplan, Summarizing
data using bottom-k sketches, 2007). Up to ``MOST_MARKS`` distinct rows that is all of them, and the answer is exact. Of
D more rows, the rows whose hash is not above the largest one kept are a sample of about MOST_MARKS / D of any table,
drawn by content, and of each of them it is known whether it was there. If p is the share of n such distinct rows that
were, the share of all rows is p with a standard error of √(p·(1 − p)/n).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.arrays import Flags, Floats, Integers
from thetastar.data import Column, row_hashes, with_value

__all__ = ["MOST_MARKS", "RowMarks", "Sketch", "joined", "marks_of", "sketch"]

Hashes = npt.NDArray[np.uint64]

MOST_MARKS = 20_000  # hashes: 160 kB, and of a million rows two in a hundred


@dataclass(frozen=True, eq=False)
class Sketch:
    """The smallest hashes of a set.

    Attributes:
        kept: Ascending, [at most MOST_MARKS].
        distinct: How many different hashes there were.
    """

    kept: Hashes
    distinct: int

    def __post_init__(self) -> None:
        """Refuse what no set makes, as a damaged file may hold it."""
        ascending = bool((self.kept[1:] > self.kept[:-1]).all())
        if not ascending or len(self.kept) != min(self.distinct, MOST_MARKS) or not self.distinct:
            raise ValueError(f"{self.distinct} distinct rows need as many ascending marks, or {MOST_MARKS}")

    def decides(self, hashes: Hashes) -> Flags:
        """Return for which hashes it is known whether they were in the set, [rows]."""
        if self.distinct == len(self.kept):
            return np.ones(len(hashes), dtype=np.bool_)
        return np.asarray(hashes <= self.kept[-1])

    def holds(self, hashes: Hashes) -> Flags:
        """Return which hashes are kept, [rows]."""
        return np.isin(hashes, self.kept)


@dataclass(frozen=True, eq=False)
class RowMarks:
    """What is kept of the rows that a function was found in.

    Attributes:
        inputs: Of the used columns.
        rows: Of the used columns and the target.
        repeated: The share of those rows whose inputs another of them has too. A new row of the same kind has inputs
            that were seen before with this probability (Good, The population frequencies of species, 1953), though it
            is another row.
    """

    inputs: Sketch
    rows: Sketch
    repeated: float

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        if not 0 <= self.repeated <= 1:
            raise ValueError(f"the share of repeated rows lies between 0 and 1; seen {self.repeated!r}")


def marks_of(table: pl.DataFrame, columns: Sequence[Column], values: Floats | Integers) -> RowMarks:
    """Return what to keep of the rows that a function is found in.

    Args:
        table: The rows as they were given.
        columns: What each column is.
        values: The target's number, or its class's place, [rows].

    Example:
        >>> from thetastar.data import decide_columns
        >>> table = pl.DataFrame({"x": [1.0, 2.0, 2.0, 4.0]})
        >>> marks = marks_of(table, decide_columns(table), np.array([0.0, 1.0, 2.0, 3.0]))
        >>> marks.inputs.distinct, marks.rows.distinct, marks.repeated
        (3, 4, 0.5)
    """
    hashes = row_hashes(table, columns)
    both = with_value(hashes, values)
    hashes.sort()  # in their place, as they may be many
    both.sort()
    again = hashes[1:] == hashes[:-1]  # as the one before
    repeated = np.append(again, False) | np.insert(again, 0, False)
    return RowMarks(_smallest(hashes), _smallest(both), float(repeated.sum() / max(1, len(hashes))))


def joined(one: RowMarks, other: RowMarks) -> RowMarks:
    """Return the marks of two lots of rows together.

    How many rows of both are repeated isn't known from their marks; at least as many as of either, as lots are larger
    together.
    """
    inputs, rows = _union(one.inputs, other.inputs), _union(one.rows, other.rows)
    return RowMarks(inputs, rows, max(one.repeated, other.repeated))


def _union(one: Sketch, other: Sketch) -> Sketch:
    """Return the sketch of two sets together.

    Where either has more than are kept, how many there are is told by where the last one kept stands among all numbers
    of 64 bits: k of D numbers drawn at random lie below k/D (Bar-Yossef et al., Counting distinct elements in a data
    stream, 2002).
    """
    both = _distinct(np.sort(np.concatenate([one.kept, other.kept])))  # np.union1d takes far longer
    kept = both[:MOST_MARKS]
    if all(len(each.kept) == each.distinct for each in (one, other)):
        return Sketch(kept, len(both))
    return Sketch(kept, max(one.distinct, other.distinct, round((len(kept) - 1) * 2.0**64 / float(kept[-1]))))


def sketch(hashes: Hashes) -> Sketch:
    """Return the sketch of a set of hashes, in which any may occur several times."""
    return _smallest(np.sort(hashes))


def _smallest(ordered: Hashes) -> Sketch:
    """Return the sketch of hashes that are in order."""
    distinct = int(np.count_nonzero(ordered[1:] != ordered[:-1])) + bool(len(ordered))
    taken = MOST_MARKS
    while len(kept := _distinct(ordered[:taken])) < min(distinct, MOST_MARKS):
        taken *= 2
    return Sketch(kept[:MOST_MARKS], distinct)


def _distinct(ordered: Hashes) -> Hashes:
    """Return hashes that are in order without repetitions."""
    first = np.ones(len(ordered), dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]
