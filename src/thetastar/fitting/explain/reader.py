"""One function to be asked what it answers when single columns of a table are replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
import torch
from torch import Tensor

from thetastar.arrays import Floats
from thetastar.data import Encoding, Target, encode
from thetastar.descent import outputs_for
from thetastar.fitting.explain.subject import Subject, places_by_column
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.problem import Scale, leads, pad
from thetastar.functions import FunctionSet

__all__ = ["Reader", "fold_readers", "member_readers", "parts_read"]


@dataclass(frozen=True)
class Reader:
    """One member with its own encoding.

    Attributes:
        functions: Its set of functions.
        state: θ*, [1, state_size].
        encoding: How it reads a table.
        scale: The target's mean and deviation.
        plain: Where the pieces begin in padded rows.
        target: What is predicted.
        temperature: What its outputs are divided by.
    """

    functions: FunctionSet
    state: Tensor
    encoding: Encoding
    scale: Scale
    plain: int
    target: Target
    temperature: float = 1.0

    @cached_property
    def places(self) -> dict[str, Tensor]:
        """Return which inputs belong to each column."""
        return places_by_column(self.encoding, plain=self.plain)

    def encode(self, table: pl.DataFrame) -> Tensor:
        """Return padded rows [rows, inputs]."""
        inputs = torch.empty(table.height, self.functions.inputs)
        pad(torch.from_numpy(encode(self.encoding, table)), self.encoding, into=inputs, plain=self.plain)
        return inputs

    def replaced(self, inputs: Tensor, column: pl.Series, *, of: str | None = None) -> Tensor:
        """Return encoded rows [rows, inputs] in which one column of the table, named as the series, is another.

        Args:
            inputs: Encoded rows.
            column: What each row is given instead.
            of: Which part of a date is replaced, empty for the elapsed time; None for all of it.
        """
        parts = tuple(part for part in self.encoding.parts if part.column == column.name)
        values = torch.from_numpy(encode(replace(self.encoding, parts=parts), column.to_frame()))
        places, changed = self.places[column.name], inputs.clone()
        if of is not None:
            features = [feature for feature in self.encoding.features if feature.column == column.name]
            chosen = torch.tensor([feature.of == of for feature in features])
            values, places = values[:, chosen], places[chosen]
        changed[:, places] = values
        return changed

    def answers(self, inputs: Tensor) -> Floats:
        """Return predictions in the target's unit [rows, 1], or scores of the classes [rows, leads]."""
        outputs = outputs_for(self.functions, self.state, inputs.unsqueeze(0))[0].double().numpy()
        if self.target.classes:
            return leads(outputs / self.temperature, self.target)
        return np.asarray(outputs * self.scale.deviation + self.scale.mean)


def parts_read(readers: Sequence[Reader], column: str) -> tuple[str, ...]:
    """Return the parts of a date that any member reads, first the elapsed time, which has the empty name.

    Each is moved alone: along the days as they follow each other, weekdays and hours would blur what time itself does.
    """
    features = [feature for reader in readers for feature in reader.encoding.features if feature.column == column]
    return tuple(dict.fromkeys(feature.of for feature in features))


def fold_readers(subject: Subject) -> tuple[Reader, ...]:
    """Return each fold's member."""
    rung, folded = subject.rung, subject.folded
    return tuple(
        Reader(
            functions=rung.functions,
            state=rung.state[fold : fold + 1],
            encoding=folded.encodings[fold],
            scale=folded.scales[fold],
            plain=folded.plain,
            target=subject.problem.target,
            temperature=rung.settings.temperature or 1.0,
        )
        for fold in range(subject.folds)
    )


def member_readers(function: FoundFunction) -> tuple[Reader, ...]:
    """Return each member of a function that was kept."""
    return tuple(
        Reader(
            functions=function.functions,
            state=function.state[member : member + 1],
            encoding=encoding,
            scale=function.scales[member],
            plain=function.plain,
            target=function.target,
        )
        for member, encoding in enumerate(function.encodings)
    )
