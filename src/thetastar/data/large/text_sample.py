"""A sample of the rows of a text file that is too large to be read at once."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl
import polars.selectors as cs

from thetastar.data.large.blocks import ROW
from thetastar.data.large.parquet import one_in, sample_bytes
from thetastar.data.large.text import Extent, LargeText, judging, numbered
from thetastar.data.reading import Note, Reading, ReadOptions, together
from thetastar.data.text.delimited import of_all_parts
from thetastar.data.text.footer import Drawn, without_footer
from thetastar.data.text.header import Expected
from thetastar.data.text.held import bytes_held
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
    drawn = _Drawn(index, plan, group if group in text.layout.names else "")
    _draw(drawn, options, pace=pace, until=until)
    rows, judges = drawn.taken()
    sample, formats, decided = typed(rows, options=options, delimiter=index.text.layout.delimiter)
    told = drawn.told(sample.height, seconds=time.monotonic() - begun)
    reading = Reading(options, formats, together((*told, *of_all_parts(drawn.notes), *decided)))
    return sample, reading, None if drawn.whole else drawn.file(judges, reading)


@dataclass
class _Drawn:
    """What was drawn from the parts of a file that came by.

    Attributes:
        index: Where the parts stand.
        plan: Which rows are drawn.
        group: Column whose rows judge together; empty to draw row by row.
        parts: Rows of each part, with their numbers.
        notes: What was noticed in them.
        came: How many parts came by.
        seen: Rows that came by,
        kept: And those that were drawn,
        held: Which take so many bytes of memory.
        bytes: Of the file that came by.
        below: Lines below the table.
    """

    index: IndexedText
    plan: Extent
    group: str
    parts: dict[int, pl.DataFrame] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    came: int = 0
    seen: int = 0
    kept: int = 0
    held: float = 0.0
    bytes: int = 0
    below: int = 0

    @property
    def whole(self) -> bool:
        """Return whether these are all rows of the file."""
        return self.index.whole and self.came == self.index.parts and self.plan.times == 1

    @property
    def judging(self) -> pl.Expr:
        """Return which rows judge."""
        return judging(self.group, self.plan.one_in)

    @property
    def rows(self) -> int:
        """Return how many rows the file has, as far as is known."""
        return self.seen if self.bytes == self.index.bytes else round(self.seen * self.index.bytes / self.bytes)

    def add(self, place: int, rows: pl.DataFrame, notes: tuple[Note, ...]) -> None:
        """Draw from one part."""
        wanted = (pl.col(ROW).hash(seed=0) % self.plan.times == 0) | self.judging
        kept = _alone(numbered(rows, self.index, place).filter(wanted))
        self.parts[place] = kept
        self.notes += notes
        self.came += 1
        self.seen += rows.height
        self.kept += kept.height
        self.held += bytes_held(kept)
        self.bytes += self.index.size(place)

    def enough(self, *, pace: float, until: float) -> bool:
        """Return whether time or memory allows no more; to decide how texts are written takes as long as to read them.

        Args:
            pace: Seconds to read a byte of the file.
            until: When it has to be done, on the monotonic clock.
        """
        deciding = pace * self.bytes * self.kept / max(self.seen, 1)
        late = time.monotonic() + deciding > until or self.held > _MOST * sample_bytes()
        return late and self.kept >= _FEWEST_ROWS

    def taken(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Give away the rows to learn from, as they stand in the file, and those that judge; of all rows, none does."""
        table = self._table()
        self.parts.clear()
        if self.whole:
            return table.drop(ROW), table.clear().drop(ROW)
        return table.filter(~self.judging).drop(ROW), table.filter(self.judging).drop(ROW)

    def above(self, end: int) -> Drawn:
        """Return what these rows say of all those in so many bytes of the file."""
        return Drawn(self._table().drop(ROW), times=self.seen * end / self.bytes / max(self.kept, 1))

    def file(self, judges: pl.DataFrame, reading: Reading) -> LargeText:
        """Return where all rows are."""
        extent = replace(self.plan, indexed=0 if self.index.whole else self.index.parts, drawn=self.came - 1)
        return LargeText(
            self.index, self.rows, judges, extent, self.below, reading.options, reading.formats, self.group
        )

    def told(self, sample: int, *, seconds: float) -> tuple[Note, ...]:
        """Say what came of the file, and how fast."""
        notes = [Note("read_in", text=f"{seconds:.1f}", rows=self.seen)]
        if self.plan.times > 1:
            notes.append(Note("sampled", text=f"{self.rows:,}", rows=sample))
        if not self.index.whole:
            notes.append(Note("read_start", text=_percent(self.index.bytes / self.index.text.path.stat().st_size)))
        if self.bytes < self.index.bytes:
            notes.append(Note("read_places", text=_percent(self.bytes / self.index.bytes), rows=sample))
        return tuple(notes)

    def _table(self) -> pl.DataFrame:
        return pl.concat([self.parts[place] for place in sorted(self.parts)])


def _planned(index: IndexedText, seconds: float, *, left: float) -> Extent:
    """Return what to draw so that memory holds it, by what the first part took; see ``_MOSTLY`` for the time.

    Args:
        index: Where the parts stand.
        seconds: How long it takes to read them all, as far as the first one tells.
        left: Seconds that there are.
    """
    share = max(left, 0.0) / seconds
    reached = index.bytes * (1.0 if share > _MOSTLY else share) / index.size(0)
    return Extent(
        indexed=0 if index.whole else index.parts,
        drawn=index.parts - 1,
        times=max(1, math.ceil(index.text.held * reached / sample_bytes())),
        one_in=one_in(round(index.text.height * reached)),
    )


def _draw(drawn: _Drawn, options: ReadOptions, *, pace: float, until: float) -> None:
    """Go through the parts in random order; the last one, below which there may be more than rows, comes at the end."""
    index, last = drawn.index, drawn.index.parts - 1
    for place in (0, *(1 + np.random.default_rng(0).permutation(max(last - 1, 0))))[: min(last, drawn.plan.drawn)]:
        if drawn.enough(pace=pace, until=until):
            break
        drawn.add(int(place), *index.rows(int(place)))
    rows, notes = index.rows(last)
    if index.whole:
        above = drawn.above(int(index.begins[last])) if last else None
        kept, left_out = without_footer(rows, options=options, delimiter=index.text.layout.delimiter, drawn=above)
        drawn.below = rows.height - kept.height
        rows, notes = kept, (*notes, *left_out)
    drawn.add(last, rows, notes)


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"


def _alone(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows that don't keep in memory the texts of all others that were read with them."""
    return rows.with_columns(cs.string() + "")
