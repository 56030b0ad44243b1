"""The rows of a very large file in their order, a block at a time, as ``read_file`` would return them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from thetastar.data.large.parquet import LargeFile, large_parquet
from thetastar.data.option_check import check_options
from thetastar.data.reading import Note, Reading, ReadOptions
from thetastar.data.text.known_formats import overruled
from thetastar.data.text.names import unique_names
from thetastar.errors import DataError

__all__ = ["FileBlocks", "file_in_blocks"]


@dataclass(frozen=True)
class FileBlocks:
    """A table on disk that is read block by block.

    Attributes:
        file: Where it is.
        reading: How it is read.
        columns: Their names.
        multiple: All blocks but the last have a multiple of so many rows.
    """

    file: LargeFile
    reading: Reading
    columns: tuple[str, ...]
    multiple: int

    @property
    def rows(self) -> int:
        """Return how many rows it has."""
        return self.file.rows

    @property
    def bytes(self) -> int:
        """Return how much that is, in single precision."""
        return self.file.bytes

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Yield the blocks.

        Raises:
            DataError: if the file can't be read.
        """
        try:
            yield from self.file.in_order(multiple=self.multiple)
        except pl.exceptions.PolarsError as error:
            raise DataError(f"{self.file.path} begins like a data file but can't be read ({error})") from error


def file_in_blocks(
    path: str | os.PathLike[str], *, options: ReadOptions, like: Reading, kept: Sequence[str], multiple: int
) -> FileBlocks | None:
    """Return a Parquet file of very many values as blocks of rows; None for any other file, which is read as a whole.

    Columns of text are read as they were written in the earlier file; so one that isn't known from there and whose
    values are to be kept has to be read as a whole too: what it is written like, all its rows say together.

    Args:
        path: Where the file is.
        options: What not to find out.
        like: How an earlier file was read.
        kept: Columns whose values are wanted as they are.
        multiple: All blocks but the last shall have a multiple of so many rows.

    Raises:
        DataError: if what is asked for means nothing in such a file.
    """
    try:
        file = large_parquet(Path(path))
        if file is None:
            return None
        schema = pl.read_parquet_schema(Path(path))
    except (OSError, pl.exceptions.PolarsError):
        return None  # reading all of it says why
    check_options(options, "columns", source=str(path))
    columns = tuple(unique_names(schema))
    if columns != tuple(schema) or any(schema.get(name) == pl.String for name in kept):
        return None
    formats = overruled(like.formats, options)
    notes = (Note("single_precision"),) if file.doubles else ()
    reading = Reading(options.over(like.options), formats, notes)
    return FileBlocks(replace(file, formats=formats), reading, columns, multiple)
