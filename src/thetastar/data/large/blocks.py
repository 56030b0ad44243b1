"""The rows of a table on disk in blocks that fit into memory: in their order, or shuffled."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

__all__ = ["ROW", "in_order", "shuffled"]

ROW = "row of the file"  # a column that every block has in front: where its rows stand, from 0
_STRETCHES = 16  # parts of a shuffled block: rows of one part may be alike, as files are often sorted by something


def in_order(table: pl.LazyFrame, *, rows: int, size: int) -> Iterator[pl.DataFrame]:
    """Yield blocks of ``size`` rows, the last one of what is left.

    Args:
        table: Of a file from whose middle rows can be read, such as Parquet.
        rows: How many it has.
        size: Rows of a block.

    Example:
        >>> [block["x"].to_list() for block in in_order(pl.LazyFrame({"x": [5, 6, 7]}), rows=3, size=2)]
        [[5, 6], [7]]
    """
    for begin in range(0, rows, size):
        yield _stretch(table, begin, size).collect()


def shuffled(table: pl.LazyFrame, *, rows: int, size: int, seed: int) -> Iterator[pl.DataFrame]:
    """Yield blocks of about ``size`` rows from many places of the file, their rows in random order.

    Each block joins stretches of neighbouring rows, which are drawn at random until every row has come once.

    Args:
        table: Of a file from whose middle rows can be read, such as Parquet.
        rows: How many it has.
        size: Rows of a block.
        seed: Of the order.

    Example:
        >>> blocks = shuffled(pl.LazyFrame({"x": range(99)}), rows=99, size=32, seed=0)
        >>> sorted(value for block in blocks for value in block["x"]) == list(range(99))
        True
    """
    stream, length = np.random.default_rng(seed), max(1, size // _STRETCHES)
    begins = stream.permutation(np.arange(0, rows, length))
    for first in range(0, len(begins), _STRETCHES):
        # One by one: collected together, polars keeps what they have in common, which is the whole file.
        block = pl.concat(
            [_stretch(table, int(begin), length).collect() for begin in begins[first : first + _STRETCHES]]
        )
        yield block[stream.permutation(block.height)]


def _stretch(table: pl.LazyFrame, begin: int, length: int) -> pl.LazyFrame:
    return table.slice(begin, length).with_row_index(ROW, offset=begin)
