"""How good predictions of new rows were, as far as they hold the target, and how many of them are no new rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import polars as pl

from thetastar.arrays import Flags, Floats
from thetastar.data import readable_targets
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.new_rows.new_score import NewScore, answers_of, score_of_answers
from thetastar.fitting.new_rows.shared_rows import SharedRows, Tally, met_again, shared_rows, tally
from thetastar.fitting.series import targets_after

__all__ = ["Appraisal", "Compared", "appraise", "compare", "known_target"]


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


def known_target(function: FoundFunction, rows: pl.DataFrame, *, ready: Flags) -> pl.Series | None:
    """Return the target of the rows to predict if they have it; of a series, from the rows some steps later.

    Args:
        function: What predicts them.
        rows: As they were given.
        ready: Which of them are predicted, [rows]: of a series, those with a whole window.
    """
    if function.history is not None:
        known: pl.Series = targets_after(function.history, rows).filter(pl.Series(ready))
        return known
    return rows[function.target.name] if function.target.name in rows.columns else None


@dataclass(frozen=True, eq=False)
class Compared:
    """What is kept of some rows in order to appraise their predictions together with those of other rows.

    Attributes:
        counted: How many of them the function was found in; None if it doesn't remember any.
        answers: What was predicted, [rows]; none without a target.
        values: The target, as ``readable_targets`` returns it, [rows]; none without a target.
        never: Which rows surely are new, [rows]: of very many rows, a sample drawn by content.
    """

    counted: Tally | None
    answers: Floats
    values: Floats
    never: Flags


def compare(
    function: FoundFunction,
    table: pl.DataFrame,
    y: pl.Series | None,
    outputs: Floats,
    *,
    ready: Flags | None = None,
) -> Compared:
    """Compare new rows with those that a function was found in, and its predictions with their target.

    Args:
        function: What predicted.
        table: What it read, [rows].
        y: The target of the same rows, where it is known; None if there is none.
        outputs: What it predicted, as its ``outputs`` returns it, [rows, …].
        ready: Which rows of their source they are for, by which they are numbered; None for all.
    """
    met = met_again(function, table, y)
    counted = None if met is None else tally(met, ready=ready)
    if y is None:
        return Compared(counted, np.empty(0), np.empty(0), np.empty(0, dtype=np.bool_))
    never = np.zeros(len(y), dtype=np.bool_) if met is None else met.decided_row & ~met.row
    answers, values = answers_of(function.target, outputs), readable_targets(function.target, y)
    return Compared(counted, answers, np.asarray(values, dtype=np.float64), never)


def appraise(function: FoundFunction, parts: Sequence[Compared], *, scored: bool) -> Appraisal:
    """Say how good predictions were and how many rows were no new ones, all parts taken together.

    Args:
        function: What predicted.
        parts: One for each block of rows, in their order.
        scored: Whether their target is known.
    """
    counts = [part.counted for part in parts if part.counted is not None]
    shared = shared_rows(reduce(add, counts), function.marks) if counts and function.marks is not None else None
    if not scored:
        return Appraisal(shared, None, None)
    answers, values = (np.concatenate(each) for each in zip(*((one.answers, one.values) for one in parts), strict=True))
    score, others = score_of_answers(function.target, answers, values), None
    if shared is not None and shared.beyond_chance:
        never = np.concatenate([part.never for part in parts])
        others = score_of_answers(function.target, answers[never], values[never])
    return Appraisal(shared, score, others)
