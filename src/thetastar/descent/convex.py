"""θ* where one can be sure of it: linear functions of the encoded inputs, whose losses are convex.

A squared loss has a closed form. The others are minimised by L-BFGS (scipy) in coordinates in which the squared loss
would be a sphere: the hard-sigmoid pieces of a column are strongly correlated, and without this change of coordinates
descent would creep along their canyon. For cross-entropy that sphere bounds the Hessian from above (Böhning and Lindsay,
Monotonicity of quadratic-approximation algorithms, 1988), so few steps are enough.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.linalg
import scipy.optimize
import torch
from torch import Tensor

from thetastar.errors import UserError
from thetastar.functions import FunctionSet, Pass
from thetastar.losses import Huber, Loss

__all__ = ["ConvexProblem"]

_CHUNK = 8192  # rows at once, so that the float64 copies stay small
_LARGEST_FACTOR = 3000  # inputs; beyond this many the change of coordinates would cost more than it saves
_SMALLEST_PENALTY = 1e-9  # keeps the normal equations solvable when columns repeat each other
_ITERATIONS = 200
_SMOOTH = 1e-2  # in standard deviations: within this distance of 0 the absolute error is rounded to a parabola

Floats = npt.NDArray[np.float64]


class ConvexProblem:
    """Σ weights · l + Σ_j penalty_j Σ_outputs u_j², to be minimised over a linear function's bias and shortcut u.

    Args:
        functions: Without hidden layers.
        loss: Convex in the outputs.
        inputs: [rows, functions.inputs].
        targets: [rows, outputs], or class codes [rows].
        weights: [rows], summing to 1.

    Raises:
        UserError: if the functions have hidden layers.
    """

    def __init__(self, functions: FunctionSet, loss: Loss, *, inputs: Tensor, targets: Tensor, weights: Tensor) -> None:
        if functions.hidden:
            raise UserError(f"only functions without hidden layers have a convex loss; seen hidden={functions.hidden}")
        self.functions = functions
        self._loss: Loss = Huber(delta=_SMOOTH) if loss.name == "absolute" else loss
        self._data = inputs, targets, weights
        self._gram, self._mean = _gram(inputs[:, : functions.shortcut], weights)
        self._covariance = self._gram - np.outer(self._mean, self._mean)
        self._moments = _moments(inputs[:, : functions.shortcut], targets, weights) if loss.name == "squared" else None

    def minimise(self, penalty: Floats, *, start: Tensor | None = None) -> Tensor:
        """Return θ*, [functions.size].

        Args:
            penalty: [functions.shortcut].
            start: A θ nearby, [functions.size], from which descent is shorter.
        """
        if self._moments is not None:
            theta = self._least_squares(penalty, *self._moments)
        else:
            begin = np.zeros(self.functions.size) if start is None else start.double().numpy()
            theta = _descend(
                self.functions,
                self._loss,
                self._data,
                penalty=penalty,
                basis=_basis(self._covariance, penalty),
                theta=begin,
            )
        return torch.from_numpy(theta).float()

    def _least_squares(self, penalty: Floats, moment: Floats, centre: Floats) -> Floats:
        """Solve the normal equations of the centred columns."""
        shortcut = moment - np.outer(self._mean, centre)
        if len(penalty):
            matrix = self._covariance + np.diag(np.maximum(penalty, _SMALLEST_PENALTY))
            shortcut = scipy.linalg.solve(matrix, shortcut, assume_a="pos")
        return np.concatenate([centre - self._mean @ shortcut, shortcut.ravel()])


def _gram(inputs: Tensor, weights: Tensor) -> tuple[Floats, Floats]:
    """Return Σ w x xᵀ and Σ w x in float64."""
    width = inputs.shape[1]
    gram, mean = torch.zeros(width, width, dtype=torch.float64), torch.zeros(width, dtype=torch.float64)
    for begin in range(0, len(inputs), _CHUNK):
        part = inputs[begin : begin + _CHUNK].double()
        weighted = part * weights[begin : begin + _CHUNK, None]
        gram += part.T @ weighted
        mean += weighted.sum(0)
    return gram.numpy(), mean.numpy()


def _moments(inputs: Tensor, targets: Tensor, weights: Tensor) -> tuple[Floats, Floats]:
    """Return Σ w x yᵀ and Σ w y in float64."""
    moment = torch.zeros(inputs.shape[1], targets.shape[1], dtype=torch.float64)
    for begin in range(0, len(inputs), _CHUNK):
        rows = slice(begin, begin + _CHUNK)
        moment += inputs[rows].double().T @ (targets[rows] * weights[rows, None]).double()
    return moment.numpy(), (targets.double() * weights[:, None].double()).sum(0).numpy()


def _basis(covariance: Floats, penalty: Floats) -> Floats | None:
    """Return B with u = B v, such that the penalised squared loss is a sphere in v; None if that is too large."""
    if not 0 < len(covariance) <= _LARGEST_FACTOR:
        return None
    matrix = covariance + np.diag(np.maximum(penalty, _SMALLEST_PENALTY))
    factor = scipy.linalg.cholesky(matrix, lower=True)
    basis: Floats = scipy.linalg.solve_triangular(factor, np.eye(len(matrix)), lower=True).T
    return basis


def _descend(
    functions: FunctionSet,
    loss: Loss,
    data: tuple[Tensor, Tensor, Tensor],
    *,
    penalty: Floats,
    basis: Floats | None,
    theta: Floats,
) -> Floats:
    """Run L-BFGS from θ."""
    inputs, targets, weights = (tensor.unsqueeze(0) for tensor in data)
    state, gradient = torch.zeros(1, functions.size), torch.zeros(1, functions.size)
    once = Pass(functions, state, gradient=gradient, rows=inputs.shape[1])
    outputs, width = functions.outputs, functions.shortcut

    def to_theta(place: Floats) -> Floats:
        if basis is None:
            return place
        return np.concatenate([place[:outputs], (basis @ place[outputs:].reshape(width, outputs)).ravel()])

    def to_place(theta: Floats) -> Floats:
        if basis is None:
            return theta
        inverse = scipy.linalg.solve_triangular(basis, theta[outputs:].reshape(width, outputs))
        return np.concatenate([theta[:outputs], inverse.ravel()])

    def objective(place: Floats) -> tuple[float, Floats]:
        theta = to_theta(place)
        state[0] = torch.from_numpy(theta)
        value, slope = loss.value_and_gradient(once.forward(inputs), targets, weights)
        once.backward(inputs, slope)
        shortcut = theta[outputs:].reshape(width, outputs)
        full = gradient[0].double().numpy()
        full[outputs:] += (2 * penalty[:, None] * shortcut).ravel()
        if basis is not None:
            full = np.concatenate([full[:outputs], (basis.T @ full[outputs:].reshape(width, outputs)).ravel()])
        return float(value[0]) + float((penalty[:, None] * shortcut**2).sum()), full

    found = scipy.optimize.minimize(
        objective,
        to_place(theta),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _ITERATIONS, "ftol": 1e-7, "gtol": 1e-5},  # float32 sums carry about 7 digits
    )
    result: Floats = to_theta(found.x)
    return result
