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

from thetastar.data import Fold
from thetastar.descent import Deadline
from thetastar.errors import BudgetError, UserError
from thetastar.fitting.clusters import clustered_mean, clusters
from thetastar.fitting.codes import CombinedKind, CombinedWhy
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.problem import Folded, Problem, Scale, encode_folds
from thetastar.fitting.recipe import Recipe
from thetastar.fitting.rungs.rung_fit import RungFit, train_again
from thetastar.fitting.splitter import Splitter
from thetastar.losses import Loss

__all__ = ["Combination", "Combiner", "row_losses"]

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


@dataclass(frozen=True)
class Combiner:
    """What is needed to train a rung again."""

    problem: Problem
    loss: Loss
    recipe: Recipe
    splitter: Splitter
    folded: Folded
    below: RungFit | None  # where networks start
    seed: int

    @property
    def _judging(self) -> int:
        """Return the fold that judges: any will do, but with windows of time the last has the most to learn from."""
        return len(self.folded.folds) - 1 if self.splitter.how == "time" else 0

    def combine(self, rung: RungFit, *, deadline: Deadline) -> tuple[FoundFunction, Combination]:
        """Return the function of a rung, averaged or trained on all rows, and what decided it.

        Where the difference is within its standard error, functions without hidden layers are trained on all rows (one
        θ can be read), and networks are averaged (their members are already there). Averaging is also what remains
        where the time is up.

        Raises:
            KeyboardInterrupt: on Ctrl-C.
        """
        combination = self._judge(rung, deadline)
        if combination.kind == "retrained":
            try:
                return self._retrain(rung, deadline), combination
            except BudgetError:
                why: CombinedWhy = "unfinished" if combination.why == "judged" else "untested"
                combination = replace(combination, kind="ensemble", why=why)
        return self.assemble(rung, self.folded, rung.state), combination

    def assemble(self, rung: RungFit, folded: Folded, state: Tensor) -> FoundFunction:
        """Return a function that averages trained members."""
        return FoundFunction(
            functions=rung.functions,
            state=state.cpu(),
            encodings=folded.encodings,
            scales=folded.scales,
            plain=folded.plain,
            target=self.problem.target,
            columns=self.problem.columns,
        )

    def _again(self, rung: RungFit, folded: Folded, deadline: Deadline) -> Tensor:
        return train_again(
            self._fitting(rung, folded),
            self.loss,
            folded=folded,
            recipe=self.recipe,
            below=None if self.below is None else self._fitting(self.below, folded),
            seed=self.seed,
            deadline=deadline,
        )

    def _fitting(self, rung: RungFit, folded: Folded) -> RungFit:
        """Return the rung with its set of functions on inputs of another width."""
        return rung.on_inputs(inputs=folded.width, plain=folded.plain)

    def _judge(self, rung: RungFit, deadline: Deadline) -> Combination:
        """Measure both ways on one fold's validation rows, if there is time."""
        network = bool(rung.functions.hidden)
        cost = rung.seconds * (_TRAINING_SHARE if network else 1.0) * _JUDGE_COST
        outer = self.folded.folds[self._judging]
        inner = self._split_again(outer.train)
        untested = Combination("ensemble" if network else "retrained", "untested")
        if not inner or cost > deadline.left() * _SAFETY:
            return untested
        until = deadline.sooner(deadline.left() * _SAFETY)
        try:
            averaged = self._row_losses(rung, inner, until)
            single = self._row_losses(rung, [Fold(outer.train, outer.train[:0])], until)
        except BudgetError:
            return untested
        weights = self.problem.weights[outer.validation]
        together = clusters(self.splitter, outer.validation)
        difference, error = clustered_mean(single - averaged, weights, together)
        ensemble = difference > (-error if network else error)
        return Combination(
            "ensemble" if ensemble else "retrained",
            "judged",
            float(np.average(averaged, weights=weights)),
            float(np.average(single, weights=weights)),
            error,
        )

    def _split_again(self, rows: npt.NDArray[np.signedinteger]) -> tuple[Fold, ...]:
        """Split a fold's training rows as all rows were split; no folds if there are too few rows, groups or times."""
        try:
            return self.splitter.split(rows)
        except UserError:
            return ()

    def _row_losses(self, rung: RungFit, folds: Sequence[Fold], deadline: Deadline) -> npt.NDArray[np.float64]:
        """Train on other folds; return the loss of their mean prediction on each judging row."""
        folded = encode_folds(self.problem, folds, deadline=deadline)
        state = self._again(rung, folded, deadline)
        function = self.assemble(self._fitting(rung, folded), folded, state)
        rows = self.folded.folds[self._judging].validation
        predicted = torch.from_numpy(function.outputs(self.problem.table[rows]))
        return row_losses(self.loss, predicted, self.problem.y[rows], self.folded.scales[self._judging])

    def _retrain(self, rung: RungFit, deadline: Deadline) -> FoundFunction:
        """Train on all rows."""
        rows = np.arange(self.problem.rows, dtype=np.int32)
        folded = encode_folds(self.problem, [Fold(rows, rows[:0])], deadline=deadline)
        state = self._again(rung, folded, deadline)
        return self.assemble(self._fitting(rung, folded), folded, state)


def row_losses(loss: Loss, predicted: Tensor, y: npt.NDArray[np.generic], scale: Scale) -> npt.NDArray[np.float64]:
    """Return each row's loss of predictions in the target's unit, or of class probabilities, [rows]."""
    if predicted.shape[1] > 1:
        outputs, targets = predicted.clamp_min(1e-12).log(), torch.from_numpy(y.astype(np.int64))
    else:
        outputs = (predicted - scale.mean) / scale.deviation
        targets = (torch.from_numpy(y.astype(np.float64)) - scale.mean).div(scale.deviation).unsqueeze(1)
    values = loss.value(outputs.unsqueeze(1), targets.unsqueeze(1), torch.ones(len(y), 1, dtype=torch.float64))
    return np.asarray(values.numpy())
