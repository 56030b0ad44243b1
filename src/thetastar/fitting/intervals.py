"""Prediction intervals from held-out residuals: how far off the truth lay from predictions of rows never seen.

Each fold's member predicts rows that it was not trained on; what these predictions missed the truth by, pooled over the
folds, is how far the truth may lie from a new row's prediction (cross-conformal prediction: Vovk, Cross-conformal
predictors, 2015; Barber et al., Predictive inference with the jackknife+, 2021, section 3, where the quantiles are
taken around one prediction: "CV" without the members). Lower and upper end have their own quantile, so that a skewed
target gets a skewed interval. Where errors change with the prediction, or with the inputs, residuals are counted in
units of their size there. All of this rests on new rows being like those of the table; the coverage is measured, not
assumed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from thetastar.arrays import Flags, Floats, Integers
from thetastar.errors import UserError
from thetastar.fitting.input_spread import InputSpread

__all__ = ["Intervals", "Residuals", "calibrated", "interval_scores"]


_KEPT = 400  # residuals that are kept of many, the outermost ones all
_BINS = 8  # of predictions, over which the size of the residuals is averaged,
_BIN_ROWS = 40  # so many rows at least in each
_LEAST_SPREAD = 1e-3  # of the mean size


@dataclass(frozen=True)
class Residuals:
    """What held-out predictions missed, all in the target's unit.

    Attributes:
        predicted: [rows].
        missed: Truth − prediction, [rows].
        weights: How many rows each stands for, [rows].
        fold: Which fold's member predicted, [rows].
        size: What residuals are counted in by the inputs, [rows]; None where these don't count.
    """

    predicted: Floats
    missed: Floats
    weights: Floats
    fold: Integers
    size: Floats | None = None

    def of(self, chosen: Flags | Integers) -> Residuals:
        """Return some of the rows."""
        size = None if self.size is None else self.size[chosen]
        return Residuals(self.predicted[chosen], self.missed[chosen], self.weights[chosen], self.fold[chosen], size)


@dataclass(frozen=True)
class Intervals:
    """All that it takes to put an interval around a prediction.

    Attributes:
        ranks: Of the kept residuals among all, ascending, from 1 to ``rows``.
        missed: The kept residuals, ascending, in units of their size there.
        rows: How many held-out rows there were; of weighted rows, how many equal ones tell as much.
        places: Predictions between which the local spread is interpolated; empty if it is the same everywhere.
        spread: The spread there, in the target's unit; empty if residuals are counted in that unit itself.
        by_inputs: The size by inputs and prediction, instead of places; None if that was not better.
    """

    ranks: tuple[float, ...]
    missed: tuple[float, ...]
    rows: float
    places: tuple[float, ...] = ()
    spread: tuple[float, ...] = ()
    by_inputs: InputSpread | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no intervals, as a damaged file may hold it."""
        ascending = all(list(values) == sorted(values) for values in (self.ranks, self.missed, self.places))
        whole = len(self.ranks) == len(self.missed) > 0 and len(self.places) == len(self.spread)
        numbers = (*self.ranks, *self.missed, *self.places, *self.spread, self.rows)
        if not (ascending and whole and all(map(math.isfinite, numbers)) and min(self.spread, default=1.0) > 0):
            raise ValueError("intervals need ascending ranks and residuals, as many of each, and a positive spread")

    @property
    def highest_level(self) -> float:
        """Return the highest level for which there are enough rows."""
        return max(0.0, 1 - 2 / (self.rows + 1))

    def around(self, predicted: Floats, *, level: float, size: Floats | None = None) -> tuple[Floats, Floats]:
        """Return the lower and upper ends for predictions, [rows] each.

        With n residuals the ends are those of rank (n + 1)·(1 − level)/2 from either side: so a new residual, equally
        likely to take any rank among them, falls outside with a probability of at most 1 − level.

        Args:
            predicted: [rows].
            level: The probability that the truth lies between the ends.
            size: Of the residuals by the rows' inputs, if these are counted in it, [rows].

        Raises:
            UserError: if the level is not between 0 and 1, or higher than so many rows can tell.

        Example:
            >>> ranks = tuple(float(rank) for rank in range(1, 20))
            >>> intervals = Intervals(ranks, tuple(rank - 10 for rank in ranks), 19)
            >>> intervals.around(np.array([100.0]), level=0.9)
            (array([91.]), array([109.]))
        """
        if not _between(level):
            raise UserError(f"an interval's level lies between 0 and 1, for example 0.9; seen {level!r}")
        rank = (self.rows + 1) * (1 - level) / 2
        if rank < 1 - 1e-9:
            raise UserError(
                f"{self.rows:.0f} held-out rows can't tell an interval of level {level:g}: ask for "
                f"{math.floor(100 * self.highest_level) / 100:g} or less, or fit to more rows"
            )
        low, high = np.interp([rank, self.rows + 1 - rank], self.ranks, self.missed)
        size = self.local_spread(predicted) if size is None else size
        return predicted + low * size, predicted + high * size

    def local_spread(self, predicted: Floats) -> Floats:
        """Return what residuals are counted in near each prediction, [rows]."""
        if not self.places:
            return np.ones_like(predicted)
        return np.asarray(np.interp(predicted, self.places, self.spread))


