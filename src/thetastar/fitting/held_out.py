"""Predictions for rows that the predicting member had not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from thetastar.arrays import Floats, Integers
from thetastar.data import Target
from thetastar.fitting.classes import ClassQuality, judge_classes
from thetastar.fitting.clusters import clusters
from thetastar.fitting.problem import Folded, Problem, in_unit
from thetastar.fitting.record import HeldOut
from thetastar.fitting.rungs.rung_fit import RungFit, held_out_outputs
from thetastar.fitting.splitter import Splitter

__all__ = ["HeldOutRows", "class_quality", "held_out", "held_out_rows"]

_SHOWN = 3000  # rows


@dataclass(frozen=True)
class HeldOutRows:
    """Every validation row of every fold, with its prediction by the fold's member.

    Attributes:
        target: What is predicted.
        truth: Target values, or class codes, [rows].
        weights: [rows], positive.
        predicted: In the target's unit [rows, 1], or class probabilities [rows, classes].
        fold: Whose member predicted each row, [rows].
        rows: The rows' positions in the problem, [rows].
    """

    target: Target
    truth: Floats | Integers
    weights: Floats
    predicted: Floats
    fold: Integers
    rows: Integers

    @property
    def answers(self) -> Floats:
        """Return the predicted number, or the position of the most probable class, [rows]."""
        return self.predicted.argmax(1).astype(np.float64) if self.target.classes else self.predicted[:, 0]


def held_out_rows(problem: Problem, folded: Folded, rung: RungFit) -> HeldOutRows:
    """Predict each fold's validation rows by the fold's member, which they have neither trained nor stopped."""
    rows = [folded.validation(fold) for fold in range(len(folded.folds))]
    outputs = zip(held_out_outputs(rung, folded), folded.scales, strict=True)
    values = [in_unit(output, problem.target, scale) for output, scale in outputs]
    index = torch.cat(rows).numpy()
    return HeldOutRows(
        target=problem.target,
        truth=problem.y[index],
        weights=problem.weights[index],
        predicted=np.asarray(torch.cat(values).double().numpy()),
        fold=np.repeat(np.arange(len(rows)), [len(one) for one in rows]),
        rows=index,
    )


def held_out(rows: HeldOutRows, *, seed: int) -> HeldOut:
    """Return the predictions, thinned to at most 3,000 rows."""
    shown = np.sort(np.random.default_rng(seed).permutation(len(rows.truth))[:_SHOWN])
    classes = len(rows.target.classes)
    return HeldOut(
        rows=len(rows.truth),
        truth=tuple(map(float, rows.truth[shown])),
        prediction=tuple(rows.answers[shown].tolist()),
        probability=tuple(tuple(row) for row in rows.predicted[shown].tolist()) if classes else (),
        confusion=_confusion(rows.truth, rows.answers, rows.weights, classes) if classes else (),
    )


def class_quality(rows: HeldOutRows, splitter: Splitter, *, seed: int) -> ClassQuality | None:
    """Return how well classes are told apart on all held-out rows; None for regression.

    Its intervals count what the split keeps together, as the standard error of a judging fold does.
    """
    if not rows.target.classes:
        return None
    counted = rows.weights > 0
    return judge_classes(
        rows.truth[counted].astype(np.int64),
        rows.predicted[counted],
        rows.weights[counted],
        cluster=clusters(splitter, rows.rows[counted]) if splitter.keeps_together else None,
        seed=seed,
    )


def _confusion(
    truth: npt.NDArray[np.generic], predicted: Floats, weights: Floats, classes: int
) -> tuple[tuple[int, ...], ...]:
    """Return [true][predicted] counts; a merged row counts as often as it stood in the table."""
    counts = np.zeros((classes, classes))
    np.add.at(counts, (truth.astype(int), predicted.astype(int)), weights)
    return tuple(tuple(round(count) for count in row) for row in counts)
