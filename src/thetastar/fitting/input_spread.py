"""How far predictions miss by what the inputs are: the scale by which prediction intervals are normalised.

The logarithm of the absolute residual is a ridge regression on the inputs, each number also cut into a few pieces, and
on the prediction (normalised conformal prediction: Papadopoulos, Gammerman and Vovk, Normalized nonconformity measures
for regression conformal prediction, 2008; Lei et al., Distribution-free predictive inference for regression, 2018,
section 5.2). Whether that is worth it, ``interval_check`` measures.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from thetastar.arrays import Flags, Floats, Integers
from thetastar.data import Encoding, encode, fit_encoding
from thetastar.fitting.problem import Problem, thin

__all__ = ["InputSpread", "SpreadRows", "spread_rows"]


_PIECES = 6  # of each number, and of the prediction
_WIDEST = 400  # terms; with more, numbers aren't cut, and with still more the spread isn't looked for
_MOST_PRODUCTS = 4e9  # multiplications for the normal equations, less than a second: of more rows an even share
_BLOCK = 1 << 16  # rows whose terms are in memory at a time
_MOST_ROWS = 20_000  # residuals whose spread is looked for: more of them would hardly change it
_LEAST = 1e-2  # of the mean absolute residual: below it, a logarithm says more about luck than about the spread
_PENALTIES = (1e-3, 1e-2, 1e-1, 1.0)  # on the mean square of the logarithm, where terms are about 1; or no terms


@dataclass(frozen=True)
class InputSpread:
    """The size of residuals as a function of the inputs and the prediction, in the target's unit.

    Attributes:
        encoding: How a table becomes numbers, as plain values.
        knots: Between which the prediction is cut into pieces, ascending.
        coefficients: Of the encoded inputs and then the pieces, on the logarithm of the size.
        intercept: The logarithm where all of them are 0.
        lowest: The smallest logarithm among the rows it was learned from; no row's is taken for smaller.
        highest: Likewise.
    """

    encoding: dict[str, Any]
    knots: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float
    lowest: float
    highest: float

    def __post_init__(self) -> None:
        """Refuse what is no spread, as a damaged file may hold it."""
        numbers = (*self.knots, *self.coefficients, self.intercept, self.lowest, self.highest)
        terms = self.encoder.width + max(len(self.knots) - 1, 0)
        ascending = all(low < high for low, high in zip(self.knots, self.knots[1:], strict=False))
        if not (all(map(math.isfinite, numbers)) and ascending and len(self.coefficients) == terms):
            raise ValueError(
                f"a spread by inputs needs ascending knots and a finite coefficient for each of {terms} terms"
            )

    @cached_property
    def encoder(self) -> Encoding:
        """Return how a table becomes numbers."""
        return Encoding.from_json(self.encoding)

    def of(self, table: pl.DataFrame, predicted: Floats) -> Floats:
        """Return the size of the residuals to be expected, positive, [rows].

        Raises:
            DataError: if a column is missing.
        """
        logarithm = np.empty(table.height)
        for begin in range(0, table.height, _BLOCK):
            rows = slice(begin, begin + _BLOCK)
            terms = _terms(self.encoder, table[rows], predicted[rows], self.knots)
            logarithm[rows] = terms @ np.asarray(self.coefficients) + self.intercept
        return np.asarray(np.exp(np.clip(logarithm, self.lowest, self.highest)))

    def shares(self, table: pl.DataFrame, predicted: Floats) -> dict[str, float]:
        """Return by how much each column moves the logarithm, as its deviation over the rows, the largest first."""
        parts = _terms(self.encoder, table, predicted, self.knots) * np.asarray(self.coefficients)
        names = [feature.column for feature in self.encoder.features]
        own = {name: parts[:, [i for i, one in enumerate(names) if one == name]] for name in dict.fromkeys(names)}
        found = {name: float(values.sum(1).std()) for name, values in own.items()}
        return dict(sorted(found.items(), key=lambda one: -one[1]))


@dataclass(frozen=True)
class SpreadRows:
    """Held-out rows, ready for spreads that are learned from some of their folds.

    Attributes:
        rows: Which of the held-out rows, an even share if they are very many.
        folds: Of these rows, [rows].
        terms: Encoded inputs and pieces of the prediction, [rows, terms].
        logarithm: Of the absolute residuals, [rows].
        weights: [rows].
        encoding: Which made the terms.
        knots: Of the prediction's pieces.
    """

    rows: Integers
    folds: Integers
    terms: Floats
    logarithm: Floats
    weights: Floats
    encoding: Encoding
    knots: tuple[float, ...]

    @cached_property
    def moments(self) -> dict[int, Floats]:
        """Return each fold's weighted sums of products of (1, terms, logarithm), [terms + 2, terms + 2]."""
        whole = np.column_stack([np.ones(len(self.rows)), self.terms, self.logarithm])
        folds = {int(fold): self.folds == fold for fold in np.unique(self.folds)}
        return {fold: (whole[own] * self.weights[own, None]).T @ whole[own] for fold, own in folds.items()}

    def learned(self, folds: Iterable[int]) -> Floats:
        """Return intercept and coefficients learned from some folds, the penalty chosen between these."""
        chosen = sorted(folds)
        if len(chosen) < 2:
            return _ridge(self._sum(chosen), math.inf)
        losses = [0.0] * (len(_PENALTIES) + 1)
        for fold in chosen:
            others = self._sum([other for other in chosen if other != fold])
            for place, penalty in enumerate((*_PENALTIES, math.inf)):
                losses[place] += _lost(self.moments[fold], _ridge(others, penalty))
        return _ridge(self._sum(chosen), (*_PENALTIES, math.inf)[int(np.argmin(losses))])

    def sizes(self, folds: Sequence[int], of: Flags) -> Floats:
        """Return the sizes of some rows' residuals by a spread learned from some folds, [those rows]."""
        logarithm = self._logarithms(self.learned(folds))
        learned_from = np.isin(self.folds, folds)
        span = logarithm[learned_from].min(), logarithm[learned_from].max()
        return np.asarray(np.exp(np.clip(logarithm[of], *span)))

    def spread(self) -> InputSpread:
        """Return the spread learned from all folds."""
        found = self.learned(self.moments)
        logarithm = self._logarithms(found)
        return InputSpread(
            encoding=self.encoding.to_json(),
            knots=self.knots,
            coefficients=tuple(found[1:].tolist()),
            intercept=float(found[0]),
            lowest=float(logarithm.min()),
            highest=float(logarithm.max()),
        )

    def _logarithms(self, found: Floats) -> Floats:
        return np.asarray(self.terms @ found[1:] + found[0])

    def _sum(self, folds: Sequence[int]) -> Floats:
        return np.asarray(sum(self.moments[fold] for fold in folds))


