"""Parquet files that are too large to be held in memory twice, or at all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import polars.selectors as cs

from thetastar.data.memory import memory_limit

__all__ = ["LargeFile", "large_parquet"]

_MARK = b"PAR1"
_LARGE = 5e7  # values, 400 MB in double precision
_BYTES = 4  # of a value in single precision
_SHARE = 0.2  # of the memory may be the table's: a fit takes three times as much, and there is the rest of the machine
_ROW = "row of the file"


@dataclass(frozen=True)
class LargeFile:
    """A Parquet file of very many values, which is read in blocks.

    Attributes:
        path: Where it is.
        rows: How many it has.
        columns: How many it has.
        doubles: Whether there are decimals in double precision, which are read in single precision.
    """

    path: Path
    rows: int
    columns: int
    doubles: bool

    @property
    def times(self) -> int:
        """Return of how many times as many rows a sample must be that memory can hold; 1 if it can hold all."""
        return max(1, math.ceil(_BYTES * self.rows * self.columns / (_SHARE * memory_limit())))

    def read(self, *, times: int) -> pl.DataFrame:
        """Return the table, or one in so many of its rows drawn at random, with decimals in single precision.

        Functions compute in single precision anyway (seven digits), and the table takes half the memory.

        Raises:
            polars.exceptions.PolarsError: if the file can't be read.
        """
        lazy = pl.scan_parquet(self.path, low_memory=True)
        if times > 1:
            lazy = lazy.with_row_index(_ROW).filter(pl.col(_ROW).hash(seed=0) % times == 0).drop(_ROW)
        return lazy.with_columns(cs.by_dtype(pl.Float64).cast(pl.Float32)).collect(engine="streaming")


def large_parquet(path: Path) -> LargeFile | None:
    """Return a file that is Parquet and holds very many values; None if it isn't or doesn't.

    Raises:
        OSError: if it can't be read.
        polars.exceptions.PolarsError: if it begins like Parquet but isn't.
    """
    with path.open("rb") as file:
        if file.read(len(_MARK)) != _MARK:
            return None
    lazy = pl.scan_parquet(path)
    types = lazy.collect_schema().dtypes()
    found = LargeFile(path, int(lazy.select(pl.len()).collect().item()), len(types), pl.Float64 in types)
    return found if found.rows * found.columns > _LARGE else None
