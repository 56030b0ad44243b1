"""A sample of the rows of a text file that is too large to be read at once."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import polars.selectors as cs

from thetastar.data.blocks import ROW
from thetastar.data.large import one_in, sample_bytes
from thetastar.data.large_text import Extent, LargeText, bytes_held, judging, numbered
from thetastar.data.reading import Note, Reading, ReadOptions, together
from thetastar.data.text.delimited import of_all_parts
from thetastar.data.text.footer import Drawn, without_footer
from thetastar.data.text.header import Expected
from thetastar.data.text.index import IndexedText, index_parts
from thetastar.data.text.parts import open_parts
from thetastar.data.text.typed import typed

__all__ = ["sample_text"]

_INDEX_SHARE = 0.5  # of the time for a sample may go into looking for line ends,
_INDEX_SECONDS = 0.5  # but at least so many: a gigabyte takes as long, and otherwise the sample would be its beginning
_MOST = 1.5  # times the memory of a sample may be held before it is enough
_FEWEST_ROWS = 1000  # that a sample has, however short the time
_MOSTLY = 0.5  # share of the file: if there is time for as much, which rows judge doesn't depend on how fast this is


def sample_text(
    path: Path, *, options: ReadOptions, group: str, until: float, again: Extent | None = None
) -> tuple[pl.DataFrame, Reading, LargeText | None]:
    """Return as many rows of a text file as memory holds and time allows, how it is read, and where all others are.

    That is None if these are all rows. Otherwise they were drawn at random from random places.

    Args:
        path: Where the file is.
        options: What not to find out.
        group: Column whose rows judge together.
        until: When it has to be done, on the monotonic clock.
        again: What an earlier sample was drawn from, to draw the same one, however long it takes.

    Raises:
        DataError: if it isn't a table of text.
        OSError: if it can't be read.
    """
    begun = time.monotonic()
    text = open_parts(path, options=options, expected=Expected())
    pace = (time.monotonic() - begun) / text.begin
    until = math.inf if again else until
    enough = max(begun + _INDEX_SHARE * (until - begun), time.monotonic() + _INDEX_SECONDS)
    index = index_parts(text, until=enough, most=again.indexed if again else 0)
    plan = again or _planned(index, pace * index.bytes, left=until - time.monotonic())
    group = group if group in text.first.layout.names else ""
    judges = judging(group, plan.one_in)
    drawn = _draw(index, plan, options, wanted=(pl.col(ROW).hash(seed=0) % plan.times == 0) | judges, until=until)
    extent = Extent(0 if index.whole else index.parts, len(drawn.parts) - 1, plan.times, plan.one_in)
    whole = index.whole and len(drawn.parts) == index.parts and plan.times == 1
    table, delimiter = drawn.table(), text.first.layout.delimiter
    sample = (table if whole else table.filter(~judges)).drop(ROW)
    sample, formats, decided = typed(sample, options=options, delimiter=delimiter)
    rows = drawn.seen if drawn.bytes == index.bytes else round(drawn.seen * index.bytes / drawn.bytes)
    told = _told(index, drawn, extent, rows=rows, sample=sample.height, seconds=time.monotonic() - begun)
    reading = Reading(options, formats, together((*told, *of_all_parts(drawn.notes), *decided)))
    if whole:
        return sample, reading, None
    held_back = table.filter(judges).drop(ROW)
    return sample, reading, LargeText(index, rows, held_back, extent, drawn.below, options, formats, group)


@dataclass
class _Drawn:
    """What was drawn from the parts that came by."""

    parts: dict[int, pl.DataFrame] = field(default_factory=dict)  # rows of each, with their numbers
    notes: list[Note] = field(default_factory=list)
    seen: int = 0  # rows
    kept: int = 0  # rows
    held: float = 0.0  # bytes of them in memory
    bytes: int = 0  # of the file
    below: int = 0  # lines below the table

    def add(
        self, index: IndexedText, place: int, rows: pl.DataFrame, notes: tuple[Note, ...], *, wanted: pl.Expr
    ) -> None:
        """Draw from one part."""
        kept = _alone(numbered(rows, index, place).filter(wanted))
        self.parts[place] = kept
        self.notes += notes
        self.seen += rows.height
        self.kept += kept.height
        self.held += bytes_held(kept)
        self.bytes += index.size(place)

    def table(self) -> pl.DataFrame:
        """Return the rows as they stand in the file."""
        return pl.concat([self.parts[place] for place in sorted(self.parts)])

    def above(self, end: int) -> Drawn:
        """Return what these rows say of all those in so many bytes of the file."""
        return Drawn(self.table().drop(ROW), times=self.seen * end / self.bytes / max(self.kept, 1))


def _planned(index: IndexedText, seconds: float, *, left: float) -> Extent:
    """Return what to draw so that memory holds it, by what the first part took; see ``_MOSTLY`` for the time.

    Args:
        index: Where the parts stand.
        seconds: How long it takes to read them all, as far as the first one tells.
        left: Seconds that there are.
    """
    first = index.text.first.table
    share = max(left, 0.0) / seconds
    reached = index.bytes * (1.0 if share > _MOSTLY else share) / index.size(0)
    return Extent(
        indexed=0 if index.whole else index.parts,
        drawn=index.parts - 1,
        times=max(1, math.ceil(bytes_held(first) * reached / sample_bytes())),
        one_in=one_in(round(first.height * reached)),
    )


def _draw(index: IndexedText, plan: Extent, options: ReadOptions, *, wanted: pl.Expr, until: float) -> _Drawn:
    """Go through the parts in random order; the last one, below which there may be more than rows, comes at the end."""
    drawn, last = _Drawn(), index.parts - 1
    for place in (0, *(1 + np.random.default_rng(0).permutation(max(last - 1, 0))))[: min(last, plan.drawn)]:
        late = time.monotonic() > until or drawn.held > _MOST * sample_bytes()
        if late and drawn.kept >= _FEWEST_ROWS:
            break
        drawn.add(index, int(place), *index.rows(int(place)), wanted=wanted)
    rows, notes = index.rows(last)
    if index.whole:
        above = drawn.above(int(index.begins[last])) if last else None
        kept, left_out = without_footer(rows, options=options, delimiter=index.text.first.layout.delimiter, drawn=above)
        drawn.below = rows.height - kept.height
        rows, notes = kept, (*notes, *left_out)
    drawn.add(index, last, rows, notes, wanted=wanted)
    return drawn


def _told(
    index: IndexedText, drawn: _Drawn, extent: Extent, *, rows: int, sample: int, seconds: float
) -> tuple[Note, ...]:
    """Say what came of the file, and how fast."""
    notes = [Note("read_in", text=f"{seconds:.1f}", rows=drawn.seen)]
    if extent.times > 1:
        notes.append(Note("sampled", text=f"{rows:,}", rows=sample))
    if not index.whole:
        notes.append(Note("read_start", text=_percent(index.bytes / index.text.path.stat().st_size)))
    if drawn.bytes < index.bytes:
        notes.append(Note("read_places", text=_percent(drawn.bytes / index.bytes), rows=sample))
    return tuple(notes)


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"


def _alone(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows that don't keep in memory the texts of all others that were read with them."""
    return rows.with_columns(cs.string() + "")
