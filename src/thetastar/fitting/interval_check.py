"""Which intervals to keep, and how often they hold: every fold is judged by intervals that the other folds made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from thetastar.arrays import Floats, Integers
from thetastar.fitting.evidence import IntervalCheck
from thetastar.fitting.held_out import HeldOutRows
from thetastar.fitting.input_spread import InputSpread, SpreadRows, spread_rows
from thetastar.fitting.intervals import Intervals, Residuals, calibrated, interval_scores
from thetastar.fitting.problem import Problem
from thetastar.fitting.rungs.compare import paired

__all__ = ["intervals_of", "residuals_of"]

_LEVELS = (0.5, 0.8, 0.9, 0.95)
_JUDGED_AT = 0.9  # whether a local spread pays
_BAND = 40  # places at which the intervals are drawn
_WORTH = 0.01  # of the score: inputs that make intervals better by less aren't worth the words
_MOST_FOLDS = 10  # with more, learning a spread without each pair of them takes too long
_NAMED = 3  # columns that move the spread the most
_LEAST_MOVED = 0.5  # of what the first one moves it


def residuals_of(rows: HeldOutRows) -> Residuals:
    """Return what the held-out predictions of a number missed."""
    return Residuals(rows.answers, rows.truth - rows.answers, rows.weights, rows.fold)


def intervals_of(rows: HeldOutRows, problem: Problem) -> tuple[Intervals | None, IntervalCheck | None]:
    """Return the intervals of a number's predictions and the measure of them; nothing for classes.

    The coverage of a fold is that of intervals from all other folds' residuals, around predictions of the fold's own
    member: the rows neither trained nor stopped the function that predicts them, nor set the intervals or what these
    are scaled by. Residuals are counted in units of their size by the prediction, or by inputs and prediction, if the
    intervals are then better by their score, fold by fold, beyond one standard error; by the inputs, also by more than
    a hundredth.

    Returns:
        Nothing for classes, and where the rows are too few for any level.
    """
    if rows.target.classes:
        return None, None
    residuals = residuals_of(rows)
    same, local = _Made.by(residuals, scaled=False), _Made.by(residuals, scaled=True)
    made = local if local.better_than(same) else same
    if made.intervals is None:
        return None, None
    by_inputs = _by_inputs(rows, residuals, problem, other=made)
    chosen = made if by_inputs is None else by_inputs
    return chosen.intervals, _check(chosen, made.intervals, problem, rows)


@dataclass(frozen=True)
class _Made:
    """Intervals, and those that every fold is judged by.

    Attributes:
        intervals: From all folds; None if the rows are too few.
        residuals: That they were made of.
        rows: Which of the held-out rows these are; None for all.
        folds: In order.
        views: What each fold is judged by and with: residuals, in units that were learned without this fold.
        makers: Intervals from the other folds, for each fold.
    """

    intervals: Intervals | None
    residuals: Residuals
    folds: tuple[int, ...]
    views: tuple[Residuals, ...]
    makers: tuple[Intervals | None, ...]
    rows: Integers | None = None

    @classmethod
    def by(cls, residuals: Residuals, *, scaled: bool, views: Sequence[Residuals] | None = None) -> _Made:
        """Make intervals of residuals, and of the views of them if these differ from fold to fold."""
        folds = tuple(np.unique(residuals.fold).tolist())
        views = tuple(views or [residuals] * len(folds))
        makers = (
            calibrated(view.of(view.fold != fold), scaled=scaled) for fold, view in zip(folds, views, strict=True)
        )
        return cls(calibrated(residuals, scaled=scaled), residuals, folds, views, tuple(makers))

    @property
    def scaled(self) -> bool:
        """Tell whether the intervals' length changes."""
        return self.intervals is not None and (bool(self.intervals.places) or self.intervals.by_inputs is not None)

    @property
    def judges(self) -> bool:
        """Tell whether all folds can be judged at the level in question."""
        return all(one is not None and one.highest_level >= _JUDGED_AT for one in (self.intervals, *self.makers))

    def better_than(self, other: _Made) -> bool:
        """Tell whether folds that did not set the intervals score them better than others, beyond a standard error."""
        if not (self.judges and other.judges):
            return False
        return paired(self.scores(), other.scores()).below_zero

    def scores(self) -> torch.Tensor:
        """Return the mean interval score of each fold, [folds]."""
        means = []
        for fold, view, maker in zip(self.folds, self.views, self.makers, strict=True):
            own = view.of(view.fold == fold)
            score = (
                interval_scores(maker, own, level=_JUDGED_AT) if maker is not None else np.full(len(own.fold), np.inf)
            )
            means.append(float(np.average(score, weights=own.weights)))
        return torch.tensor(means, dtype=torch.float64)

    def of(self, rows: Integers) -> _Made:
        """Return the same intervals judged on some of the rows."""
        return replace(self, residuals=self.residuals.of(rows), views=tuple(view.of(rows) for view in self.views))


