"""How good predictions of new rows were, as far as they hold the target, and how many of them are no new rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.data import readable_targets
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.new_score import NewScore, score_of
from thetastar.fitting.shared_rows import MetAgain, SharedRows, met_again, shared_rows

__all__ = ["Appraisal", "appraise", "known_target"]


@dataclass(frozen=True)
class Appraisal:
    """What there is to say of predictions once they are made.

    Attributes:
        shared: How many rows the function was found in; None if it doesn't remember any.
        score: On the rows with a known target; None if the table has no target.
        others: Likewise, but for the rows that it was found in; None if none were met beyond chance.
    """

    shared: SharedRows | None
    score: NewScore | None
    others: NewScore | None


def known_target(function: FoundFunction, rows: pl.DataFrame) -> pl.Series | None:
    """Return the target of rows to predict if they have it; of a series it only comes after each of them."""
    name = function.target.name
    return rows[name] if name in rows.columns and function.history is None else None


def appraise(
    function: FoundFunction,
    table: pl.DataFrame,
    y: pl.Series | None,
    outputs: npt.NDArray[np.float64],
    *,
    ready: npt.NDArray[np.bool_] | None = None,
) -> Appraisal:
    """Compare new rows with those that a function was found in, and its predictions with their target.

    Args:
        function: What predicted.
        table: What it read, [rows].
        y: The target of the same rows, where it is known; None if there is none.
        outputs: What it predicted, as its ``outputs`` returns it, [rows, …].
        ready: Which rows of their source they are for, by which they are numbered; None for all.
    """
    met = met_again(function, table, y)
    shared = None if met is None or function.marks is None else shared_rows(met, function.marks, ready=ready)
    if y is None:
        return Appraisal(shared, None, None)
    values = readable_targets(function.target, y)
    score, others = score_of(function.target, outputs, values), None
    if met is not None and shared is not None and shared.beyond_chance:
        never = _never_met(met)
        others = score_of(function.target, outputs[never], values[never])
    return Appraisal(shared, score, others)


def _never_met(met: MetAgain) -> npt.NDArray[np.bool_]:
    """Return the rows that surely are new: of very many rows, a sample drawn by content."""
    return np.asarray(met.decided_row & ~met.row)
