"""A number for each row that is the same wherever the row is met again: in another file, dtype, machine or version.

Polars' own hashes (``content_numbers``) are faster, but differ from version to version and from 42 to 42.0; these are
written down with a function and compared years later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.arrays import Flags, Floats, Integers
from thetastar.data.column import Column, Kind
from thetastar.data.convert import as_days, as_labels, as_measured

__all__ = ["row_hashes", "with_value"]

Hashes = npt.NDArray[np.uint64]

_BLOCK = 1 << 16  # rows at a time: what is computed of them stays in the processor's cache
_MILLISECONDS = 86_400_000  # of a day: dates are told apart by them
_NOTHING = np.uint64(0x6D697373696E6721)  # stands for a missing value; any number that no value is likely to have
_ODD = np.uint64(0x9E3779B97F4A7C15)  # 2⁶⁴ by the golden ratio, and the constants of splitmix64 (Steele, Lea and Flood,
_MIX = ((30, np.uint64(0xBF58476D1CE4E5B9)), (27, np.uint64(0x94D049BB133111EB)))  # Fast splittable generators, 2014)
_LAST_SHIFT = np.uint64(31)


def row_hashes(table: pl.DataFrame, columns: Sequence[Column]) -> Hashes:
    """Return a 64-bit number for each row that depends on what its used columns mean, [rows].

    Numbers count in single precision, so that a table kept in float32 has the rows of its float64 original. Infinite
    and unreadable numbers count as missing, which is what a function takes them for.

    Args:
        table: With all used columns, in any order.
        columns: What each column is; those that aren't used don't count.

    Example:
        >>> columns = [Column("x", Kind.number, True, "numeric", 0, 2, "1", False)]
        >>> whole, real = pl.DataFrame({"x": [42, 43]}), pl.DataFrame({"x": ["42.0", ""]})
        >>> (row_hashes(whole, columns) == row_hashes(real, columns)).tolist()
        [True, False]
    """
    used = [column for column in columns if column.used]
    hashes = np.zeros(table.height, dtype=np.uint64)
    for begin in range(0, table.height, _BLOCK):
        block = hashes[begin : begin + _BLOCK]
        for column in used:
            block[:] = _mixed(block * _ODD + _of_values(table[column.name][begin : begin + _BLOCK], column.kind))
    return hashes


def with_value(hashes: Hashes, values: Floats | Integers) -> Hashes:
    """Return the numbers of rows that hold one more value each: the target's, or its class's place."""
    both = np.empty_like(hashes)
    for begin in range(0, len(hashes), _BLOCK):
        block = slice(begin, begin + _BLOCK)
        both[block] = _mixed(hashes[block] * _ODD + _of_floats(np.asarray(values[block], dtype=np.float64)))
    return both


def _of_values(series: pl.Series, kind: Kind) -> Hashes:
    if kind is Kind.date:
        moments = np.round(as_days(series) * _MILLISECONDS)
        return _of_bits(moments, missing=~np.isfinite(moments))
    return _of_floats(as_measured(series, kind)) if kind.ordered else _of_labels(series, fold=kind is Kind.boolean)


def _of_floats(values: Floats) -> Hashes:
    missing = ~np.isfinite(values)
    with np.errstate(over="ignore"):  # what single precision has no room for is as large as can be
        single = values.astype(np.float32).astype(np.float64)
    return _of_bits(single, missing=missing)


def _of_bits(values: Floats, *, missing: Flags) -> Hashes:
    bits = (values + 0.0).view(np.uint64)  # −0.0 + 0.0 is 0.0
    return _mixed(np.where(missing, _NOTHING, bits))


def _of_labels(series: pl.Series, *, fold: bool) -> Hashes:
    """Return the numbers of labels; each text is looked at once, however often it stands there."""
    text = series.cast(pl.String) if series.dtype in (pl.String, pl.Categorical, pl.Enum) else as_labels(series)
    known = text.unique().drop_nulls()
    labels = as_labels(known).str.to_lowercase() if fold else as_labels(known)
    numbers = np.array([*map(_of_text, labels), int(_NOTHING)], dtype=np.uint64)
    codes = text.cast(pl.Enum(known)).to_physical().cast(pl.Int64).fill_null(len(known))
    return _mixed(numbers[codes.to_numpy()])


def _of_text(label: str | None) -> int:
    if label is None:
        return int(_NOTHING)
    return int.from_bytes(hashlib.blake2b(label.encode(), digest_size=8).digest(), "little")


def _mixed(numbers: Hashes) -> Hashes:
    """Return numbers of which every bit depends on all bits: the last steps of splitmix64."""
    for shift, factor in _MIX:
        numbers = (numbers ^ (numbers >> np.uint64(shift))) * factor
    mixed: Hashes = numbers ^ (numbers >> _LAST_SHIFT)
    return mixed
