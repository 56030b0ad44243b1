"""The rows on which a function is asked, and where a column's values lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.arrays import Floats, Integers
from thetastar.data.convert import as_labels
from thetastar.data.distribution import Distribution, distribution, knots, quantiles
from thetastar.fitting.problem import Problem

__all__ = ["Grid", "Sample", "grid_of", "levels_of", "sample_of"]


_ROWS = 1_000
_TAILS = (0.005, 0.995)  # a curve covers the values between these quantiles: rows beyond are too few to draw
_INTERVALS = 24
_LEVELS = 12  # the most frequent categories


@dataclass(frozen=True)
class Sample:
    """Some rows of the table.

    Attributes:
        table: The rows' columns.
        weights: [rows], adding up to 1.
    """

    table: pl.DataFrame
    weights: Floats


@dataclass(frozen=True)
class Grid:
    """Places along a column of numbers, and between which two of them each row lies.

    Attributes:
        places: Ascending, [places].
        rows: Which rows of the sample lie between the first and the last.
        values: Their values, [rows].
        interval: Row r lies above places[interval[r]] and not above the next place; the first place itself is in 0.
    """

    places: Floats
    rows: Integers
    values: Floats
    interval: Integers


def sample_of(problem: Problem, *, rows: npt.NDArray[np.signedinteger] | None = None, seed: int) -> Sample:
    """Return some of the given rows (all if None), at most a thousand, drawn at random."""
    known = np.arange(problem.rows, dtype=np.int32) if rows is None else rows
    rows = np.random.default_rng(seed).permutation(known)[:_ROWS]  # in random order, so that any part is a sample too
    return Sample(problem.table[rows], problem.weights[rows] / problem.weights[rows].sum())


def grid_of(values: Floats, weights: Floats, *, intervals: int = _INTERVALS) -> Grid | None:
    """Return places from which every interval holds rows; None if there are fewer than two different values.

    Up to 25 different values are the places themselves; otherwise the places are quantiles, as the knots of a curve.
    """
    every = distribution(values, weights)
    if len(every.values) < 2:
        return None
    low, high = quantiles(every, _TAILS) if len(every.values) > intervals + 1 else every.values[[0, -1]]
    inner = (every.values >= low) & (every.values <= high)
    middle = Distribution(every.values[inner], every.weights[inner])
    places = middle.values if len(middle.values) <= 2 else knots(middle, intervals)
    if len(places) < 2:
        return None
    rows = np.flatnonzero((values >= places[0]) & (values <= places[-1]))
    interval = np.clip(np.searchsorted(places, values[rows], side="left") - 1, 0, len(places) - 2)
    return Grid(places, rows, values[rows], interval)


def levels_of(series: pl.Series, weights: Floats, *, most: int = _LEVELS) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return a column's most frequent categories, and the share of the rows that each has."""
    totals = (
        pl.DataFrame({"level": as_labels(series), "weight": weights})
        .drop_nulls()
        .group_by("level")
        .agg(pl.col("weight").sum())
        .sort(["weight", "level"], descending=[True, False])
        .head(most)
    )
    return tuple(totals["level"].to_list()), tuple((totals["weight"] / weights.sum()).to_list())
