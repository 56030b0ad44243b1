"""Where the parts of a text file begin, so that any of them can be read without those above it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from thetastar.arrays import Integers
from thetastar.data.reading import Note
from thetastar.data.text.decode import ENOUGH, likely_encoding, telling_lines
from thetastar.data.text.parts import PartedText

__all__ = ["IndexedText", "index_parts"]

_SMALL = 1 << 20  # bytes: a last part of fewer joins the one before it, so that what stands below a table is in one


@dataclass(frozen=True, eq=False)
class IndexedText:
    """A text file and where its parts stand.

    Attributes:
        text: The file.
        begins: Where the parts begin, and where the last one ends, in bytes: [parts + 1].
        above: How many lines are above each, [parts].
        whole: Whether the last part ends where the file does.
    """

    text: PartedText
    begins: Integers
    above: Integers
    whole: bool

    @property
    def parts(self) -> int:
        """Return how many parts there are."""
        return len(self.above)

    @property
    def bytes(self) -> int:
        """Return how many bytes all parts have."""
        return int(self.begins[-1])

    def size(self, place: int) -> int:
        """Return how many bytes one part has."""
        return int(self.begins[place + 1] - self.begins[place])

    def rows(self, place: int) -> tuple[pl.DataFrame, tuple[Note, ...]]:
        """Return the rows of a part as trimmed texts under the columns' names, and what was noticed.

        Raises:
            DataError: if it isn't text, or a row has more cells than the first line of the file.
            OSError: if the file can't be read.
        """
        if place == 0:
            return self.text.first_rows()
        begin, end = (int(self.begins[place + step]) for step in (0, 1))
        return self.text.rows(self.text.part(begin, end, int(self.above[place])))


def index_parts(text: PartedText, *, until: float, most: int = 0) -> IndexedText:
    """Return where the parts of a file begin, as far as the time goes.

    On the way it is found out which encoding the file has, where its first part didn't hold enough to tell.

    Args:
        text: The file.
        until: When to stop, on the monotonic clock; one part more than the first is gone through in any case.
        most: How many parts to stop at; 0 for none.

    Raises:
        DataError: if a line has no end.
        OSError: if it can't be read.
    """
    begins, above, whole, telling = [0, text.begin], [0], True, text.telling
    for part in text.parts():
        if len(above) > 1 and (time.monotonic() > until or len(above) == most):
            whole = False
            break
        begins.append(part.begin + len(part.data))
        above.append(part.above)
        if telling is not None and len(telling) < ENOUGH and not part.data.isascii():
            telling += b"\n" + telling_lines(part.data)
    if whole and len(above) > 2 and begins[-1] - begins[-2] < _SMALL:  # the first two and another one
        del begins[-2], above[-1]
    found = IndexedText(text, np.array(begins), np.array(above), whole)
    if telling is None or (name := likely_encoding(telling)) == text.how.encoding:
        return found
    again = text.in_encoding(name)
    return replace(found, text=again) if again.begin == text.begin else index_parts(again, until=until, most=most)
