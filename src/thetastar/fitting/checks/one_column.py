"""How much one column says of the target by itself, on rows that it was not learned from."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import rankdata
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.model_selection import KFold

from thetastar.arrays import Floats, Integers
from thetastar.data import Column, EncodingSettings, Kind, Target, encode, fit_encoding
from thetastar.data.convert import as_labels, as_measured

__all__ = ["is_copy", "keys", "left_by_column", "left_by_columns", "scored_target"]

Scored = npt.NDArray[Any]  # Floats or Codes, as ``scored_target`` returns them

_FOLDS = 3
_TREES = 60  # of the reference that reads several columns: enough to tell "nearly everything" from "some"
_PRESENT = 0.99  # share of the rows in which a copy of the target has a value
_ROUNDING = 1e-9  # what a correlation of the same numbers in another unit may lack
_TREE_COLUMNS = 0.4  # share of the inputs that each of their splits chooses from


def scored_target(y: npt.NDArray[np.generic], *, classes: bool) -> Scored:
    """Return what is scored: class codes as they are, numbers by their rank between 0 and 1, [rows].

    With ranks, a few huge values decide nothing, and a column gives the target away in whatever unit it is.
    """
    return y.astype(np.int64) if classes else np.asarray(rankdata(y) / len(y), dtype=np.float64)


def left_by_column(column: Column, series: pl.Series, y: Scored, *, seed: int) -> float:
    """Return the share of the target that one column alone leaves unexplained, out of fold: 0 if it tells everything.

    Numbers and dates are read between their nearest neighbours among the training rows: exact wherever the target
    follows from the column, and worse than a smooth curve where there is noise. Categories are read by themselves.

    Args:
        column: What it is.
        series: Its values, [rows].
        y: As ``scored_target`` returns it.
        seed: Of the folds.

    Returns:
        The share of wrong rows or of the variance, against always answering the most frequent class or the mean.
    """
    x = keys(column, series)
    ordered = column.kind.ordered
    predicted = np.empty(len(y), dtype=y.dtype)
    for train, judge in KFold(_FOLDS, shuffle=True, random_state=seed).split(x):
        predicted[judge] = _read(x[train], y[train], x[judge], ordered=ordered)
    return _left(predicted, y)


def left_by_columns(table: pl.DataFrame, columns: tuple[Column, ...], y: Scored, *, seed: int) -> float:
    """Return the share of the target that randomised trees on several columns leave unexplained, out of fold."""
    encoding = fit_encoding(table, columns, settings=EncodingSettings(pieces=0))
    matrix = encode(encoding, table)
    predicted = np.empty(len(y), dtype=y.dtype)
    kind = ExtraTreesRegressor if y.dtype.kind == "f" else ExtraTreesClassifier
    for train, judge in KFold(_FOLDS, shuffle=True, random_state=seed).split(matrix):
        trees = kind(_TREES, max_features=_TREE_COLUMNS, random_state=seed).fit(matrix[train], y[train])
        predicted[judge] = trees.predict(matrix[judge])
    return _left(predicted, y)


def is_copy(column: Column, series: pl.Series, y: npt.NDArray[np.generic], target: Target) -> bool:
    """Tell whether a column is the target: one to one with its classes, or the same number up to unit and origin."""
    x = keys(column, series)
    present = ~np.isnan(x)
    x, known = x[present], y[present]
    if target.classes:
        pairs = len(np.unique(np.stack([x, known.astype(np.float64)]), axis=1).T)
        return bool(present.all() and pairs == len(np.unique(x)) == len(np.unique(known)))
    if column.kind is not Kind.number or present.mean() < _PRESENT or len(np.unique(x)) < 2:
        return False
    correlation = float(np.mean(_standardised(x) * _standardised(known.astype(np.float64))))
    return 1 - abs(correlation) < _ROUNDING


def _standardised(values: Floats) -> Floats:
    """Return values with mean 0 and deviation 1 (0 where they don't vary), whatever their magnitude."""
    scaled = values / 2.0 ** np.frexp(np.abs(values).max())[1]  # so that neither sum nor square overflows
    centred = scaled - scaled.mean()
    deviation = float(np.sqrt(np.mean(centred**2)))
    return np.asarray(centred / deviation if deviation > 0 else np.zeros_like(centred))


def keys(column: Column, series: pl.Series) -> Floats:
    """Return a column's values as numbers or as codes of its labels, NaN where there is none, [rows]."""
    if column.kind.ordered:
        return as_measured(series, column.kind)
    labels = as_labels(series)
    names = labels.drop_nulls().unique().sort()
    return np.asarray(labels.cast(pl.Enum(names)).to_physical().cast(pl.Float64).to_numpy(), dtype=np.float64)


def _read(x: Floats, y: Scored, new: Floats, *, ordered: bool) -> Scored:
    """Return what training rows say of new values of their column."""
    gone, new_gone = np.isnan(x), np.isnan(new)
    predicted = np.full(len(new), _typical(y), dtype=y.dtype)
    if gone.any():
        predicted[new_gone] = _typical(y[gone])
    if gone.all() or new_gone.all():
        return predicted
    values, told = _told(x[~gone], y[~gone])
    wanted = new[~new_gone]
    if y.dtype.kind == "f" and ordered:
        predicted[~new_gone] = np.interp(wanted, values, told)
        return predicted
    place = _nearest(values, wanted)
    known = ordered | (values[place] == wanted)
    predicted[~new_gone] = np.where(known, told[place], predicted[~new_gone])
    return predicted


def _told(x: Floats, y: Scored) -> tuple[Floats, Scored]:
    """Return the distinct values, ascending, and the mean target or the most frequent class of each."""
    values, place = np.unique(x, return_inverse=True)
    if y.dtype.kind == "f":
        return values, np.bincount(place, weights=y) / np.bincount(place)
    pairs, counts = np.unique(place * (int(y.max()) + 1) + y, return_counts=True)
    owner, label = np.divmod(pairs, int(y.max()) + 1)
    order = np.lexsort((-counts, owner))  # for each value, its most frequent class first
    first = order[np.unique(owner[order], return_index=True)[1]]
    return values, label[first]


def _nearest(values: Floats, wanted: Floats) -> Integers:
    """Return the position of the nearest of the ascending values."""
    right = np.clip(np.searchsorted(values, wanted), 0, len(values) - 1)
    left = np.maximum(right - 1, 0)
    return np.where(wanted - values[left] < values[right] - wanted, left, right)


def _typical(y: Scored) -> float | int:
    return float(y.mean()) if y.dtype.kind == "f" else int(np.bincount(y).argmax())


def _left(predicted: Scored, y: Scored) -> float:
    """Return the loss of predictions as a share of what always giving the typical answer loses."""
    if y.dtype.kind == "f":
        return float(np.mean((y - predicted) ** 2) / max(np.var(y), np.finfo(float).tiny))
    return float(np.mean(predicted != y) / max(np.mean(y != _typical(y)), np.finfo(float).tiny))
