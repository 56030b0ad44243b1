"""What a fit did, as plain values: everything that a report, a terminal or a notebook shows of it.

A record holds no tensors and no functions. It goes to JSON and comes back equal, so that a report can be drawn again
years later from the run's folder alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from thetastar.data import Column, Outline, Reading, Target
from thetastar.descent import Ended
from thetastar.fitting.asked import Asked
from thetastar.fitting.classes import ClassQuality
from thetastar.fitting.codes import (
    CautionCode,
    CombinedKind,
    CombinedWhy,
    Dependence,
    Learned,
    LimitCode,
    NotStreamed,
    OutcomeCode,
    Plane,
    Purpose,
    Stopped,
)
from thetastar.fitting.evidence import Evidence
from thetastar.fitting.saving.plain import from_plain, to_plain

__all__ = [
    "RECORD_FORMAT",
    "Caution",
    "Choice",
    "Conditioning",
    "Curve",
    "Forecast",
    "Formula",
    "HeldOut",
    "Independence",
    "Input",
    "Limit",
    "Record",
    "Rung",
    "Series",
    "Streamed",
    "Surface",
    "Term",
]

RECORD_FORMAT = 1  # raised when a record written before could be misread


@dataclass(frozen=True)
class Rung:
    """One set of functions on the ladder and how well its folds did.

    Losses are the loss that was minimised, with a standardised target for regression: the constant's squared loss is
    then 1, and a loss of .05 leaves 5 % of the variance unexplained. Errors are what a person asks for: the root mean
    squared error in the target's unit, or the share of rows put into a wrong class.
    """

    name: str  # constant, linear, hard_sigmoids, hidden, deep
    parameters: int
    training: tuple[float, ...]  # loss per fold, a network's where the other folds would stop it
    validation: tuple[float, ...]
    training_error: tuple[float, ...]  # per fold, in the target's unit, or share of wrong classes
    validation_error: tuple[float, ...]
    seconds: float
    outcome: OutcomeCode
    numbers: dict[str, float]  # what the outcome rests on: difference, standard_error; for a failure training_gap, …
    settings: dict[str, str | float | int | bool]  # what was settled for this rung: fields of ``Settings`` that apply


@dataclass(frozen=True)
class Curve:
    """Loss and gradient norm of one trained member, thinned for drawing (batch losses are averaged, never skipped)."""

    rung: str
    purpose: Purpose
    fold: int
    learning_rate: float
    update: tuple[int, ...]
    loss: tuple[float, ...]
    gradient_norm: tuple[float, ...]
    validation_update: tuple[int, ...]
    validation_loss: tuple[float, ...]
    best_update: int
    stopped: Ended


@dataclass(frozen=True)
class Input:
    """What a weight is multiplied by: a column, or what was made of it."""

    column: str
    category: str = ""  # the category or true value; empty for numbers, and for all categories that are none of these
    role: str = "number"  # number, boolean, category, missing, date, year, sin_month, cos_hour, …


@dataclass(frozen=True)
class Surface:
    """Training loss over a plane through θ*, with the path that descent took, projected on it."""

    plane: Plane
    weight: Input | None  # whose weight y is, x being the intercept; None where they are directions of the path
    x: tuple[float, ...]
    y: tuple[float, ...]
    loss: tuple[tuple[float, ...], ...]  # loss[i][j] at (x[j], y[i])
    path_x: tuple[float, ...]
    path_y: tuple[float, ...]
    path_loss: tuple[float, ...]
    method: str  # of the path: gradient_descent or the rule that trained the member
    rung: str = ""  # whose function the surface belongs to


@dataclass(frozen=True)
class HeldOut:
    """Predictions for rows that the predicting member had not seen (of many rows a few thousand at random)."""

    rows: int  # how many rows there were before thinning
    truth: tuple[float, ...]  # target's unit, or the class's position in target.classes
    prediction: tuple[float, ...]
    probability: tuple[tuple[float, ...], ...]  # per row and class; empty for regression
    confusion: tuple[tuple[int, ...], ...]  # [true][predicted] over all rows, not thinned; empty for regression


@dataclass(frozen=True)
class Term:
    """One summand of a linear formula in original units: coefficient · input, a condition counting 0 or 1."""

    input: Input
    coefficient: float
    output: int = 0  # which class's logit it adds to; 0 for regression


@dataclass(frozen=True)
class Formula:
    """A linear (or constant) function in original units: intercept per output, and its terms by size of effect."""

    intercept: tuple[float, ...]
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Choice:
    """Which rung was kept, and whether its folds' members were averaged or one function was trained on all rows."""

    rung: str
    lowest: str  # the rung with the lowest mean validation loss
    difference: float  # mean over folds of (chosen − lowest)
    standard_error: float  # of that paired difference
    combined: CombinedKind
    combined_why: CombinedWhy
    ensemble_loss: float  # measured on the judging fold; nan where not measured
    retrained_loss: float
    judge_standard_error: float
    tried: int  # how many candidates the validation rows have judged


@dataclass(frozen=True)
class Streamed:
    """How θ went on, after the climb on a sample, over the rows of a file that memory can't hold.

    The losses are those of rows that neither the sample nor the pass held, in units of the sample's target.
    """

    skipped: NotStreamed = ""  # why it did not
    problem: str = ""  # what error said so
    of: int = 0  # rows of the file
    method: Learned = ""
    stopped: Stopped = "finished"
    rows: int = 0  # learned from
    judges: int = 0  # rows that judged
    before: float = 0.0  # loss of the function found on the sample
    after: float = 0.0  # and of the one that went on
    standard_error: float = 0.0  # of their paired difference
    before_error: float = 0.0  # as ``Rung.validation_error``, on the same rows
    after_error: float = 0.0
    kept: bool = False  # whether the one that went on was kept
    seconds: float = 0.0
    megabytes: float = 0.0  # that came by, in single precision


