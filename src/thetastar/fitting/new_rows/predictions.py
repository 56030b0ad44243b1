"""Predictions as a table: one line for each new row, also where a series leaves none to make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl

from thetastar.arrays import Flags, Floats
from thetastar.errors import UserError
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.saving.whole import writing_whole
from thetastar.fitting.series import follow

__all__ = ["aligned", "inputs_of", "predicted_name", "predictions_table", "writing_csv"]

_OTHER_FORMATS = (".parquet", ".feather", ".arrow", ".ipc", ".xlsx", ".json")  # which predictions are not written in


def predicted_name(function: FoundFunction) -> str:
    """Return what is predicted of a row: the target, of a series so many steps after the row's own time, t."""
    name = function.target.name
    return name if function.history is None else f"{name}[t+{function.history.lags.horizon}]"


def predictions_table(
    function: FoundFunction,
    outputs: Floats,
    *,
    ends: Floats | None = None,
) -> pl.DataFrame:
    """Return the predictions: a column named like the target and, for classes, a probability for each class.

    The two ends of the interval around each follow, if they are given, empty where there is none.

    Args:
        function: What predicted.
        outputs: What it predicted, as its ``outputs`` returns it.
        ends: Of its intervals, as its ``ends_around`` returns them, [rows, 2]; None for none.
    """
    name, classes = predicted_name(function), function.target.classes
    if ends is not None:
        low, high = (pl.Series(end).fill_nan(None) for end in ends.T)
        return pl.DataFrame({name: outputs[:, 0], f"{name}_low": low, f"{name}_high": high})
    if not classes:
        return pl.DataFrame({name: outputs[:, 0]})
    likely = pl.Series(name, [classes[place] for place in outputs.argmax(1)])
    return pl.DataFrame([likely, *(pl.Series(f"{name}={label}", outputs[:, i]) for i, label in enumerate(classes))])


def inputs_of(function: FoundFunction, rows: pl.DataFrame) -> tuple[pl.DataFrame, Flags]:
    """Return what the function reads, and which of the rows that is for: of a series, those with a whole window."""
    if function.history is None:
        return rows, np.ones(rows.height, dtype=np.bool_)
    inputs, ready = follow(function.history, rows)
    return inputs.filter(ready), ready


def aligned(predictions: pl.DataFrame, ready: Flags) -> pl.DataFrame:
    """Return one prediction for each row, empty where there is none."""
    place = pl.Series(np.cumsum(ready) - 1).set(pl.Series(~ready), None)
    return predictions.select(pl.all().gather(place)) if predictions.height else predictions.clear(len(ready))


@contextmanager
def writing_csv(file: Path) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Yield what writes one part of the predictions after the other; the file appears under its name once it is whole.

    Raises:
        UserError: if the name is another format's, or the file can't be written.
    """
    if file.suffix.lower() in _OTHER_FORMATS:
        raise UserError(
            f"predictions are written as CSV, and {file.name} would not be what its name says: end it in .csv"
        )
    with writing_whole(file) as open_file:
        names = [True]

        def write(part: pl.DataFrame) -> None:
            open_file.write(part.write_csv(include_header=names.pop() if names else False).encode())

        yield write
