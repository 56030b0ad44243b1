"""How the values of a column are spread, in a few numbers that fit beside its name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from thetastar.arrays import Floats
from thetastar.data.column import Kind
from thetastar.data.convert import as_labels, as_measured

__all__ = ["Outline", "outline"]


_BARS = 24
_LEVELS = 8  # the most frequent categories
_TAILS = (0.005, 0.995)  # bars stand between these quantiles: one value far out would squeeze all others into one
_COUNTABLE = 1e9  # beyond this, one more or less can't be seen, and soon not be told either
_COUNTED = 100_000  # rows: a bar is a few pixels high, and more rows wouldn't move it


@dataclass(frozen=True)
class Outline:
    """How the values of a column are spread; without ends and levels where that says nothing (texts, identifiers).

    ``ends`` are the lowest, the middle and the highest finite value of numbers, dates (days since 1970-01-01) or times
    of day (hours), of a large table the middle of an even share of its rows. ``levels`` are the most frequent
    categories. ``shares`` are of the rows that have a value: in equal bars whose outermost hold what lies beyond them,
    or of each level.
    """

    column: str
    ends: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()


def outline(series: pl.Series, kind: Kind) -> Outline:
    """Return how the values of a column of some kind are spread.

    Example:
        >>> outline(pl.Series("cut", ["fair", "good", "good", None]), Kind.category)
        Outline(column='cut', ends=(), levels=('good', 'fair'), shares=(0.6667, 0.3333))
    """
    some = series.gather_every(-(-len(series) // _COUNTED)) if len(series) > _COUNTED else series
    if kind.ordered:
        return _of_numbers(series, some, kind)
    if kind in (Kind.category, Kind.boolean):
        return _of_levels(some)
    return Outline(series.name)


def _of_numbers(series: pl.Series, some: pl.Series, kind: Kind) -> Outline:
    values = _finite(some, kind)
    if not len(values):
        return Outline(series.name)
    outermost = np.concatenate([values, _extremes(series, kind)])
    ends = (float(outermost.min()), float(np.median(values)), float(outermost.max()))
    low, high = np.quantile(values, _TAILS, method="inverted_cdf")
    if low == high:
        low, high = values.min(), values.max()
    if low == high:
        return Outline(series.name, ends, (), (1.0,))
    bars = np.histogram(np.clip(values, low, high), _edges(values, float(low), float(high)))[0]
    return Outline(series.name, ends, (), _rounded(bars / len(values)))


def _edges(values: Floats, low: float, high: float) -> Floats:
    """Return where bars begin and end; of whole numbers each bar holds equally many, or some would look empty."""
    if not np.array_equal(values, np.round(values)) or max(-low, high) > _COUNTABLE:
        return np.linspace(low, high, _BARS + 1)
    each = np.ceil((high - low + 1) / _BARS)
    edges: Floats = low - 0.5 + each * np.arange(np.ceil((high - low + 1) / each) + 1)
    return edges


def _extremes(series: pl.Series, kind: Kind) -> Floats:
    """Return the smallest and the largest of all values, where that is quick: not of texts."""
    if not (series.dtype.is_numeric() or series.dtype.is_temporal()):
        return np.empty(0)
    return _finite(pl.Series([series.min(), series.max()], dtype=series.dtype), kind)


def _finite(series: pl.Series, kind: Kind) -> Floats:
    values = as_measured(series, kind)
    return values[np.isfinite(values)]


def _of_levels(some: pl.Series) -> Outline:
    labels = as_labels(some).drop_nulls().alias("level")
    counts = labels.to_frame().group_by("level").len().sort(["len", "level"], descending=[True, False]).head(_LEVELS)
    return Outline(
        some.name, (), tuple(counts["level"].to_list()), _rounded(counts["len"].to_numpy() / max(1, len(labels)))
    )


def _rounded(shares: Floats) -> tuple[float, ...]:
    """Return shares with as many digits as can be seen or are written."""
    return tuple(round(float(share), 4) for share in shares)
