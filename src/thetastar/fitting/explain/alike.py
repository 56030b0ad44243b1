"""Columns that tell nearly the same, so that shuffling one of them leaves it readable from the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.sparse.csgraph import connected_components
from scipy.stats import rankdata

from thetastar.arrays import Floats
from thetastar.data import Column
from thetastar.data.convert import as_measured
from thetastar.fitting.evidence import Alike
from thetastar.fitting.problem import Problem

__all__ = ["alike"]


_ALIKE = 0.9  # rank correlation, up or down: four fifths of the one column's ranks are then told by the other's
_COLUMNS = 60  # the most important: their pairs are compared
_ROWS = 5_000
_FEWEST = 30  # rows: with fewer, columns that have nothing in common may look alike


def alike(problem: Problem, *, columns: Sequence[str], seed: int) -> tuple[Alike, ...]:
    """Return groups of numbers, dates and times whose values rise and fall together, of the columns that are named.

    A group is joined by pairs with a Spearman rank correlation of .9 or more, whatever its sign; a missing value has
    the middle rank. Groups and their columns keep the order of the names.
    """
    known = {column.name: column for column in problem.columns if column.used and column.kind.ordered}
    ordered = [known[name] for name in columns if name in known][:_COLUMNS]
    rows = np.random.default_rng(seed).permutation(problem.rows)[:_ROWS]
    if len(ordered) < 2 or len(rows) < _FEWEST:
        return ()
    together = _rank_correlations(problem.table.select(column.name for column in ordered)[rows], ordered)
    groups = connected_components(together >= _ALIKE, directed=False)[1]
    found = [np.flatnonzero(groups == group) for group in dict.fromkeys(groups.tolist())]
    return tuple(
        Alike(tuple(ordered[place].name for place in members), _least(together[np.ix_(members, members)]))
        for members in found
        if len(members) > 1
    )


def _rank_correlations(table: pl.DataFrame, columns: Sequence[Column]) -> Floats:
    """Return the absolute rank correlation of each pair, 0 with itself and with a column of one value."""
    ranks = np.stack([_ranks(as_measured(table[column.name], column.kind)) for column in columns])
    ranks -= ranks.mean(1, keepdims=True)
    length = np.linalg.norm(ranks, axis=1, keepdims=True)
    ranks /= np.where(length > 0, length, 1.0)
    together: Floats = np.abs(ranks @ ranks.T)
    np.fill_diagonal(together, 0.0)
    return together


def _ranks(values: Floats) -> Floats:
    """Return each value's rank among those that are known, the middle one where none is."""
    known = ~np.isnan(values)
    ranks = np.full(len(values), (known.sum() + 1) / 2)
    ranks[known] = rankdata(values[known])
    return ranks


def _least(together: Floats) -> float:
    """Return how closely every column goes with the one that it is closest to, at least."""
    return float(min(1.0, together.max(1).min()))
