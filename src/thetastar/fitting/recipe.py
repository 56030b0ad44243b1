"""The recipe: every choice of a fit in one typed place, printed as what was done."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from thetastar.errors import UserError
from thetastar.functions import RUNGS, activation_named
from thetastar.losses import LOSSES

__all__ = ["Recipe"]

_SPLITS = ("auto", "random", "stratified", "time", "group", "blocked")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a fit may be asked to do differently. "auto" and 0 are settled by the fit, which says to what.

    Attributes:
        rungs: Sets of functions to climb, in their order.
        loss: squared, absolute or huber for numbers; cross_entropy or squared_after_softmax for classes.
        folds: Parts of the rows that take turns in judging.
        split: random, stratified, time, group or blocked.
        normalisation: standard (mean and deviation) or robust (median, quartile range, smooth clip).
        pieces: Hard sigmoids per column of numbers.
        width: Units of a hidden layer.
        depth: Hidden layers of the deep rung.
        activation: Of the hidden layers.
        batch_norm: Whether hidden layers are normalised over the batch.
        dropout: Share of hidden units silenced while training.
        weight_decay: Decoupled weight decay of the networks.
        learning_rates: What is probed side by side before the folds are trained.
        batch_size: Rows per update; 0 for a size that suits the number of rows.
        epochs: At most so many passes over the rows; 0 for a number that suits them.
        patience: Share of the epochs without improvement after which a member stops.
        start: Where networks start: "below" (at the function that the rung below found) or "random".
    """

    rungs: tuple[str, ...] = RUNGS
    loss: str = "auto"
    folds: int = 5
    split: str = "auto"
    normalisation: str = "standard"
    pieces: int = 32
    width: int = 128
    depth: int = 3
    activation: str = "relu"
    batch_norm: bool = False
    dropout: float = 0.0
    weight_decay: float = 0.3
    learning_rates: tuple[float, ...] = (3e-4, 1e-3, 3e-3)
    batch_size: int = 0
    epochs: int = 0
    patience: float = 0.25
    start: str = "below"

    def __post_init__(self) -> None:
        """Refuse what can't be done before any work is done."""
        for field in dataclasses.fields(self):
            _check_type(field.name, getattr(self, field.name), like=field.default)
        if not self.rungs or [rung for rung in RUNGS if rung in self.rungs] != list(self.rungs):
            raise UserError(f"rungs are some of {RUNGS}, in this order; seen {self.rungs}")
        if self.loss != "auto" and self.loss not in LOSSES:
            raise UserError(f"the loss is auto or one of {', '.join(LOSSES)}; seen {self.loss!r}")
        if self.split not in _SPLITS:
            raise UserError(f"the split is one of {', '.join(_SPLITS)}; seen {self.split!r}")
        if self.start not in ("below", "random"):
            raise UserError(f"networks start 'below' or at 'random'; seen {self.start!r}")
        if self.folds < 2 or not self.learning_rates or min(self.learning_rates) <= 0:
            raise UserError("folds must be at least 2 and learning_rates positive numbers")
        if self.pieces < 0:
            raise UserError(f"pieces are 0 or more; seen {self.pieces}")
        if min(self.width, self.depth) < 1 or min(self.batch_size, self.epochs) < 0 or not 0 < self.patience <= 1:
            raise UserError("width and depth are at least 1, batch_size and epochs not negative, patience in (0, 1]")
        if not 0 <= self.dropout < 1 or self.weight_decay < 0:
            raise UserError("dropout lies in [0, 1) and weight_decay is not negative")
        activation_named(self.activation)


def _check_type(name: str, value: Any, *, like: Any) -> None:
    """Refuse a value that isn't of the sort of its default: whole number, number, text, yes or no, or several of them.

    Raises:
        UserError: naming it.
    """
    sorts = {
        bool: (bool, "True or False"),
        int: (Integral, "a whole number"),
        float: (Real, "a number"),
        str: (str, "text"),
    }
    if isinstance(like, tuple):
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise UserError(f"{name} are several values, for example {like!r}; seen {value!r}")
        for each in value:
            _check_type(name, each, like=like[0])
        return
    sort, what = sorts[type(like)]
    if not isinstance(value, sort) or (isinstance(value, bool) and sort is not bool):
        raise UserError(f"{name} is {what}, for example {like!r}; seen {value!r}")
