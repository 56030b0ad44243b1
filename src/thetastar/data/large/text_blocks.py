"""The rows of a very large text file in their order, a block at a time, as ``read_file`` would return them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from thetastar.data.files import expected_by, is_large_text
from thetastar.data.large.parquet import BYTES
from thetastar.data.option_check import check_options
from thetastar.data.reading import ColumnFormat, Note, Reading, ReadOptions
from thetastar.data.text.delimited import of_all_parts
from thetastar.data.text.index import IndexedText, index_parts
from thetastar.data.text.known_formats import overruled
from thetastar.data.text.parts import open_parts
from thetastar.data.text.typed import typed
from thetastar.errors import DataError

__all__ = ["TextBlocks", "text_in_blocks"]


class TextBlocks:
    """A table of text that is read block by block, once; how, and how many rows it had, is known in the end.

    Args:
        index: Where the parts of the file stand.
        options: What not to find out.
        formats: How its columns are written.
        multiple: All blocks but the last shall have a multiple of so many rows.
    """

    def __init__(
        self, index: IndexedText, *, options: ReadOptions, formats: tuple[ColumnFormat, ...], multiple: int
    ) -> None:
        self.columns = index.text.layout.names
        self.rows = 0
        self._index, self._options, self._formats, self._multiple = index, options, formats, multiple
        self._notes: list[Note] = []
        self._types: dict[str, pl.DataType] = {}

    @property
    def reading(self) -> Reading:
        """Return how the rows were read, once they all came by."""
        return Reading(self._options, self._formats, of_all_parts(self._notes))

    @property
    def bytes(self) -> int:
        """Return how much came by, in single precision."""
        return BYTES * self.rows * len(self.columns)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Yield the blocks.

        Raises:
            DataError: if a part of the file is no table.
        """
        held, count = list[pl.DataFrame](), 0
        for part in self._parts():
            held, count = [*held, part], count + part.height
            if full := count - count % self._multiple:
                rows = pl.concat(held)
                yield self._typed(rows[:full])
                held, count = [rows[full:]], count - full
        if count:
            yield self._typed(pl.concat(held))

    def _parts(self) -> Iterator[pl.DataFrame]:
        """Yield the rows of the parts as texts."""
        try:
            for place in range(self._index.parts):
                rows, notes = self._index.rows(place)
                self._notes += notes
                yield rows
        except OSError as error:
            raise DataError(f"{self._index.text.path} can't be read: {error.strerror or error}") from error

    def _typed(self, cells: pl.DataFrame) -> pl.DataFrame:
        """Return the values of a block, decimals as in the first one: whole numbers alone would look like others."""
        delimiter = self._index.text.layout.delimiter
        rows = typed(cells, options=self._options, delimiter=delimiter, known=self._formats)[0]
        self.rows += rows.height
        self._types = self._types or dict(rows.schema)
        decimals = [name for name, kind in rows.schema.items() if kind == pl.Int64 and self._types[name] == pl.Float64]
        return rows.cast(dict.fromkeys(decimals, pl.Float64))


def text_in_blocks(path: Path, *, options: ReadOptions, like: Reading, target: str, multiple: int) -> TextBlocks | None:
    """Return a large text file as blocks of rows; None for any other file.

    Columns are read as they were written in the earlier file; those that aren't known from there stay text.

    Args:
        path: Where the file is.
        options: What not to find out.
        like: How an earlier file was read.
        target: Column that the file may lack.
        multiple: All blocks but the last shall have a multiple of so many rows.

    Raises:
        DataError: if it isn't a table of text, or an option means nothing in one.
    """
    asked = options.over(like.options)
    try:
        if not is_large_text(path):
            return None
        check_options(options, "text", source=str(path))
        text = open_parts(path, options=asked, expected=expected_by(like, target))
        index = index_parts(text, until=math.inf)
    except OSError:
        return None  # reading all of it says why
    return TextBlocks(index, options=asked, formats=_formats(like, options, index.text.layout.names), multiple=multiple)


def _formats(like: Reading, options: ReadOptions, names: Sequence[str]) -> tuple[ColumnFormat, ...]:
    """Return how each column is written."""
    known = {form.column: form for form in overruled(like.formats, options)}
    return tuple(known.get(name, ColumnFormat(name, "text")) for name in names)
