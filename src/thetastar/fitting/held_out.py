"""Predictions for rows that the predicting member had not seen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from thetastar.fitting.problem import Folded, Problem, in_unit
from thetastar.fitting.record import HeldOut
from thetastar.fitting.rung_fit import RungFit, fold_outputs

__all__ = ["held_out"]

_SHOWN = 3000  # rows


def held_out(problem: Problem, folded: Folded, rung: RungFit, *, seed: int) -> HeldOut:
    """Return every validation row's prediction by its fold's member, thinned to at most 3,000 rows."""
    rows = [folded.validation(fold) for fold in range(len(folded.folds))]
    outputs = [output / (rung.settings.temperature or 1.0) for output in fold_outputs(rung, folded, rows)]
    values = [in_unit(output, problem.target, scale) for output, scale in zip(outputs, folded.scales, strict=True)]
    predicted = torch.cat(values).double()
    index = torch.cat(rows).numpy()
    truth, weights = problem.y[index], problem.weights[index]
    shown = np.sort(np.random.default_rng(seed).permutation(len(index))[:_SHOWN])
    classes = bool(problem.target.classes)
    answers = predicted.argmax(1).double() if classes else predicted[:, 0]
    return HeldOut(
        rows=len(index),
        truth=tuple(map(float, truth[shown])),
        prediction=tuple(answers[shown].tolist()),
        probability=tuple(tuple(row) for row in predicted[shown].tolist()) if classes else (),
        confusion=_confusion(truth, answers.numpy(), weights, problem.outputs) if classes else (),
    )


def _confusion(
    truth: npt.NDArray[np.generic], predicted: npt.NDArray[np.float64], weights: npt.NDArray[np.float64], classes: int
) -> tuple[tuple[int, ...], ...]:
    """Return [true][predicted] counts; a merged row counts as often as it stood in the table."""
    counts = np.zeros((classes, classes))
    np.add.at(counts, (truth.astype(int), predicted.astype(int)), weights)
    return tuple(tuple(round(count) for count in row) for row in counts)
