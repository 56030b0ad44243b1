"""What folds of neighbouring rows say of least squares: for the rows' own order, or any other."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from thetastar.arrays import Floats, Integers
from thetastar.descent import Deadline

__all__ = ["OrderFolds"]

_SHIFTS = 2  # the folds are laid once from the first row on, and once half a fold later


@dataclass(frozen=True)
class OrderFolds:
    """Least squares with a penalty, cross-validated on contiguous folds of rows put in some order.

    Attributes:
        inputs: [rows, inputs], without a column of ones.
        targets: [rows, outputs], of mean 0.
        penalty: On the squared weights, against the mean squared error.
        folds: How many.
    """

    inputs: Floats
    targets: Floats
    penalty: float
    folds: int

    def predict(self, order: Integers, *, deadline: Deadline) -> Floats:
        """Return each row's predictions by functions that saw neither it nor its neighbours, [shifts, rows, outputs].

        Raises:
            BudgetError: if the time ran out.
        """
        rows, parts = len(order), _SHIFTS * self.folds
        table = np.concatenate([np.ones((rows, 1)), self.inputs], axis=1)[order]
        y = self.targets[order]
        cuts = np.linspace(0, rows, parts + 1).astype(np.int64)
        slices = [slice(begin, end) for begin, end in itertools.pairwise(cuts)]
        grams = [table[part].T @ table[part] for part in slices]
        moments = [table[part].T @ y[part] for part in slices]
        gram, moment = np.sum(grams, 0), np.sum(moments, 0)
        predicted = np.empty((_SHIFTS, rows, y.shape[1]))
        for shift in range(_SHIFTS):
            for fold in range(self.folds):
                deadline.check()
                held = [(_SHIFTS * fold + shift + part) % parts for part in range(_SHIFTS)]
                weights = self._solve(
                    gram - np.sum([grams[part] for part in held], 0),
                    moment - np.sum([moments[part] for part in held], 0),
                )
                for part in held:
                    predicted[shift, order[slices[part]]] = table[slices[part]] @ weights
        return predicted

    def squares(self, predicted: Floats) -> Floats:
        """Return each row's squared error, summed over outputs, of predictions [shifts, rows, outputs]."""
        squares: Floats = ((predicted - self.targets) ** 2).sum(2)
        return squares

    def _solve(self, gram: Floats, moment: Floats) -> Floats:
        """Solve the normal equations of a fold's training rows; the first input, of ones, is not penalised."""
        ridge = np.full(len(gram), self.penalty * gram[0, 0])  # gram[0, 0] counts the rows
        ridge[0] = 0.0
        solution: Floats = scipy.linalg.solve(gram + np.diag(ridge), moment, assume_a="pos")
        return solution