def _by_inputs(rows: HeldOutRows, residuals: Residuals, problem: Problem, *, other: _Made) -> _Made | None:
    """Return intervals whose length changes with the inputs, or None if they are not better than others."""
    if not other.judges or not 3 <= len(other.folds) <= _MOST_FOLDS or not np.isfinite(residuals.missed).all():
        return None
    found = spread_rows(
        problem,
        rows.rows,
        predicted=residuals.predicted,
        missed=residuals.missed,
        weights=residuals.weights,
        folds=residuals.fold,
    )
    if found is None:
        return None
    some = residuals.of(found.rows)
    views = [replace(some, size=_sizes(found, without=[fold])) for fold in other.folds]
    made = _Made.by(replace(some, size=_sizes(found, without=[])), scaled=False, views=views)
    rival = other.of(found.rows)
    if not made.better_than(rival) or made.scores().mean() > (1 - _WORTH) * rival.scores().mean():
        return None
    assert made.intervals is not None
    return replace(made, intervals=replace(made.intervals, by_inputs=found.spread()), rows=found.rows)


def _sizes(found: SpreadRows, *, without: Sequence[int]) -> Floats:
    """Return each row's size by a spread learned without its own fold and without some more, [rows]."""
    sizes = np.empty(len(found.rows))
    for fold in found.moments:
        own = found.folds == fold
        sizes[own] = found.sizes([one for one in found.moments if one != fold and one not in without], own)
    return sizes


def _check(made: _Made, band: Intervals, problem: Problem, rows: HeldOutRows) -> IntervalCheck:
    """Measure coverage and length of intervals at a few levels; the band to draw may be of others."""
    assert made.intervals is not None
    makers = [maker for maker in made.makers if maker is not None]
    limit = min([made.intervals.highest_level, *(maker.highest_level for maker in makers)])
    levels = tuple(level for level in _LEVELS if level <= limit) if len(makers) == len(made.folds) else ()
    each = list(zip(made.folds, made.views, makers, strict=True)) if levels else []
    predicted = np.linspace(rows.answers.min(), rows.answers.max(), _BAND)
    drawn = band.highest_level >= _JUDGED_AT
    low, high = band.around(predicted, level=_JUDGED_AT) if drawn else (np.empty(0), np.empty(0))
    by_inputs = made.intervals.by_inputs
    return IntervalCheck(
        levels=levels,
        coverage=tuple(tuple(_covered(view, fold, maker, level) for fold, view, maker in each) for level in levels),
        length=tuple(float(np.median(_lengths(made, level))) for level in levels),
        by="inputs" if by_inputs else "prediction" if made.intervals.places else "",
        columns=_movers(by_inputs, problem, rows, made.rows) if by_inputs else (),
        tenths=_tenths(_lengths(made, _JUDGED_AT)) if _JUDGED_AT in levels and made.scaled else (),
        band_level=_JUDGED_AT,
        predicted=tuple(predicted.tolist()) if drawn else (),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
    )


def _covered(residuals: Residuals, fold: int, maker: Intervals, level: float) -> float:
    """Return the share of a fold's rows whose truth lies between the ends."""
    own = residuals.of(residuals.fold == fold)
    low, high = maker.around(own.predicted, level=level, size=own.size)
    truth = own.predicted + own.missed
    return float(np.average((low <= truth) & (truth <= high), weights=own.weights))


def _lengths(made: _Made, level: float) -> Floats:
    """Return the length of each row's interval."""
    assert made.intervals is not None
    low, high = made.intervals.around(made.residuals.predicted, level=level, size=made.residuals.size)
    return np.asarray(high - low)


def _tenths(lengths: Floats) -> tuple[float, ...]:
    """Return the lengths that a tenth of the intervals don't reach and don't exceed."""
    return tuple(np.quantile(lengths, [0.1, 0.9]).tolist())


def _movers(spread: InputSpread, problem: Problem, rows: HeldOutRows, some: Integers | None) -> tuple[str, ...]:
    """Return the columns that move the length the most, but none that moves it less than half as much as the first."""
    chosen = np.arange(len(rows.rows)) if some is None else some
    moved = spread.shares(problem.table[rows.rows[chosen]], rows.answers[chosen])
    most = max(moved.values())
    return tuple(name for name, size in moved.items() if size >= _LEAST_MOVED * most > 0)[:_NAMED]
