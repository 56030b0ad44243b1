"""Predicting new rows: block by block, so that memory needn't hold what is computed of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from thetastar.arrays import Flags
from thetastar.data.text.names import close_names
from thetastar.errors import UserError
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.new_rows.appraisal import Appraisal, Compared, appraise, compare, known_target
from thetastar.fitting.new_rows.predictions import aligned, inputs_of, predictions_table
from thetastar.fitting.new_rows.unfamiliar import NewRows, absent_columns, joined, look_at

__all__ = ["BLOCK_ROWS", "Predicted", "Wanted", "predict_blocks"]

BLOCK_ROWS = 1 << 16  # predicted at once


@dataclass(frozen=True)
class Wanted:
    """What is to be written of each row.

    Attributes:
        keep: Columns to copy before the predictions.
        level: Of the intervals; None for none.
        source: What errors call the table.
    """

    keep: tuple[str, ...]
    level: float | None
    source: Path


@dataclass(frozen=True, eq=False)
class Predicted:
    """What there is to say of rows that were predicted.

    Attributes:
        rows: How many there were.
        seen: What in them was unfamiliar.
        judged: How good the predictions were, as far as that is known.
        ready: Which rows were predicted, [rows]: of a series, those with a whole window.
    """

    rows: int
    seen: NewRows
    judged: Appraisal
    ready: Flags


@dataclass(frozen=True, eq=False)
class _Part:
    """What is kept of a block once it is written."""

    seen: NewRows
    compared: Compared
    scored: bool
    ready: Flags


def predict_blocks(
    function: FoundFunction, blocks: Iterable[pl.DataFrame], wanted: Wanted, write: Callable[[pl.DataFrame], None]
) -> Predicted:
    """Predict the rows of a table that comes in blocks, and write each of them before the next one is read.

    What is written does not depend on the blocks, as long as all but the last have a multiple of ``BLOCK_ROWS`` rows.
    What is kept until the end takes a byte a row, and 17 more if the rows hold the target, which are scored together.

    Args:
        function: What predicts them. That of a series needs all its rows in one block, as windows reach back.
        blocks: At least one.
        wanted: What to write.
        write: Takes one part after the other.

    Raises:
        UserError: if the table lacks a column that is read or kept, or one that is kept is called like a prediction.
    """
    parts = [part for block in blocks for part in _parts(function, block, wanted, write)]
    return Predicted(
        rows=sum(part.seen.rows for part in parts),
        seen=joined(function, [part.seen for part in parts]),
        judged=appraise(function, [part.compared for part in parts], scored=parts[0].scored),
        ready=np.concatenate([part.ready for part in parts]),
    )


def _parts(
    function: FoundFunction, block: pl.DataFrame, wanted: Wanted, write: Callable[[pl.DataFrame], None]
) -> Iterator[_Part]:
    size = BLOCK_ROWS if function.history is None else block.height
    return (_predict(function, rows, wanted, write) for rows in block.iter_slices(size))


def _predict(
    function: FoundFunction, rows: pl.DataFrame, wanted: Wanted, write: Callable[[pl.DataFrame], None]
) -> _Part:
    """Predict some rows and write what is wanted of them."""
    inputs, ready = inputs_of(function, rows)
    if absent := absent_columns(function, inputs):
        raise UserError(
            f"{wanted.source} lacks the column(s) {list(absent)} that the function reads; "
            f"{close_names(absent, inputs.columns)}"
        )
    seen, outputs = look_at(function, inputs, ready=ready), function.outputs(inputs)
    ends = None if wanted.level is None else function.ends_around(outputs, inputs, level=wanted.level)
    predictions = aligned(predictions_table(function, outputs, ends=ends), ready)
    if taken := sorted(set(wanted.keep) & set(predictions.columns)):
        raise UserError(f"--keep names {taken}, but this is what the predictions are called: leave it out")
    write(pl.concat([rows.select(wanted.keep), predictions], how="horizontal"))
    y = known_target(function, rows, ready=ready)
    return _Part(seen, compare(function, inputs, y, outputs, ready=ready), y is not None, ready)
