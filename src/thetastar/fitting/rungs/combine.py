"""Average the folds' members, or train one function on all rows? The folds are asked.

One fold's validation rows judge both: the mean of members trained on the folds of that fold's training rows, against
one function trained on all of those rows. Neither was trained on the judging rows; when networks stop, their
temperature and the strength of penalties were settled on all folds, the judging one among them, alike for both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from thetastar.arrays import Floats
from thetastar.data import Fold
from thetastar.descent import Deadline
from thetastar.errors import BudgetError, UserError
from thetastar.fitting.clusters import clustered_mean, clusters
from thetastar.fitting.codes import CombinedKind, CombinedWhy
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.problem import Folded, Problem, Scale, encode_folds
from thetastar.fitting.rungs.rung_fit import RungFit, train_again
from thetastar.fitting.setup import Setup
from thetastar.losses import Loss

__all__ = ["Combination", "assemble", "combine", "row_losses"]

_TRAINING_SHARE = 0.7  # of a network rung's seconds went into its folds, the rest into the probe
_JUDGE_COST = 1.1  # judging trains as many members on a fifth fewer rows, and one more
_SAFETY = 0.8  # of the time left may be planned


@dataclass(frozen=True)
class Combination:
    """What became of the folds' members.

    Attributes:
        kind: Whether they were averaged, or one function was trained on all rows.
        why: What that rests on.
        ensemble_loss: On the judging rows; nan where not measured.
        retrained_loss: On the judging rows; nan where not measured.
        standard_error: Of their paired difference over rows, or over what the split keeps together.
    """

    kind: CombinedKind
    why: CombinedWhy
    ensemble_loss: float = math.nan
    retrained_loss: float = math.nan
    standard_error: float = math.nan


def combine(
    rung: RungFit, setup: Setup, *, below: RungFit | None, deadline: Deadline
) -> tuple[FoundFunction, Combination]:
    """Return the function of a rung, averaged or trained on all rows, and what decided it.

    Where the difference is within its standard error, functions without hidden layers are trained on all rows (one θ
    can be read), and networks are averaged (their members are already there). Averaging is also what remains where the
    time is up.

    Args:
        rung: Fitted on all folds.
        setup: What it was fitted with.
        below: The rung that networks start from; None if there is none.
        deadline: When it has to be done.

    Raises:
        KeyboardInterrupt: on Ctrl-C.
    """
    again = _Again(rung, setup, below)
    combination = _judge(again, deadline)
    if combination.kind == "retrained":
        try:
            return again.function(_all_rows(setup), deadline), combination
        except BudgetError:
            why: CombinedWhy = "unfinished" if combination.why == "judged" else "untested"
            combination = replace(combination, kind="ensemble", why=why)
    return assemble(rung, rung.state, problem=setup.problem, folded=setup.folded), combination


def assemble(rung: RungFit, state: Tensor, *, problem: Problem, folded: Folded) -> FoundFunction:
    """Return a function that averages trained members, state [members, parameters]."""
    return FoundFunction(
        functions=rung.functions,
        state=state.cpu(),
        encodings=folded.encodings,
        scales=folded.scales,
        plain=folded.plain,
        target=problem.target,
        columns=problem.columns,
    )


@dataclass(frozen=True)
class _Again:
    """A rung that can be trained on other rows."""

    rung: RungFit
    setup: Setup
    below: RungFit | None

    def function(self, folds: Sequence[Fold], deadline: Deadline) -> FoundFunction:
        """Return the mean of one member for each fold, trained on its training rows."""
        setup = self.setup
        folded = encode_folds(setup.problem, folds, deadline=deadline)
        rung = _fitting(self.rung, folded)
        state = train_again(
            rung,
            setup.loss,
            folded=folded,
            recipe=setup.recipe,
            below=None if self.below is None else _fitting(self.below, folded),
            seed=setup.seed,
            deadline=deadline,
        )
        return assemble(rung, state, problem=setup.problem, folded=folded)


def _fitting(rung: RungFit, folded: Folded) -> RungFit:
    """Return the rung with its set of functions on inputs of another width."""
    return rung.on_inputs(inputs=folded.width, plain=folded.plain)


def _all_rows(setup: Setup) -> tuple[Fold, ...]:
    rows = np.arange(setup.problem.rows, dtype=np.int32)
    return (Fold(rows, rows[:0]),)


def _judge(again: _Again, deadline: Deadline) -> Combination:
    """Measure both ways on one fold's validation rows, if there is time."""
    rung, setup = again.rung, again.setup
    network = bool(rung.functions.hidden)
    cost = rung.seconds * (_TRAINING_SHARE if network else 1.0) * _JUDGE_COST
    judging = _judging(setup)
    outer = setup.folded.folds[judging]
    inner = _split_again(setup, outer.train)
    untested = Combination("ensemble" if network else "retrained", "untested")
    if not inner or cost > deadline.left() * _SAFETY:
        return untested
    until = deadline.sooner(deadline.left() * _SAFETY)

    def losses(folds: Sequence[Fold]) -> Floats:
        predicted = torch.from_numpy(again.function(folds, until).outputs(setup.problem.table[outer.validation]))
        return row_losses(setup.loss, predicted, setup.problem.y[outer.validation], setup.folded.scales[judging])

    try:
        averaged = losses(inner)
        single = losses([Fold(outer.train, outer.train[:0])])
    except BudgetError:
        return untested
    weights = setup.problem.weights[outer.validation]
    difference, error = clustered_mean(single - averaged, weights, clusters(setup.splitter, outer.validation))
    ensemble = difference > (-error if network else error)
    return Combination(
        "ensemble" if ensemble else "retrained",
        "judged",
        float(np.average(averaged, weights=weights)),
        float(np.average(single, weights=weights)),
        error,
    )


def _judging(setup: Setup) -> int:
    """Return the fold that judges: any will do, but with windows of time the last has the most to learn from."""
    return len(setup.folded.folds) - 1 if setup.splitter.how == "time" else 0


def _split_again(setup: Setup, rows: npt.NDArray[np.signedinteger]) -> tuple[Fold, ...]:
    """Split a fold's training rows as all rows were split; no folds if there are too few rows, groups or times."""
    try:
        return setup.splitter.split(rows)
    except UserError:
        return ()


def row_losses(loss: Loss, predicted: Tensor, y: npt.NDArray[np.generic], scale: Scale) -> Floats:
    """Return each row's loss of predictions in the target's unit, or of class probabilities, [rows]."""
    if predicted.shape[1] > 1:
        outputs, targets = predicted.clamp_min(1e-12).log(), torch.from_numpy(y.astype(np.int64))
    else:
        outputs = (predicted - scale.mean) / scale.deviation
        targets = (torch.from_numpy(y.astype(np.float64)) - scale.mean).div(scale.deviation).unsqueeze(1)
    values = loss.value(outputs.unsqueeze(1), targets.unsqueeze(1), torch.ones(len(y), 1, dtype=torch.float64))
    return np.asarray(values.numpy())
