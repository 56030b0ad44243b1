"""The marks of rows in a saved function: hashes as tensors, how many there were as a description."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from thetastar.fitting.marks import MOST_MARKS, RowMarks, Sketch

__all__ = ["MarksDescription", "describe_marks", "mark_shapes", "mark_tensors", "marks_from"]

_INPUTS, _ROWS = "marks of inputs", "marks of rows"  # tensors; int64 with the bits of the hashes


@dataclass(frozen=True)
class MarksDescription:
    """Everything about the marks but their numbers: how many distinct inputs and rows there were."""

    inputs: int
    rows: int
    repeated: float


def describe_marks(marks: RowMarks | None) -> MarksDescription | None:
    """Return what is said of the marks beside their tensors."""
    return None if marks is None else MarksDescription(marks.inputs.distinct, marks.rows.distinct, marks.repeated)


def mark_tensors(marks: RowMarks | None) -> dict[str, Tensor]:
    """Return the hashes by the names of their tensors."""
    if marks is None:
        return {}
    sketches = {_INPUTS: marks.inputs, _ROWS: marks.rows}
    return {name: torch.from_numpy(one.kept.view(np.int64).copy()) for name, one in sketches.items()}


def mark_shapes(description: MarksDescription | None) -> dict[str, tuple[str, list[int]]]:
    """Return the dtype and shape that each tensor must have."""
    if description is None:
        return {}
    counts = {_INPUTS: description.inputs, _ROWS: description.rows}
    return {name: ("I64", [min(count, MOST_MARKS)]) for name, count in counts.items()}


def marks_from(description: MarksDescription | None, tensors: Mapping[str, Tensor]) -> RowMarks | None:
    """Return the marks.

    Raises:
        ValueError: if the numbers make none.
    """
    if description is None:
        return None
    inputs, rows = (tensors[name].numpy().view(np.uint64) for name in (_INPUTS, _ROWS))
    return RowMarks(Sketch(inputs, description.inputs), Sketch(rows, description.rows), description.repeated)
