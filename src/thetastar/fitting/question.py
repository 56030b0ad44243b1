"""What a fit is asked: which function predicts this target from this table, and what is known of the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.arrays import Integers
from thetastar.data import Column, Reading, UnreadRows
from thetastar.fitting.asked import Asked
from thetastar.fitting.record import Series

__all__ = ["Question"]


@dataclass(frozen=True, eq=False)
class Question:
    """A table and its target, as they were given: one row each, before rows are sorted and identical ones merged.

    Attributes:
        table: Input columns only: without the target and without the column of groups or times.
        y: The target, without missing values.
        weights: One per row; None for 1 each.
        groups: Rows of one group stay together; then folds hold out whole groups.
        times: When each row happened; then validation rows are always later than training rows.
        known: When each row's inputs were known, numbers as ``times`` are, if that is earlier: as ``windows`` returns.
        task: regression, classification or auto.
        kinds: Column name → kind, where the decision should be overruled.
        columns: What each column is, if that was decided before: then the kinds are in it, and the table may lack those
            that aren't used. None to decide it.
        numbers: Each row's number where it came from, counted from 1, by which the report names rows; None for 1, 2, ….
        source: Where the table came from.
        reading: How its file was read.
        series: How it was arranged; None if neither time nor group is named.
        asked: How the fit was called for.
        file: What it is a sample of, as memory can't hold all rows; None if it is all of them.
    """

    table: pl.DataFrame
    y: pl.Series
    weights: npt.NDArray[np.floating] | None = None
    groups: pl.Series | None = None
    times: pl.Series | None = None
    known: pl.Series | None = None
    task: str = "auto"
    kinds: Mapping[str, str] | None = None
    columns: tuple[Column, ...] | None = None
    numbers: Integers | None = None
    source: str = ""
    reading: Reading = field(default_factory=Reading)
    series: Series | None = None
    asked: Asked = field(default_factory=Asked)
    file: UnreadRows | None = None
