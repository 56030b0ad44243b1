"""Is there anything left that a column could still explain? Held-out residuals along each important column.

Along numbers their mean is smoothed by local lines (Cleveland, Robust locally weighted regression, 1979, without the
robust steps): at every place a line through the nearest rows, those farther away counting less. The band is what the
scatter of these rows leaves open (a sandwich estimate, so that it holds where errors are larger too).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import ndtri

from thetastar.data import Column
from thetastar.data.convert import as_labels, as_measured
from thetastar.fitting.evidence import Band, ResidualCurve
from thetastar.fitting.explain.sample import grid_of, levels_of
from thetastar.fitting.held_out import HeldOutRows
from thetastar.fitting.problem import Problem

__all__ = ["local_means", "residual_curves"]

Floats = npt.NDArray[np.float64]

_COLUMNS = 6  # the most important ones
_ROWS = 5_000  # that are smoothed
_POINTS = 400  # that are drawn
_SPAN = 0.3  # of the rows are near a place
_CONFIDENCE = 0.95


def residual_curves(
    problem: Problem, judged: HeldOutRows, *, columns: Sequence[str], seed: int
) -> tuple[ResidualCurve, ...]:
    """Return what held-out predictions miss along the first few columns; nothing for classes.

    A column's structure is beyond chance if its mean is, at any of its places, even if as many places of as many
    columns are looked at (Bonferroni).

    Args:
        problem: The table.
        judged: Every held-out row.
        columns: In order of their importance.
        seed: Of the draw of rows.
    """
    if judged.target.classes:
        return ()
    known = {column.name: column for column in problem.columns}
    drawn = np.random.default_rng(seed).permutation(len(judged.rows))[:_ROWS]
    table = problem.table[judged.rows[drawn]]
    missed, weights = (judged.truth - judged.answers)[drawn], judged.weights[drawn]
    finite = np.isfinite(missed) & (weights > 0)
    table, missed, weights = table.filter(pl.Series(finite)), missed[finite], weights[finite]
    shown = columns[:_COLUMNS]
    curves = [_curve(table[name], known[name], missed, weights, looks=len(shown)) for name in shown if len(missed)]
    return tuple(curve for curve in curves if curve is not None)


def local_means(x: Floats, y: Floats, weights: Floats, places: Floats) -> tuple[Floats, Floats]:
    """Return local lines' values at the places and their standard errors, [places] each.

    Args:
        x: [rows].
        y: [rows].
        weights: Of the rows, [rows].
        places: Where the mean is wanted, [places].
    """
    smoother = np.stack([_local_line(x, weights, place) for place in places])  # [places, rows]
    means = smoother @ y
    scatter = y - np.interp(x, places, means)
    return means, np.sqrt(np.square(smoother) @ np.square(scatter))


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


def _curve(series: pl.Series, column: Column, missed: Floats, weights: Floats, *, looks: int) -> ResidualCurve | None:
    if column.kind.ordered:
        return _along_numbers(series, column, missed, weights, looks=looks)
    return _by_category(series, column, missed, weights, looks=looks)


def _along_numbers(
    series: pl.Series, column: Column, missed: Floats, weights: Floats, *, looks: int
) -> ResidualCurve | None:
    values = as_measured(series, column.kind)
    grid = grid_of(values, weights)
    if grid is None:
        return None
    means, errors = local_means(grid.values, missed[grid.rows], weights[grid.rows], grid.places)
    places, points = tuple(grid.places.tolist()), grid.rows[:_POINTS]
    return ResidualCurve(
        column=column.name,
        kind=column.kind.value,
        places=places,
        levels=(),
        band=_band(means, errors, looks=looks),
        x=tuple(values[points].tolist()),
        missed=tuple(missed[points].tolist()),
    )


def _by_category(
    series: pl.Series, column: Column, missed: Floats, weights: Floats, *, looks: int
) -> ResidualCurve | None:
    labels, (levels, _) = as_labels(series), levels_of(series, weights)
    lots = [(labels == level).fill_null(False).to_numpy() for level in levels]
    kept = [(level, lot) for level, lot in zip(levels, lots, strict=True) if lot.sum() > 1]
    if len(kept) < 2:
        return None
    each = np.array([_mean(missed[lot], weights[lot]) for _, lot in kept])
    return ResidualCurve(
        column=column.name,
        kind=column.kind.value,
        places=(),
        levels=tuple(level for level, _ in kept),
        band=_band(each[:, 0], each[:, 1], looks=looks),
        x=(),
        missed=(),
    )


def _band(means: Floats, errors: Floats, *, looks: int) -> Band:
    """Return the mean, its 95 % band, and whether it is beyond chance at any place of any of the columns."""
    reach = -ndtri((1 - _CONFIDENCE) / 2)
    strict = -ndtri((1 - _CONFIDENCE) / 2 / (len(means) * looks))
    return Band(
        mean=tuple(means.tolist()),
        low=tuple((means - reach * errors).tolist()),
        high=tuple((means + reach * errors).tolist()),
        beyond=bool((np.abs(means) > strict * errors).any()),
    )


def _mean(values: Floats, weights: Floats) -> tuple[float, float]:
    """Return a weighted mean and its standard error."""
    mean, share = float(np.average(values, weights=weights)), weights / weights.sum()
    return mean, float(np.sqrt((share**2 * (values - mean) ** 2).sum() * len(values) / (len(values) - 1)))
