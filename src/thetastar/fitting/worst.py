"""The rows whose held-out predictions are farthest from the truth, as they stand in the question."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.arrays import Integers
from thetastar.data.convert import as_labels, as_numbers
from thetastar.fitting.evidence import WorstRow
from thetastar.fitting.held_out import HeldOutRows
from thetastar.fitting.problem import Problem
from thetastar.fitting.question import Question

__all__ = ["worst_rows"]

_SHOWN = 10


def worst_rows(problem: Problem, judged: HeldOutRows, question: Question) -> tuple[WorstRow, ...]:
    """Return the ten rows with the largest absolute error, the largest first; nothing for classes."""
    if judged.target.classes:
        return ()
    missed = np.abs(judged.truth - judged.answers)
    known = np.flatnonzero(np.isfinite(missed) & (judged.weights > 0))
    order = known[np.argsort(-missed[known], kind="stable")][:_SHOWN]
    truths, shown = as_numbers(question.y), problem.table[judged.rows[order]]
    labels = pl.DataFrame([as_labels(series) for series in shown]).fill_null("")
    return tuple(
        _worst(judged, place, question, truths, row=shown[at], values=labels.row(at, named=True))
        for at, place in enumerate(order)
    )


def _worst(
    judged: HeldOutRows,
    place: int,
    question: Question,
    truths: npt.NDArray[np.generic],
    *,
    row: pl.DataFrame,
    values: dict[str, str],
) -> WorstRow:
    same = _identical(question.table, row, np.flatnonzero(truths == judged.truth[place]))
    return WorstRow(
        row=int(same[0]) + 1 if question.numbers is None else int(question.numbers[same[0]]),
        rows=len(same),
        truth=float(judged.truth[place]),
        prediction=float(judged.answers[place]),
        values=values,
    )


def _identical(table: pl.DataFrame, row: pl.DataFrame, rows: Integers) -> Integers:
    """Return which of some rows of the source, one at least, hold what one row of the problem holds."""
    for wanted in row:
        if len(rows) == 1:  # of hundreds of columns the first few tell
            break
        text = isinstance(wanted.dtype, (pl.Categorical, pl.Enum))  # whose categories may be numbered otherwise
        series = wanted.cast(pl.String) if text else wanted
        values = table[series.name].gather(rows).cast(series.dtype)
        rows = rows[values.eq_missing(pl.repeat(series.item(), len(rows), dtype=series.dtype, eager=True)).to_numpy()]
    return rows
