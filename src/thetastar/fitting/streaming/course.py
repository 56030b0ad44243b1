"""How much of the way over all rows is done, and by what the rows on it will be known again."""

from __future__ import annotations

import time

from thetastar.descent import Deadline
from thetastar.fitting.marks import RowMarks, joined

__all__ = ["Course"]

_SAFETY = 0.9  # of the time left may be planned


class Course:
    """How much of the way over all rows is done, by which the learning rate falls.

    It is the share of the rows that came by, so that the same seed gives the same bits. Only where the first block
    shows that the time won't do for all of them, it is the share of the time, if that is larger: so the learning rate
    has fallen too when the time is up.

    Args:
        rows: All that may come by.
        until: When the way ends in any case.
    """

    def __init__(self, rows: int, until: Deadline) -> None:
        self.seen, self.until = 0, until
        self.marks: RowMarks | None = None
        self._rows, self._begun, self._hurried = rows, time.monotonic(), False

    @property
    def share(self) -> float:
        """Return the share that is done, from 0 to 1."""
        by_rows = min(1.0, self.seen / self._rows)  # which may be an estimate
        if not self._hurried:
            return by_rows
        gone = time.monotonic() - self._begun
        return min(1.0, max(by_rows, gone / (gone + max(self.until.left(), 0.0))))

    def passed(self, rows: int, marks: RowMarks) -> None:
        """Count rows that came by."""
        self.seen += rows
        self.marks = marks if self.marks is None else joined(self.marks, marks)

    def settle(self) -> None:
        """See, after the first block, whether all rows will have come by in time."""
        gone = time.monotonic() - self._begun
        self._hurried = gone * (self._rows - self.seen) > self.seen * _SAFETY * self.until.left()
