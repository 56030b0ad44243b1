"""What was predicted and what came, along the time of the last fold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from thetastar.data.convert import as_numbers
from thetastar.data.windows import is_date, lagged_name, moments
from thetastar.fitting.held_out import HeldOutRows
from thetastar.fitting.problem import Problem
from thetastar.fitting.record import Forecast, Series
from thetastar.fitting.splitter import Splitter

__all__ = ["forecast_of", "with_repeated"]

_SHOWN = 500  # moments: more lie closer together than can be seen


def forecast_of(judged: HeldOutRows, splitter: Splitter) -> Forecast | None:
    """Return the last fold's rows in order of time; rows of one moment are averaged. None without times or for classes.

    Args:
        judged: Every validation row and its prediction.
        splitter: With the times of all rows.
    """
    if splitter.times is None or judged.target.classes:
        return None
    last = judged.fold == judged.fold.max()
    when, place = np.unique(moments(splitter.times[judged.rows[last]]), return_inverse=True)
    weights = judged.weights[last]
    total = np.bincount(place, weights=weights)
    truth, prediction = (
        np.bincount(place, weights=weights * values[last]) / total for values in (judged.truth, judged.answers)
    )
    return Forecast(
        column=splitter.times.name,
        dates=is_date(splitter.times),
        time=tuple(when[-_SHOWN:].tolist()),
        truth=tuple(truth[-_SHOWN:].tolist()),
        prediction=tuple(prediction[-_SHOWN:].tolist()),
        several=bool(len(when) < last.sum()),
    )


def with_repeated(series: Series | None, problem: Problem, judged: HeldOutRows) -> Series | None:
    """Return a series with the error of repeating the last known value, beside the function's on the same rows.

    That is the forecast that costs nothing; a function of windows has to beat it. Not for classes, and not if a fold
    has no row whose last value is known.
    """
    last = lagged_name(problem.target.name, series.horizon) if series else ""
    if series is None or not series.lags or judged.target.classes or last not in problem.table.columns:
        return series
    repeated = as_numbers(problem.table[last])[judged.rows]
    known = np.isfinite(repeated)
    folds = [known & (judged.fold == fold) for fold in range(int(judged.fold.max()) + 1)]
    if not all(fold.any() for fold in folds):
        return series

    def error(values: np.ndarray, fold: np.ndarray) -> float:
        squares = (values[fold] - judged.truth[fold]) ** 2
        return float(np.sqrt(np.average(squares, weights=judged.weights[fold])))

    return replace(
        series,
        repeated_error=tuple(error(repeated, fold) for fold in folds),
        own_error=tuple(error(judged.answers, fold) for fold in folds),
    )