def spread_rows(
    problem: Problem, rows: Integers, *, predicted: Floats, missed: Floats, weights: Floats, folds: Integers
) -> SpreadRows | None:
    """Return held-out rows ready for spreads to be learned from; None if they have too many inputs, or are all right.

    What numbers the inputs become is learned from rows of all folds, but from no residual.

    Args:
        problem: Whose rows they are.
        rows: Their places in the problem, [rows].
        predicted: By a member that had not seen the row, [rows].
        missed: Truth − prediction, [rows].
        weights: [rows].
        folds: [rows].
    """
    size = float(np.average(np.abs(missed), weights=weights))
    encoding = _encoding(problem)
    if encoding is None or not 0 < size < math.inf:
        return None
    knots = tuple(np.unique(np.quantile(predicted, np.linspace(0, 1, _PIECES + 1))).tolist())
    most = int(min(_MOST_ROWS, _MOST_PRODUCTS / (encoding.width + len(knots)) ** 2))
    kept = thin(np.arange(len(rows)), most)
    return SpreadRows(
        rows=kept,
        folds=folds[kept],
        terms=_terms(encoding, problem.table[rows[kept]], predicted[kept], knots),
        logarithm=np.log(np.maximum(np.abs(missed[kept]) / size, _LEAST)) + math.log(size),
        weights=weights[kept] / weights[kept].sum(),
        encoding=encoding,
        knots=knots,
    )


def _encoding(problem: Problem) -> Encoding | None:
    """Return how the inputs become few enough numbers, or None."""
    teachers = thin(np.arange(problem.rows), _MOST_ROWS)
    for pieces in (_PIECES, 0):
        encoding = fit_encoding(
            problem.table,
            problem.columns,
            rows=teachers,
            weights=problem.weights,
            settings=replace(problem.encoding, pieces=pieces),
        )
        if encoding.width <= _WIDEST:
            return encoding
    return None


def _terms(encoding: Encoding, table: pl.DataFrame, predicted: Floats, knots: Sequence[float]) -> Floats:
    """Return encoded inputs and pieces of the prediction, [rows, terms]."""
    low, high = np.asarray(knots[:-1]), np.asarray(knots[1:])
    pieces = np.clip((predicted[:, None] - low) / (high - low), 0, 1)
    return np.column_stack([encode(encoding, table).astype(np.float64), pieces])


def _ridge(moments: Floats, penalty: float) -> Floats:
    """Return intercept and coefficients of the ridge regression; with an infinite penalty the mean alone."""
    total, terms, last = moments[0, 0], slice(1, -1), -1
    mean = moments[0] / total
    if math.isinf(penalty):
        return np.concatenate([[mean[last]], np.zeros(len(mean) - 2)])
    covariance = moments[1:, 1:] / total - np.outer(mean[1:], mean[1:])
    square = covariance[:-1, :-1] + penalty * np.eye(len(mean) - 2)
    coefficients = np.linalg.solve(square, covariance[:-1, -1])
    return np.concatenate([[mean[last] - mean[terms] @ coefficients], coefficients])


def _lost(moments: Floats, found: Floats) -> float:
    """Return the sum of squared errors on the rows of some moments."""
    with_target = np.append(-found, 1.0)
    return float(with_target @ moments @ with_target)
