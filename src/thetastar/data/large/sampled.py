"""As many rows of a file as memory holds, and where all the others are."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from thetastar.data.files import is_large_text, read_file, unreadable
from thetastar.data.frames import tidy
from thetastar.data.large.parquet import LargeFile, large_parquet
from thetastar.data.large.text import Extent
from thetastar.data.large.text_sample import sample_text
from thetastar.data.large.unread import UnreadRows
from thetastar.data.option_check import check_options
from thetastar.data.reading import Note, Reading, ReadOptions, together
from thetastar.data.text.typed import with_typed_texts

__all__ = ["Sampled", "read_sample"]


@dataclass(frozen=True, eq=False)
class Sampled:
    """Rows of a file.

    Attributes:
        table: All of them, or some that were drawn at random.
        reading: How the file was read.
        file: All of them, where they are more than memory holds; None if they are in the table.
    """

    table: pl.DataFrame
    reading: Reading
    file: UnreadRows | None


def read_sample(
    path: Path,
    *,
    options: ReadOptions | None = None,
    group: str = "",
    until: float = math.inf,
    again: Extent | None = None,
) -> Sampled:
    """Return the table in a file as ``read_file`` does, or a sample of its rows if memory can't hold them.

    Args:
        path: Where the file is.
        options: What not to find out.
        group: Column whose rows are all kept out of a sample that others are to judge, or none of them.
        until: When to be content with what of a large text file was read, on the monotonic clock.
        again: What an earlier sample of a large text file was drawn from, to draw the same one.

    Raises:
        DataError: if there is no such file, it isn't a table, or it holds no rows.
    """
    asked = options or ReadOptions()
    try:
        if is_large_text(path):
            check_options(options, "text", source=str(path))
            table, reading, rest = sample_text(path, options=asked, group=group, until=until, again=again)
            return Sampled(tidy(table), reading, rest)
        large = large_parquet(path, group=group)
        if large is not None and large.times > 1:
            check_options(options, "columns", source=str(path))
            return _drawn(large, asked)
    except OSError:
        pass  # reading all of it says why
    except pl.exceptions.PolarsError as error:
        raise unreadable(str(path), error) from error
    return Sampled(*read_file(path, options=options), None)


def _drawn(large: LargeFile, asked: ReadOptions) -> Sampled:
    """Return a sample of a Parquet file."""
    begun = time.monotonic()
    sample = tidy(large.read(times=large.times))
    seconds = time.monotonic() - begun
    table, formats, decided = with_typed_texts(sample, options=asked)
    notes = (
        Note("read_in", text=f"{seconds:.1f}", rows=large.rows),
        Note("sampled", text=f"{large.rows:,}", rows=table.height),
        *((Note("single_precision"),) if large.doubles else ()),
    )
    reading = Reading(asked, formats, together((*notes, *decided)))
    return Sampled(table, reading, replace(large, formats=formats, seconds=seconds))
