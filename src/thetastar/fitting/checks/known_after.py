"""Columns that look as if they were filled in once the target was known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.data import Column
from thetastar.fitting.checks.one_column import keys
from thetastar.fitting.record import Caution

__all__ = ["known_after"]

_INSIDE = 0.99  # share of a class's rows, at least, that hold the one value or have none
_OUTSIDE = 0.01  # share of the other rows, at most, that do too
_FEWEST = 20  # rows on either side
_FREQUENT = 0.05  # share of the rows in which a class, or one number such as 0 sales, must occur


def known_after(column: Column, series: pl.Series, y: npt.NDArray[np.generic]) -> Iterator[Caution]:
    """Yield a caution if a column is the same, or missing, in one class's rows and hardly ever in the others.

    That is how a column looks that is filled in afterwards: a reason for leaving is there only for those who left. It
    may as well be a true cause; the table can't tell.

    Args:
        column: What it is.
        series: Its values, [rows].
        y: Class codes or numbers, [rows]; those that occur in a twentieth of the rows are looked at.
    """
    x = keys(column, series)
    values, counts = np.unique(y, return_counts=True)
    for value in values[counts >= _FREQUENT * len(y)]:
        inside = y == value
        if min(int(inside.sum()), int((~inside).sum())) < _FEWEST:
            continue
        held, times = np.unique(x[inside], return_counts=True)  # all NaN count as one value
        usual = held[times.argmax()]
        same = np.isnan(x) if np.isnan(usual) else x == usual
        share, elsewhere = float(same[inside].mean()), float(same[~inside].mean())
        if share >= _INSIDE and elsewhere <= _OUTSIDE:
            numbers = {"value": float(value), "missing": float(np.isnan(usual)), "inside": share, "outside": elsewhere}
            yield Caution("known_after", column.name, numbers)
            return
