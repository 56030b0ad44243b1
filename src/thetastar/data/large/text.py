"""Text files that are too large to be read at once: a sample of their rows, and all of them in blocks.

The file itself is gone through, in parts; nothing is copied. First in its order, which only looks for line ends; then
from random places, from where a sample is drawn for as long as there is time; then, once per pass over all rows, from
random places again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from thetastar.data.large.blocks import ROW
from thetastar.data.large.parquet import BYTES, block_bytes
from thetastar.data.reading import ColumnFormat, ReadOptions
from thetastar.data.text.held import bytes_held
from thetastar.data.text.index import IndexedText
from thetastar.data.text.typed import typed

__all__ = ["Extent", "LargeText", "judging", "numbered"]


@dataclass(frozen=True)
class Extent:
    """How much of a file a sample was drawn from, by which the same one can be drawn again.

    Attributes:
        indexed: Parts of the file whose place was found; 0 for all of them.
        drawn: Parts that rows were drawn from, but for the last one.
        times: One row in so many was drawn,
        one_in: And one in so many, or of so many groups, to judge.
    """

    indexed: int
    drawn: int
    times: int
    one_in: int


@dataclass(frozen=True, eq=False)
class LargeText:
    """A text file that is read in blocks: ``UnreadRows``.

    Attributes:
        index: Where its parts stand.
        rows: How many it has; about so many, if not all of them were seen.
        judging: The rows that judge, as trimmed texts.
        extent: How much of it the sample was drawn from.
        below: Lines below the table.
        options: What not to find out.
        formats: How the columns are written.
        group: Column whose rows of one value all judge, or none of them; empty to draw row by row.
        seconds: How long it takes to read those that judge: they are here.
    """

    index: IndexedText
    rows: int
    judging: pl.DataFrame
    extent: Extent
    below: int
    options: ReadOptions
    formats: tuple[ColumnFormat, ...]
    group: str
    seconds: float = field(default=0.0, init=False)

    @property
    def bytes(self) -> int:
        """Return how much is to be read, in single precision."""
        return BYTES * self.rows * self.judging.width

    def judges(self) -> pl.DataFrame:
        """Return the rows that judge, as ``read_file`` returns tables."""
        return self._typed(self.judging)

    def blocks(self, *, seed: int) -> Iterator[pl.DataFrame]:
        """Yield all rows but those that judge, in random order.

        Raises:
            DataError: if a part that wasn't read before is no table.
            OSError: if the file can't be read.
        """
        stream, held, size = np.random.default_rng(seed), list[pl.DataFrame](), 0.0
        judges = judging(self.group, self.extent.one_in)
        for place in stream.permutation(self.index.parts):
            rows, _ = self.index.rows(int(place))
            rows = rows.head(rows.height - (self.below if place == self.index.parts - 1 else 0))
            held.append(numbered(rows, self.index, int(place)).filter(~judges).drop(ROW))
            size += bytes_held(held[-1])
            if size >= block_bytes():
                yield self._shuffled(held, stream)
                held, size = [], 0.0
        if held:
            yield self._shuffled(held, stream)

    def _shuffled(self, parts: list[pl.DataFrame], stream: np.random.Generator) -> pl.DataFrame:
        rows = self._typed(pl.concat(parts))
        return rows[stream.permutation(rows.height)]

    def _typed(self, rows: pl.DataFrame) -> pl.DataFrame:
        delimiter = self.index.text.layout.delimiter
        return typed(rows, options=self.options, delimiter=delimiter, known=self.formats)[0]


def judging(group: str, one_in: int) -> pl.Expr:
    """Return whether a row judges, by where it stands or by its group."""
    return pl.col(group or ROW).hash(seed=1) % one_in == 0


def numbered(rows: pl.DataFrame, index: IndexedText, place: int) -> pl.DataFrame:
    """Return the rows of a part with a number each that no other row of the file has."""
    begin = int(index.begins[place])
    return rows.with_columns(pl.int_range(begin, begin + rows.height, dtype=pl.UInt64).alias(ROW))
