"""θ* where one can be sure of it: linear functions of the encoded inputs, whose losses are convex.

A squared loss has a closed form. The others are minimised by L-BFGS (scipy) in coordinates in which the Hessian at the
starting point is a sphere: the hard-sigmoid pieces of a column are strongly correlated, and without this change of
coordinates descent would creep along their canyon. The coordinates are renewed every few steps, as the Hessian changes;
for two classes this is close to Newton's method (iteratively reweighted least squares).
"""

from __future__ import annotations

import math

import scipy.optimize
import torch
from torch import Tensor

from thetastar.arrays import Floats
from thetastar.descent.deadline import Deadline
from thetastar.descent.few_rows import FewRows
from thetastar.descent.inputs import RowBlocks
from thetastar.descent.moments import SMALLEST_PENALTY, Moments
from thetastar.errors import UserError
from thetastar.functions import FunctionSet
from thetastar.losses import Huber, Loss

__all__ = ["ConvexProblem"]

_CHUNK = 2048  # rows at once: with a thousand inputs, their copies in float64 take some tens of megabytes a core
_LARGEST_WIDTH = 3000  # inputs, and
_LARGEST_MATRIX = 5e7  # numbers; beyond these the change of coordinates would cost more than it saves
_ROUNDS = 8  # of new coordinates, each with at most so many
_ITERATIONS = 25
_ENOUGH = 1e-3  # a round that gains less than this share of the loss ends the search
# In standard deviations: within this distance of 0 the absolute error is rounded to a parabola, by Huber's loss, which
# beyond it is this many times the absolute error.
_SMOOTH = 1e-2


