"""A table, a target and folds, encoded so that each fold's members see only what was learned from their own rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl
import torch
from torch import Tensor

from thetastar.arrays import Floats, Integers
from thetastar.data import Column, Encoding, EncodingSettings, Fold, Target, encode, fit_encoding
from thetastar.data.memory import memory_limit
from thetastar.descent import Deadline, Examples
from thetastar.losses import softmax

__all__ = [
    "MOST_JUDGES",
    "EncodedLater",
    "FoldRows",
    "Folded",
    "Problem",
    "Scale",
    "encode_folds",
    "even_share",
    "in_unit",
    "leads",
    "pad",
    "standardised",
    "thin",
]


_MOST_IN_BYTE = 256  # class codes
_FARTHEST = 1e12  # deviations; a target of other rows beyond counts as that far, so that its square fits a float32
_SMALLEST = 1e-300  # a deviation below this can't be divided by
Positions = TypeVar("Positions", npt.NDArray[np.signedinteger], Tensor)

MOST_JUDGES = 50_000  # rows of a fold: a mean loss is known to half a percent of its spread by then
_MOST_TEACHERS = 200_000  # training rows that teach the encoding: quantiles are known to a thousandth by then
_MOST_BYTES = 1 << 30  # of all folds' encoded rows that are held in memory; beyond, rows are encoded when needed,
_MOST_SHARE = 0.1  # as they are beyond this share of the memory


@dataclass(frozen=True)
class Scale:
    """How a target in its unit becomes a standardised one: (y − mean) / deviation."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class Problem:
    """What is to be learned.

    Attributes:
        table: The rows' columns.
        y: Target values, or class codes, [rows].
        weights: [rows], positive.
        columns: What each column is.
        target: What is predicted.
        encoding: How columns become numbers.
        merged: How many rows were merged with an identical one; None if rows were left as they are.
    """

    table: pl.DataFrame
    y: Floats | Integers
    weights: Floats
    columns: tuple[Column, ...]
    target: Target
    encoding: EncodingSettings
    merged: int | None = None

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return len(self.y)

    @property
    def outputs(self) -> int:
        """Return 1 for a number, the number of classes otherwise."""
        return len(self.target.classes) or 1


@dataclass(frozen=True)
class Folded:
    """Examples in as many encodings as there are folds, all padded to the same width.

    Attributes:
        folds: Training and validation rows of each; of very many validation rows, an even share.
        examples: Source f was encoded by what fold f's training rows taught.
        encodings: One per fold.
        scales: One per fold; mean 0 and deviation 1 for classes.
        plain: Plain inputs, before the pieces.
    """

    folds: tuple[Fold, ...]
    examples: Examples
    encodings: tuple[Encoding, ...]
    scales: tuple[Scale, ...]
    plain: int

    @property
    def width(self) -> int:
        """Return the width of an encoded row."""
        return self.examples.width

    def train(self, fold: int) -> Tensor:
        """Return a fold's training rows."""
        return torch.from_numpy(self.folds[fold].train)

    def validation(self, fold: int) -> Tensor:
        """Return a fold's validation rows."""
        return torch.from_numpy(self.folds[fold].validation)


def encode_folds(problem: Problem, folds: Sequence[Fold], *, deadline: Deadline) -> Folded:
    """Encode the table once for each fold, learning from its training rows only.

    Where the encoded rows of all folds would take more than a gigabyte, they are encoded when they are needed.

    Raises:
        BudgetError: if the time ran out.
    """
    folds = [Fold(fold.train, thin(fold.validation, MOST_JUDGES)) for fold in folds]
    encodings = tuple(_fit_encoding(problem, fold, deadline) for fold in folds)
    plain = max(encoding.plain for encoding in encodings)
    pieces = max(encoding.width - encoding.plain for encoding in encodings)
    later = EncodedLater(problem.table, encodings, plain, pieces)
    fits = math.prod(later.shape) * 4 <= min(_MOST_BYTES, _MOST_SHARE * memory_limit())
    inputs = _at_once(later, deadline) if fits else later
    scales = tuple(_scale(problem, fold.train) for fold in folds)
    examples = Examples(inputs, _targets(problem, scales), _mean_one(problem.weights, folds))
    return Folded(tuple(folds), examples, encodings, scales, plain)


@dataclass(frozen=True)
class EncodedLater:
    """The rows of a table in each fold's encoding, computed when they are asked for."""

    table: pl.DataFrame
    encodings: tuple[Encoding, ...]
    plain: int
    pieces: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return how many folds, rows and inputs there are."""
        return len(self.encodings), self.table.height, self.plain + self.pieces

    def take(self, source: int, rows: Tensor, *, leading: int) -> Tensor:
        """Return the leading inputs of some rows in a fold's encoding, [rows, leading]."""
        if leading == 0:
            return torch.empty(len(rows), 0)
        encoding, width = self.encodings[source], self.plain + self.pieces
        if leading <= self.plain:  # the pieces are by far the most
            encoding, width = encoding.without_pieces(), self.plain
        matrix = torch.from_numpy(encode(encoding, self.table[rows.numpy()]))
        if encoding.plain == self.plain and encoding.width == width:
            return matrix[:, :leading]
        into = torch.empty(len(rows), width)
        pad(matrix, encoding, into=into, plain=self.plain)
        return into[:, :leading]


