"""The wall-clock time that a fit was given."""

from __future__ import annotations

import time
from dataclasses import dataclass

from thetastar.descent import Deadline

__all__ = ["Budget"]

_LAST_SHARE = 0.1  # of the time is kept for drawing up the record,
_LAST_SECONDS = 2.0  # but at least so long
_LARGEST_LAST_SHARE = 0.2  # unless that is more than this share


@dataclass(frozen=True)
class Budget:
    """The wall-clock time that a fit was given, in seconds.

    Attributes:
        seconds: In all.
        aside: How many of them are left for what follows the fit, such as writing a report.
        begun: When they began, on the monotonic clock.
    """

    seconds: float
    aside: float
    begun: float

    @property
    def spent(self) -> float:
        """Return the seconds since it began."""
        return time.monotonic() - self.begun

    @property
    def end(self) -> Deadline:
        """Return when the record has to be there."""
        return Deadline(self.begun + self.seconds - self.aside)

    @property
    def found(self) -> Deadline:
        """Return when the function has to be there, so that there is time to draw up the record."""
        fitting = self.seconds - self.aside
        reserve = min(max(_LAST_SHARE * fitting, _LAST_SECONDS), _LARGEST_LAST_SHARE * fitting)
        return Deadline(self.end.moment - reserve)
