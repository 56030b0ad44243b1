"""What a fit did, as tables to compute with: the ladder, and the curves of loss and gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev

import polars as pl

from thetastar.fitting.record import Curve, Record

__all__ = ["curves_frame", "ladder_frame"]

_CURVE_COLUMNS = {
    "rung": pl.String,
    "purpose": pl.String,
    "fold": pl.Int64,
    "learning_rate": pl.Float64,
    "quantity": pl.String,
    "update": pl.Int64,
    "value": pl.Float64,
}


def ladder_frame(record: Record) -> pl.DataFrame:
    """Return the ladder, a row for each rung: means over the folds, and the standard error of the validation loss."""
    return pl.DataFrame(
        {
            "rung": [rung.name for rung in record.ladder],
            "parameters": [rung.parameters for rung in record.ladder],
            "training_loss": [fmean(rung.training) for rung in record.ladder],
            "validation_loss": [fmean(rung.validation) for rung in record.ladder],
            "standard_error": [_standard_error(rung.validation) for rung in record.ladder],
            "seconds": [rung.seconds for rung in record.ladder],
            "outcome": [rung.outcome for rung in record.ladder],
        }
    )


def curves_frame(record: Record) -> pl.DataFrame:
    """Return every trained member's curves in the long form that plotting libraries take.

    One row is one point: ``quantity`` is loss, gradient_norm or validation_loss, ``value`` what it was at ``update``.
    Empty where θ* was computed directly.
    """
    frames = [frame for curve in record.curves for frame in _points(curve)]
    return pl.concat([pl.DataFrame(schema=_CURVE_COLUMNS), *frames])


def _points(curve: Curve) -> tuple[pl.DataFrame, ...]:
    def frame(quantity: str, update: Sequence[int], value: Sequence[float]) -> pl.DataFrame:
        member = (curve.rung, curve.purpose, curve.fold, curve.learning_rate, quantity)
        columns = [*([each] * len(update) for each in member), update, value]
        return pl.DataFrame(dict(zip(_CURVE_COLUMNS, columns, strict=True)), schema=_CURVE_COLUMNS)

    return (
        frame("loss", curve.update, curve.loss),
        frame("gradient_norm", curve.update, curve.gradient_norm),
        frame("validation_loss", curve.validation_update, curve.validation_loss),
    )


def _standard_error(folds: Sequence[float]) -> float:
    """Return the standard error of the mean over folds; nan where it can't be told."""
    if len(folds) < 2 or not all(map(math.isfinite, folds)):
        return math.nan
    return stdev(folds) / math.sqrt(len(folds))