def _at_once(later: EncodedLater, deadline: Deadline) -> Tensor:
    """Return all rows in all encodings, [folds, rows, inputs]."""
    inputs = torch.empty(*later.shape)
    for source, encoding in zip(inputs, later.encodings, strict=True):
        deadline.check()
        pad(torch.from_numpy(encode(encoding, later.table)), encoding, into=source, plain=later.plain)
    return inputs


@dataclass(frozen=True)
class FoldRows:
    """Some rows of a fold, to be read block by block."""

    examples: Examples
    fold: int
    rows: Tensor
    leading: int  # inputs that are wanted

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.rows)

    def __getitem__(self, rows: slice, /) -> Tensor:
        """Return a block of encoded rows, [rows, leading]."""
        return self.examples.take(self.fold, self.rows[rows], leading=self.leading)


def thin(rows: Positions, most: int) -> Positions:
    """Return at most so many rows, evenly spaced, so that what their order means is kept."""
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]


def even_share(problem: Problem, most: int) -> Problem:
    """Return the problem on at most so many of its rows, evenly spaced; on all of them it is the same problem."""
    if problem.rows <= most:
        return problem
    rows = thin(np.arange(problem.rows, dtype=np.int32), most)
    return replace(problem, table=problem.table[rows], y=problem.y[rows], weights=problem.weights[rows])


def pad(matrix: Tensor, encoding: Encoding, *, into: Tensor, plain: int) -> None:
    """Write encoded rows into a wider matrix: plain inputs from 0, pieces from ``plain``, zeros between and after."""
    into.zero_()
    into[:, : encoding.plain] = matrix[:, : encoding.plain]
    into[:, plain : plain + encoding.width - encoding.plain] = matrix[:, encoding.plain :]


def in_unit(outputs: Tensor, target: Target, scale: Scale) -> Tensor:
    """Return predicted values in the target's unit [rows, 1], or class probabilities [rows, classes]."""
    return softmax(outputs) if target.classes else outputs * scale.deviation + scale.mean


def leads(scores: Floats, target: Target) -> Floats:
    """Turn [..., classes] logits, of which only differences mean anything, into leads; leave numbers as they are.

    With two classes: the second one's over the first [..., 1]; with more: each one's over their mean [..., classes].
    """
    if not target.classes:
        return scores
    if scores.shape[-1] == 2:
        return scores[..., 1:] - scores[..., :1]
    centred: Floats = scores - scores.mean(-1, keepdims=True)
    return centred


def _fit_encoding(problem: Problem, fold: Fold, deadline: Deadline) -> Encoding:
    """Learn an encoding from a fold's training rows."""
    deadline.check()
    rows = thin(fold.train, _MOST_TEACHERS)
    return fit_encoding(problem.table, problem.columns, rows=rows, weights=problem.weights, settings=problem.encoding)


def _mean_one(weights: Floats, folds: Sequence[Fold]) -> Tensor:
    """Return weights that are 1 on average over each fold's training rows, [folds, rows]."""
    if (weights == weights[0]).all():  # one number then stands for all of them
        return torch.ones(1, 1).expand(len(folds), len(weights))
    scaled = torch.empty(len(folds), len(weights))
    for fold, into in zip(folds, scaled, strict=True):
        into.copy_(torch.from_numpy(weights / weights[fold.train].mean()))
    return scaled


def _scale(problem: Problem, train: npt.NDArray[np.signedinteger]) -> Scale:
    """Return the weighted mean and deviation of the training rows' target."""
    if problem.target.classes:
        return Scale(0.0, 1.0)
    y, shares = problem.y[train].astype(np.float64, copy=False), problem.weights[train]
    if y.min() == y.max():  # exactly, so that rounding leaves no trace of a deviation
        return Scale(float(y[0]), 1.0)
    shares /= shares.sum()
    mean = float((y * shares).sum())  # of values near the largest number, a sum would overflow, and so would a square:
    y -= mean
    unit = float(2.0 ** np.frexp(max(y.max(), -y.min()))[1])  # dividing by a power of two rounds nothing
    y /= unit
    np.square(y, out=y)
    y *= shares
    return Scale(mean, max(math.sqrt(y.sum()) * unit, _SMALLEST))


def standardised(y: npt.NDArray[np.generic], target: Target, scale: Scale) -> Tensor:
    """Return targets on a scale [rows, 1], or class codes [rows]."""
    if target.classes:
        return torch.from_numpy(y.astype(np.int64))
    values = y.astype(np.float64)
    values -= scale.mean
    values /= scale.deviation
    np.clip(values, -_FARTHEST, _FARTHEST, out=values)
    return torch.from_numpy(values).float().unsqueeze(1)


def _targets(problem: Problem, scales: Sequence[Scale]) -> Tensor:
    """Return standardised targets [folds, rows, 1], or class codes [folds, rows]."""
    if problem.target.classes:
        codes = problem.y.astype(np.uint8 if problem.outputs <= _MOST_IN_BYTE else np.int32)
        return torch.from_numpy(codes).repeat(len(scales), 1)
    targets = torch.empty(len(scales), problem.rows, 1)
    for scale, into in zip(scales, targets, strict=True):  # one by one: they may be many
        into.copy_(standardised(problem.y, problem.target, scale))
    return targets
