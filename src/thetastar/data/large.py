"""Parquet files that are too large to be held in memory twice."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import polars.selectors as cs

__all__ = ["is_large_parquet", "read_large_parquet"]

_MARK = b"PAR1"
_LARGE = 5e7  # values, 400 MB in double precision


def is_large_parquet(path: Path) -> bool:
    """Tell whether a file is Parquet and holds so many values that it should be read in blocks.

    Raises:
        OSError: if it can't be read.
        polars.exceptions.PolarsError: if it begins like Parquet but isn't.
    """
    with path.open("rb") as file:
        if file.read(len(_MARK)) != _MARK:
            return False
    lazy = pl.scan_parquet(path)
    rows = int(lazy.select(pl.len()).collect().item())
    return rows * len(lazy.collect_schema()) > _LARGE


def read_large_parquet(path: Path) -> pl.DataFrame:
    """Return the table, read block by block, with decimal numbers in single precision: seven digits.

    Functions compute in single precision anyway, and the table takes half the memory.

    Raises:
        polars.exceptions.PolarsError: if the file can't be read.
    """
    narrow = cs.by_dtype(pl.Float64).cast(pl.Float32)
    return pl.scan_parquet(path, low_memory=True).with_columns(narrow).collect(engine="streaming")