def calibrated(residuals: Residuals, *, scaled: bool) -> Intervals | None:
    """Return intervals from residuals; None if there are none, or too few to tell their local spread.

    Args:
        residuals: Of held-out rows.
        scaled: Whether to count them in units of their mean size near the prediction, if they have no size by inputs.
    """
    known = residuals.of(np.isfinite(residuals.missed) & (residuals.weights > 0))
    if len(known.missed) == 0:
        return None
    places, spread = _spread(known) if scaled else ((), ())
    if scaled and not places:
        return None
    size = np.interp(known.predicted, places, spread) if places else np.ones_like(known.missed)
    size = size if known.size is None else known.size
    order = np.argsort(known.missed / size, kind="stable")
    missed, weights = (known.missed / size)[order], known.weights[order]
    rows = float(weights.sum() ** 2 / np.square(weights).sum())
    ranks = (np.cumsum(weights) - weights / 2) / weights.sum() * rows + 0.5
    kept = _kept(len(missed))
    return Intervals(tuple(ranks[kept].tolist()), tuple(missed[kept].tolist()), rows, places, spread)


def interval_scores(intervals: Intervals, residuals: Residuals, *, level: float) -> Floats:
    """Return each row's interval score: the interval's length, and 2/(1 − level) times what the truth lies outside.

    Its expectation is lowest for the true quantiles (Gneiting and Raftery, Strictly proper scoring rules, 2007, section
    6.2): it rewards short intervals and punishes those that miss.
    """
    low, high = intervals.around(residuals.predicted, level=level, size=residuals.size)
    truth = residuals.predicted + residuals.missed
    outside = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
    return np.asarray(high - low + 2 / (1 - level) * outside)


def _spread(residuals: Residuals) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the mean absolute residual by prediction, over bins of equally many rows; nothing if that is one bin."""
    bins = min(_BINS, len(residuals.missed) // _BIN_ROWS)
    order = np.argsort(residuals.predicted, kind="stable")
    found: dict[float, float] = {}
    floor = _LEAST_SPREAD * float(np.average(np.abs(residuals.missed), weights=residuals.weights))
    for rows in np.array_split(order, max(bins, 1)):
        weights = residuals.weights[rows]
        place = float(np.average(residuals.predicted[rows], weights=weights))
        found[place] = max(float(np.average(np.abs(residuals.missed[rows]), weights=weights)), floor)
    if bins < 2 or len(found) < 2 or floor <= 0:
        return (), ()
    places = sorted(found)
    return tuple(places), tuple(found[place] for place in places)


def _kept(rows: int) -> Integers:
    """Return which of many ordered residuals to keep: all at either end, ever fewer towards the middle."""
    if rows <= _KEPT:
        return np.arange(rows)
    half = np.unique(np.geomspace(1, rows / 2, _KEPT // 2).round().astype(np.int64)) - 1
    return np.union1d(half, rows - 1 - half)


def _between(level: float) -> bool:
    """Tell whether a level is a number between 0 and 1; people may give anything."""
    try:
        return 0 < level < 1
    except TypeError:
        return False
