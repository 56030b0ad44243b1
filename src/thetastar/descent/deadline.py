"""A wall-clock promise that can be asked how much of it is left."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from thetastar.errors import BudgetError

__all__ = ["Deadline"]


@dataclass(frozen=True)
class Deadline:
    """A moment on the monotonic clock, in seconds.

    Example:
        >>> Deadline.never().left()
        inf
    """

    moment: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """Return the moment this many seconds from now."""
        return cls(time.monotonic() + seconds)

    @classmethod
    def never(cls) -> Deadline:
        """Return a deadline that does not come."""
        return cls(math.inf)

    def left(self) -> float:
        """Return the seconds until then; negative once it has passed."""
        return self.moment - time.monotonic()

    def check(self) -> None:
        """Refuse to go on with work that is of no use unless it is finished in time.

        Raises:
            BudgetError: if the deadline has passed.
        """
        if self.left() <= 0:
            raise BudgetError("the time ran out before this could be finished: give a larger budget")

    def sooner(self, seconds: float) -> Deadline:
        """Return whichever comes first: this deadline, or so many seconds from now."""
        return Deadline(min(self.moment, time.monotonic() + seconds))
