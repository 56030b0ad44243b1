"""Parquet files that are too large to be held in memory twice, or at all."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import polars.selectors as cs

from thetastar.data.frames import tidy
from thetastar.data.large.blocks import ROW, in_order, shuffled
from thetastar.data.memory import memory_limit
from thetastar.data.reading import ColumnFormat, ReadOptions
from thetastar.data.text.typed import with_typed_texts

__all__ = ["BYTES", "LargeFile", "block_bytes", "large_parquet", "one_in", "sample_bytes"]

_MARK = b"PAR1"
_LARGE = 5e7  # values, 400 MB in double precision
BYTES = 4  # of a value in single precision
_SHARE = 0.2  # of the memory may be the table's: a fit takes three times as much, and there is the rest of the machine
_BLOCK = 1 << 26  # bytes of a block at most,
_BLOCK_SHARE = 0.02  # and at most this share of the memory
_COLUMNS = 1 << 24  # bytes of columns that are read at once, where all rows are wanted
_JUDGES = 20_000  # rows that judge: a mean loss is known to a hundredth of its spread by then,
_FEWEST_PARTS = 20  # but at most one row in so many


@dataclass(frozen=True)
class LargeFile:
    """A Parquet file of very many values, which is read in blocks.

    Some of its rows, drawn at random, judge a function that learned from all the others: ``judges``. Neither a sample
    nor a shuffled block holds any of them.

    Attributes:
        path: Where it is.
        rows: How many it has.
        columns: How many it has.
        doubles: Whether there are decimals in double precision, which are read in single precision.
        formats: How the texts in ``judges`` and ``blocks`` are written.
        group: Column whose rows of one value all judge, or none of them; empty to draw row by row.
        seconds: How long it took to draw a sample, which is how long drawing those that judge takes.
    """

    path: Path
    rows: int
    columns: int
    doubles: bool
    formats: tuple[ColumnFormat, ...] = ()
    group: str = ""
    seconds: float = 0.0
    extent: None = None  # the memory alone decides what a sample is drawn from

    @property
    def times(self) -> int:
        """Return of how many times as many rows a sample must be that memory can hold; 1 if it can hold all."""
        return max(1, math.ceil(self.bytes / sample_bytes()))

    @property
    def bytes(self) -> int:
        """Return how much is to be read, in single precision."""
        return BYTES * self.rows * self.columns

    def read(self, *, times: int) -> pl.DataFrame:
        """Return the table, or one in so many of its rows drawn at random, with decimals in single precision.

        Functions compute in single precision anyway (seven digits), and the table takes half the memory.

        Raises:
            polars.exceptions.PolarsError: if the file can't be read.
        """
        if times == 1:
            return self._in_one_piece()
        return self._some((pl.col(ROW).hash(seed=0) % times == 0) & ~self._judging())

    def judges(self) -> pl.DataFrame:
        """Return the rows that judge, as ``read_file`` returns tables.

        Raises:
            polars.exceptions.PolarsError: if the file can't be read.
        """
        return self._typed(self._some(self._judging()))

    def blocks(self, *, seed: int) -> Iterator[pl.DataFrame]:
        """Yield all rows but those that judge, in random order.

        Raises:
            polars.exceptions.PolarsError: if the file can't be read.
        """
        for block in shuffled(self._lazy(), rows=self.rows, size=self._block_rows, seed=seed):
            if (chosen := block.filter(~self._judging()).drop(ROW)).height:
                yield self._typed(chosen)

    def in_order(self, *, multiple: int) -> Iterator[pl.DataFrame]:
        """Yield all rows as they follow each other, in blocks of a multiple of so many rows, but for the last.

        Raises:
            polars.exceptions.PolarsError: if the file can't be read.
        """
        size = multiple * max(1, self._block_rows // multiple)
        for block in in_order(self._lazy(), rows=self.rows, size=size):
            yield self._typed(block.drop(ROW))

    @property
    def _block_rows(self) -> int:
        return max(1, int(block_bytes() / (BYTES * self.columns)))

    def _typed(self, rows: pl.DataFrame) -> pl.DataFrame:
        return with_typed_texts(tidy(rows), options=ReadOptions(), known=self.formats)[0]

    def _in_one_piece(self) -> pl.DataFrame:
        """Read a few columns at a time and put the pieces that each comes in together.

        Rows are then found ten times as fast as in forty pieces; together, all columns would be in memory twice.
        """
        lazy, columns = self._lazy(), list[pl.Series]()
        names = lazy.collect_schema().names()
        few = max(1, _COLUMNS // (BYTES * self.rows))
        for begin in range(0, len(names), few):
            part = lazy.select(names[begin : begin + few]).collect(engine="streaming")
            columns += [column.rechunk() for column in part]
        return pl.DataFrame(columns)

    def _lazy(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.path, low_memory=True).with_columns(cs.by_dtype(pl.Float64).cast(pl.Float32))

    def _some(self, chosen: pl.Expr) -> pl.DataFrame:
        return self._lazy().with_row_index(ROW).filter(chosen).drop(ROW).collect(engine="streaming")

    def _judging(self) -> pl.Expr:
        """Return whether a row judges, by where it stands: by its content, all rows of a common one would judge."""
        return pl.col(self.group or ROW).hash(seed=1) % one_in(self.rows) == 0


def sample_bytes() -> float:
    """Return how much of a table may be held in memory."""
    return _SHARE * memory_limit()


def block_bytes() -> float:
    """Return how much a block of rows may take."""
    return min(_BLOCK, _BLOCK_SHARE * memory_limit())


def one_in(rows: int) -> int:
    """Return of how many rows one judges."""
    return max(_FEWEST_PARTS, math.ceil(rows / _JUDGES))


def large_parquet(path: Path, *, group: str = "") -> LargeFile | None:
    """Return a file that is Parquet and holds very many values; None if it isn't or doesn't.

    Args:
        path: Where the file is.
        group: Column whose rows judge together; it is left to the reader to miss one that isn't there.

    Raises:
        OSError: if it can't be read.
        polars.exceptions.PolarsError: if it begins like Parquet but isn't.
    """
    with path.open("rb") as file:
        if file.read(len(_MARK)) != _MARK:
            return None
    lazy = pl.scan_parquet(path)
    types = lazy.collect_schema()
    found = LargeFile(
        path,
        int(lazy.select(pl.len()).collect().item()),
        len(types),
        pl.Float64 in types.dtypes(),
        group=group if group in types else "",
    )
    return found if found.rows * found.columns > _LARGE else None
