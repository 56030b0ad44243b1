"""What a function of windows has to remember of its series to go on with it."""

from __future__ import annotations

from dataclasses import dataclass

from thetastar.data import Lags

__all__ = ["History"]


@dataclass(frozen=True)
class History:
    """The last rows of a series, as plain values.

    Attributes:
        lags: How windows are cut.
        rows: Values by column: the group as text, the time in days since 1970-01-01 for dates and otherwise as it is,
            then what windows read.
    """

    lags: Lags
    rows: dict[str, tuple[str | int | float | bool | None, ...]]

    def consistent(self) -> bool:
        """Tell whether every column that windows read is there, all equally long."""
        needed = {name for name in (self.lags.group, self.lags.time, *self.lags.columns) if name}
        lengths = {len(values) for values in self.rows.values()}
        return set(self.rows) == needed and len(lengths) == 1 and min(self.lags.lags, self.lags.horizon) > 0
