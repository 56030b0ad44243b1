"""Which intervals to keep, and how often they hold: every fold is judged by intervals that the other folds made."""

from __future__ import annotations

import numpy as np
import torch

from thetastar.fitting.compare import paired
from thetastar.fitting.evidence import IntervalCheck
from thetastar.fitting.held_out import HeldOutRows
from thetastar.fitting.intervals import Intervals, Residuals, calibrated, interval_scores

__all__ = ["intervals_of", "residuals_of"]

_LEVELS = (0.5, 0.8, 0.9, 0.95)
_JUDGED_AT = 0.9  # whether a local spread pays
_BAND = 40  # places at which the intervals are drawn


def residuals_of(rows: HeldOutRows) -> Residuals:
    """Return what the held-out predictions of a number missed."""
    return Residuals(rows.answers, rows.truth - rows.answers, rows.weights, rows.fold)


def intervals_of(rows: HeldOutRows) -> tuple[Intervals | None, IntervalCheck | None]:
    """Return the intervals of a number's predictions and the measure of them; nothing for classes.

    The coverage of a fold is that of intervals from all other folds' residuals, around predictions of the fold's own
    member: the rows neither trained the function that predicts them nor set the intervals. A network's member stopped
    by looking at these rows, which flatters it a little. Residuals are counted in units of a local spread if the
    intervals are then better by their score, fold by fold, beyond one standard error.

    Returns:
        Nothing for classes, and where the rows are too few for any level.
    """
    if rows.target.classes:
        return None, None
    residuals = residuals_of(rows)
    folds = np.unique(residuals.fold)
    scaled = _spread_pays(residuals, folds)
    intervals = calibrated(residuals, scaled=scaled)
    if intervals is None:
        return None, None
    return intervals, _check(residuals, folds, intervals)


def _others(residuals: Residuals, fold: int, *, scaled: bool) -> Intervals | None:
    return calibrated(residuals.of(residuals.fold != fold), scaled=scaled)


def _spread_pays(residuals: Residuals, folds: np.ndarray) -> bool:
    """Tell whether intervals with a local spread score better on folds that did not set them."""
    means: list[tuple[float, float]] = []
    for fold in folds:
        judged = residuals.of(residuals.fold == fold)
        both = [_others(residuals, fold, scaled=scaled) for scaled in (True, False)]
        if any(one is None or one.highest_level < _JUDGED_AT for one in both):
            return False
        scores = [interval_scores(one, judged, level=_JUDGED_AT) for one in both if one is not None]
        means.append(tuple(float(np.average(score, weights=judged.weights)) for score in scores))  # type: ignore[arg-type]  # two of them
    local, same = torch.tensor(means, dtype=torch.float64).T
    return paired(local, same).below_zero


def _check(residuals: Residuals, folds: np.ndarray, intervals: Intervals) -> IntervalCheck:
    """Measure coverage and length of the intervals at a few levels."""
    scaled = bool(intervals.places)
    makers = [_others(residuals, fold, scaled=scaled) for fold in folds]
    known = [maker for maker in makers if maker is not None]
    limit = min([intervals.highest_level, *(maker.highest_level for maker in known)])
    levels = tuple(level for level in _LEVELS if level <= limit) if len(known) == len(folds) else ()
    ends = [[maker.around(residuals.predicted, level=level) for maker in known] for level in levels]
    coverage = tuple(
        tuple(_covered(residuals, fold, *pair) for fold, pair in zip(folds, pairs, strict=True)) for pairs in ends
    )
    predicted = np.linspace(residuals.predicted.min(), residuals.predicted.max(), _BAND)
    low, high = (
        intervals.around(predicted, level=_JUDGED_AT)
        if intervals.highest_level >= _JUDGED_AT
        else (np.empty(0), np.empty(0))
    )
    return IntervalCheck(
        levels=levels,
        coverage=coverage,
        length=tuple(_median_length(intervals, residuals, level) for level in levels),
        scaled=scaled,
        band_level=_JUDGED_AT,
        predicted=tuple(predicted.tolist()) if len(low) else (),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
    )


def _covered(residuals: Residuals, fold: int, low: np.ndarray, high: np.ndarray) -> float:
    """Return the share of a fold's rows whose truth lies between the ends."""
    truth, mine = residuals.predicted + residuals.missed, residuals.fold == fold
    inside = (low <= truth) & (truth <= high)
    return float(np.average(inside[mine], weights=residuals.weights[mine]))


def _median_length(intervals: Intervals, residuals: Residuals, level: float) -> float:
    """Return the length that half of the intervals don't exceed."""
    low, high = intervals.around(residuals.predicted, level=level)
    return float(np.median(high - low))