@dataclass(frozen=True)
class Limit:
    """What limits the result, as far as the ladder can tell."""

    code: LimitCode  # see ``fitting/rungs/limit.py``
    numbers: dict[str, float]


@dataclass(frozen=True)
class Caution:
    """Something in the table that may make the result look better than it will be, with what it was measured by."""

    code: CautionCode  # see ``fitting/checks/cautions.py``
    column: str  # empty where it is about rows
    numbers: dict[str, float]
    classes: tuple[int, ...] = ()  # positions in the target's classes, where it is about some of them


@dataclass(frozen=True)
class Independence:
    """Whether rows near each other may be on both sides of a fold: least squares on random and on blocked folds.

    ``probability`` is that of so large a difference if the rows were in random order. ``resemblance`` is by how many
    standard errors neighbours are alike beyond what the table is sorted by. Where nothing was compared, the numbers are
    those of no difference.
    """

    decision: Dependence
    order: str = ""  # the column of times or groups; empty for the rows' own order
    kind: str = "rows"  # whose neighbours: rows, time, group
    rows: int = 0  # looked at
    keys: tuple[str, ...] = ()  # columns that the table is sorted by
    rung: str = ""  # linear or hard_sigmoids: where the difference is clearest
    random_error: float = 0.0  # root mean square in the target's unit, or share of wrong classes
    blocked_error: float = 0.0
    difference: float = 0.0  # blocked − random, in squared error of the standardised target
    standard_error: float = 0.0
    statistic: float = 0.0  # difference / standard_error
    probability: float = 1.0
    resemblance: float = 0.0

    @property
    def dependent(self) -> bool:
        """Tell whether random folds would flatter the function."""
        return self.decision == "dependent"


@dataclass(frozen=True)
class Series:
    """Columns that say when, or what belongs together, and are no inputs; with lags, the windows that were cut."""

    time: str  # column, or empty
    group: str
    lags: int = 0  # rows of a window; 0 if none were cut
    horizon: int = 1  # steps from the window's last row to the value that is predicted
    windows: int = 0
    left_out: int = 0  # values that no complete window stands before
    missing: int = 0  # rows without a number to predict: in later windows, the nearest known one stands in
    stretches: int = 0  # parts of the series between gaps
    repeated_error: tuple[float, ...] = ()  # of answering the last known value, as ``Rung.validation_error``
    own_error: tuple[float, ...] = ()  # of the kept rung, on the same rows: those with a last known value


@dataclass(frozen=True)
class Conditioning:
    """What normalising the columns did for descent, told by the squared error of a linear function on training rows."""

    before: float  # condition number of the Hessian in the columns' own units,
    after: float  # and in normalised columns
    updates_before: float | None  # that gradient descent needs at its best rate to come within a thousandth of the
    updates_after: float | None  # first gap to the lowest loss; None for classes


@dataclass(frozen=True)
class Forecast:
    """The last fold along its time: what came, and what the fold's member predicted, in the target's unit."""

    column: str  # that says when
    dates: bool
    time: tuple[float, ...]  # days since 1970-01-01 for dates, otherwise as it is; ascending
    truth: tuple[float, ...]
    prediction: tuple[float, ...]
    several: bool  # whether several rows of a moment were averaged


@dataclass(frozen=True)
class Record:
    """A whole fit."""

    format: int
    source: str  # file name, or "array", "pandas", …
    reading: Reading  # of a file: what was decided about it, so that new files are read alike
    rows: int
    weights: bool  # whether the rows carried weights
    target: Target
    columns: tuple[Column, ...]
    outlines: tuple[Outline, ...]  # how the target's values are spread, then each column's
    cautions: tuple[Caution, ...]
    split: str  # random, stratified, time, group, blocked
    folds: int
    independence: Independence | None  # None where the split was given
    series: Series | None  # None if neither a time nor a group was named
    loss: str  # squared, absolute, huber, cross_entropy, squared_after_softmax
    ladder: tuple[Rung, ...]
    left_out: tuple[str, ...]  # rungs that were asked for and not fitted, as time or Ctrl-C ended the climb
    choice: Choice
    streamed: Streamed | None  # None where memory held all rows
    limit: Limit
    formula: Formula | None
    evidence: Evidence
    curves: tuple[Curve, ...]
    surface: Surface | None
    conditioning: Conditioning | None
    held_out: HeldOut
    forecast: Forecast | None  # None for classes, or where no time was given
    classes: ClassQuality | None  # how well classes are told apart on all held-out rows; None for regression
    recipe: dict[str, Any]  # the Recipe as plain values, its loss settled, its split and folds as they were asked for
    asked: Asked
    stopped: Stopped
    budget_seconds: float
    seconds: float
    seed: int
    versions: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Return plain values that ``json.dumps`` takes (floats that are not finite become strings)."""
        plain: dict[str, Any] = to_plain(self)
        return plain

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Record:
        """Return the record that ``to_json`` wrote.

        Raises:
            KeyError: if a field is missing.
            TypeError: if a value has the wrong shape.
        """
        record: Record = from_plain(cls, values)
        return record