class ConvexProblem:
    """Σ weights · l + Σ_j penalty_j Σ_outputs u_j², to be minimised over a linear function's bias and shortcut u.

    Args:
        functions: Without hidden layers.
        loss: Convex in the outputs.
        inputs: [rows, functions.inputs]. For a squared loss they are read once, block by block.
        targets: [rows, outputs], or class codes [rows].
        weights: [rows], summing to 1.
        deadline: A θ that is not the best is of no use: after this moment the search is given up.

    Raises:
        UserError: if the functions have hidden layers.
        BudgetError: if the time ran out.
    """

    def __init__(
        self,
        functions: FunctionSet,
        loss: Loss,
        *,
        inputs: RowBlocks,
        targets: Tensor,
        weights: Tensor,
        deadline: Deadline | None = None,
    ) -> None:
        if functions.hidden:
            raise UserError(f"only functions without hidden layers have a convex loss; seen hidden={functions.hidden}")
        self.functions = functions
        self._loss, self._size = (Huber(delta=_SMOOTH), _SMOOTH) if loss.name == "absolute" else (loss, 1.0)
        self._data = inputs, targets, weights
        self._deadline = deadline or Deadline.never()
        self._squared = loss.name == "squared"
        if self._squared:
            self._sums = _sums(inputs, targets, weights, width=functions.shortcut, until=self._deadline)

    def minimise(self, penalty: Floats, *, start: Tensor | None = None) -> Tensor:
        """Return θ*, [functions.size].

        Args:
            penalty: [functions.shortcut].
            start: A θ nearby, [functions.size], from which descent is shorter.

        Raises:
            BudgetError: if the time ran out.
        """
        self._deadline.check()
        if self._squared:
            return torch.from_numpy(self._sums.solve(penalty)).float()
        theta = torch.zeros(self.functions.size) if start is None else start
        bias, shortcut = theta.double().tensor_split([self.functions.outputs])
        bias, shortcut = self._descend(self._size * penalty, bias, shortcut.view(-1, self.functions.outputs))
        return torch.cat([bias, shortcut.flatten()]).float()

    def _descend(self, penalty: Floats, bias: Tensor, shortcut: Tensor) -> tuple[Tensor, Tensor]:
        """Run L-BFGS from a bias [outputs] and weights [shortcut, outputs], in coordinates that are renewed."""
        inputs, targets, weights = self._data
        matrix, ridge = inputs[:][:, : self.functions.shortcut], torch.from_numpy(penalty)
        if not 0 < matrix.shape[1] <= _LARGEST_WIDTH or matrix.numel() > _LARGEST_MATRIX:
            many = _ROUNDS * _ITERATIONS
            return self._lbfgs(matrix, start=(bias, shortcut), ridge=ridge, steps=many)[:2]
        matrix, value = matrix.double(), math.inf
        for _ in range(_ROUNDS):
            self._deadline.check()
            curvature = _curvature(matrix @ shortcut + bias, targets, weights)
            mean = curvature @ matrix / curvature.sum()
            factor = _factor(matrix - mean, curvature, ridge)  # lower triangular; u = factor⁻ᵀ v
            whitened = torch.linalg.solve_triangular(factor, (matrix - mean).T, upper=False).T.contiguous()
            before = value
            start = bias + mean @ shortcut, factor.T @ shortcut
            middle, place, value = self._lbfgs(whitened, start=start, curvature=curvature, steps=_ITERATIONS)
            shortcut = torch.linalg.solve_triangular(factor.T, place, upper=True)
            bias = middle - mean @ shortcut
            if before - value < _ENOUGH * value:
                break
        return bias, shortcut

    def _lbfgs(
        self,
        matrix: Tensor,
        *,
        start: tuple[Tensor, Tensor],
        steps: int,
        ridge: Tensor | None = None,
        curvature: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, float]:
        """Minimise the penalised loss over a bias [outputs] and the weights [width, outputs] of a matrix [rows, width].

        Either ``ridge`` is the penalty per column, or ``curvature`` belongs to whitened columns, matrix = X factor⁻ᵀ:
        there the penalty is ‖v‖² less the weighted variance of the scores, which the pass over the rows has at hand.

        Returns:
            Bias, weights and the value reached.
        """
        _, targets, weights = self._data
        outputs = len(start[0])
        mass, targets = weights.to(matrix.dtype).unsqueeze(0), targets.unsqueeze(0)
        targets = targets.to(matrix.dtype) if targets.is_floating_point() else targets

        def penalty(v: Tensor, scores: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            """Return the penalty and its gradients by v and by the scores."""
            if curvature is None:
                weighted = (0.0 if ridge is None else ridge[:, None]) * v
                return (weighted * v).sum(), 2 * weighted, torch.zeros_like(scores)
            share = curvature[:, None]
            centred = scores - (share * scores).sum(0) / share.sum()
            return v.square().sum() - (share * centred.square()).sum(), 2 * v, -2 * share * centred

        def objective(place: Floats) -> tuple[float, Floats]:
            self._deadline.check()
            at = torch.from_numpy(place)
            bias, v = at[:outputs], at[outputs:].view(-1, outputs)
            scores = matrix @ v.to(matrix.dtype)
            value, slope = self._loss.value_and_gradient((scores + bias.to(matrix.dtype)).unsqueeze(0), targets, mass)
            extra, extra_slope, back = penalty(v, scores)
            v_slope = (matrix.T @ (slope[0] + back)).double() + extra_slope
            return float(value[0] + extra), torch.cat([slope[0].sum(0).double(), v_slope.flatten()]).numpy()

        exact = matrix.dtype == torch.float64
        found = scipy.optimize.minimize(
            objective,
            torch.cat([start[0], start[1].flatten()]).numpy(),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": steps, "ftol": 1e-8 if exact else 1e-7, "gtol": 1e-6 if exact else 1e-5},
        )
        place = torch.from_numpy(found.x)
        return place[:outputs], place[outputs:].view(-1, outputs), float(found.fun)


def _sums(inputs: RowBlocks, targets: Tensor, weights: Tensor, *, width: int, until: Deadline) -> Moments | FewRows:
    """Go through the rows once, block by block; all at once if they are fewer than the inputs."""
    if len(inputs) < width:
        return FewRows(inputs[:][:, :width], targets, weights)
    moments = Moments(width, targets.shape[1])
    for begin in range(0, len(inputs), _CHUNK):
        until.check()
        rows = slice(begin, begin + _CHUNK)
        moments.add(inputs[rows], targets[rows], weights[rows])
    return moments


def _curvature(outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Return each row's curvature of the loss by an output, halved as the penalty's 2 is left out, [rows].

    For classes it is the mean over logits of the diagonal of the Hessian p_k(1 − p_k), exact for two classes; for
    numbers that of the squared error, which bounds Huber's.
    """
    if targets.is_floating_point():
        return weights.double()
    share = torch.softmax(outputs, 1)
    return weights.double() * (share * (1 - share)).sum(1) / 2


def _factor(centred: Tensor, curvature: Tensor, ridge: Tensor) -> Tensor:
    """Return the Cholesky factor of the weighted covariance + diag ridge, of columns whose weighted mean is 0."""
    gram = centred.T @ (centred * curvature[:, None])
    gram.diagonal().add_(ridge.clamp_min(SMALLEST_PENALTY))
    factor: Tensor = torch.linalg.cholesky(gram)
    return factor
