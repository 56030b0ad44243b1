"""Is there anything left that a column could still explain? Held-out residuals along each important column.

Along numbers their mean is smoothed by local lines (Cleveland, Robust locally weighted regression, 1979, without the
robust steps): at every place a line through the nearest rows, those farther away counting less. The band is what the
scatter of these rows leaves open (a sandwich estimate, so that it holds where errors are larger too; rows that go
together count as one).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import stdtrit

from thetastar.arrays import Floats, Integers
from thetastar.data import Column
from thetastar.data.convert import as_labels, as_measured
from thetastar.fitting.clusters import clustered_mean
from thetastar.fitting.evidence import Band, ResidualCurve
from thetastar.fitting.explain.sample import grid_of, levels_of
from thetastar.fitting.held_out import HeldOutRows
from thetastar.fitting.problem import Problem

__all__ = ["local_means", "residual_curves"]


_COLUMNS = 6  # the most important ones
_ROWS = 5_000  # that are smoothed
_POINTS = 400  # that are drawn
_SPAN = 0.3  # of the rows are near a place
_CONFIDENCE = 0.95


def residual_curves(
    problem: Problem, judged: HeldOutRows, *, columns: Sequence[str], seed: int, cluster: Integers | None = None
) -> tuple[ResidualCurve, ...]:
    """Return what held-out predictions miss along the first few columns; nothing for classes.

    A column's structure is beyond chance if its mean is, at any of its places, even if as many places of as many
    columns are looked at (Bonferroni).

    Args:
        problem: The table.
        judged: Every held-out row.
        columns: In order of their importance.
        seed: Of the draw of rows.
        cluster: What each held-out row goes together with, from 0; None if every row stands for itself.
    """
    if judged.target.classes:
        return ()
    known = {column.name: column for column in problem.columns}
    drawn = np.random.default_rng(seed).permutation(len(judged.rows))[:_ROWS]
    missed = judged.truth - judged.answers
    drawn = drawn[np.isfinite(missed[drawn]) & (judged.weights[drawn] > 0)]
    table, together = problem.table[judged.rows[drawn]], np.arange(len(judged.rows)) if cluster is None else cluster
    residuals = _Residuals(missed[drawn], judged.weights[drawn], together[drawn])
    shown = columns[:_COLUMNS] if len(drawn) else ()
    curves = [_curve(table[name], known[name], residuals, looks=len(shown)) for name in shown]
    return tuple(curve for curve in curves if curve is not None)


@dataclass(frozen=True)
class _Residuals:
    """What was missed, [rows], with the rows' weights and what each goes together with."""

    missed: Floats
    weights: Floats
    cluster: Integers

    def of(self, rows: npt.NDArray[np.generic]) -> _Residuals:
        """Return those of some rows."""
        return _Residuals(self.missed[rows], self.weights[rows], self.cluster[rows])


def local_means(
    x: Floats, y: Floats, weights: Floats, places: Floats, *, cluster: Integers | None = None
) -> tuple[Floats, Floats, Floats]:
    """Return local lines' values at the places, their standard errors and these errors' degrees of freedom, [places].

    The degrees of freedom are those of as many equal clusters as would make as uneven a sum, less two for the line
    (Kish's effective number).

    Args:
        x: [rows].
        y: [rows].
        weights: Of the rows, [rows].
        places: Where the mean is wanted, [places].
        cluster: What each row goes together with, [rows]; None if every row stands for itself.
    """
    smoother = np.stack([_local_line(x, weights, place) for place in places])  # [places, rows]
    means = smoother @ y
    off = smoother * (y - np.interp(x, places, means))
    _, cluster = np.unique(np.arange(len(x)) if cluster is None else cluster, return_inverse=True)
    sums = np.stack([np.bincount(cluster, weights=row) for row in off])
    parts = np.stack([np.bincount(cluster, weights=row) for row in np.square(smoother)])
    freedom = np.maximum(parts.sum(1) ** 2 / np.square(parts).sum(1) - 2, 1.0)
    return means, np.sqrt(np.square(sums).sum(1) * (freedom + 2) / freedom), freedom


def _local_line(x: Floats, weights: Floats, place: float) -> Floats:
    """Return what each row counts in the local line's value at a place, [rows]."""
    distance = np.abs(x - place)
    nearest = np.partition(distance, max(1, int(_SPAN * len(x))) - 1)[max(1, int(_SPAN * len(x))) - 1]
    reach = max(float(nearest), float(distance.min())) * (1 + 1e-9) or 1.0
    near = weights * np.clip(1 - (distance / reach) ** 3, 0, None) ** 3
    total, offset = near.sum(), x - place
    first, second = (near * offset).sum(), (near * offset**2).sum()
    determinant = total * second - first**2
    if determinant <= 1e-9 * total * second:  # all near rows have one value: their mean
        return np.asarray(near / total)
    return np.asarray(near * (second - offset * first) / determinant)


def _curve(series: pl.Series, column: Column, residuals: _Residuals, *, looks: int) -> ResidualCurve | None:
    if column.kind.ordered:
        return _along_numbers(series, column, residuals, looks=looks)
    return _by_category(series, column, residuals, looks=looks)


def _along_numbers(series: pl.Series, column: Column, residuals: _Residuals, *, looks: int) -> ResidualCurve | None:
    values = as_measured(series, column.kind)
    grid = grid_of(values, residuals.weights)
    if grid is None:
        return None
    own = residuals.of(grid.rows)
    means, errors, freedom = local_means(grid.values, own.missed, own.weights, grid.places, cluster=own.cluster)
    places, points = tuple(grid.places.tolist()), grid.rows[:_POINTS]
    return ResidualCurve(
        column=column.name,
        kind=column.kind.value,
        places=places,
        levels=(),
        band=_band(means, errors, freedom, looks=looks),
        x=tuple(values[points].tolist()),
        missed=tuple(residuals.missed[points].tolist()),
    )


def _by_category(series: pl.Series, column: Column, residuals: _Residuals, *, looks: int) -> ResidualCurve | None:
    labels, (levels, _) = as_labels(series), levels_of(series, residuals.weights)
    lots = [(labels == level).fill_null(False).to_numpy() for level in levels]
    kept = [(level, lot) for level, lot in zip(levels, lots, strict=True) if lot.sum() > 1]
    if len(kept) < 2:
        return None
    own = [residuals.of(lot) for _, lot in kept]
    counts = np.array([len(np.unique(one.cluster)) for one in own])
    each = np.array([clustered_mean(one.missed, one.weights, one.cluster) for one in own])
    return ResidualCurve(
        column=column.name,
        kind=column.kind.value,
        places=(),
        levels=tuple(level for level, _ in kept),
        band=_band(each[:, 0], each[:, 1], np.maximum(counts - 1.0, 1.0), looks=looks),
        x=(),
        missed=(),
    )


def _band(means: Floats, errors: Floats, freedom: Floats, *, looks: int) -> Band:
    """Return the mean, its 95 % band, and whether it is beyond chance at any place of any of the columns."""
    reach = -stdtrit(freedom, (1 - _CONFIDENCE) / 2)
    strict = -stdtrit(freedom, (1 - _CONFIDENCE) / 2 / (len(means) * looks))
    return Band(
        mean=tuple(means.tolist()),
        low=tuple((means - reach * errors).tolist()),
        high=tuple((means + reach * errors).tolist()),
        beyond=bool((np.abs(means) > strict * errors).any()),
    )
