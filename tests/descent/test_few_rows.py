"""Least squares of fewer rows than inputs, against the sums over rows, scikit-learn and repeated columns."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from thetastar.descent import ConvexProblem, convex
from thetastar.descent.few_rows import FewRows
from thetastar.descent.moments import Moments
from thetastar.functions import FunctionSet
from thetastar.losses import loss_named

STREAM = torch.Generator().manual_seed(0)
X = torch.randn(20, 50, generator=STREAM)
Y = X[:, :2] * 3 + torch.randn(20, 2, generator=STREAM)
WEIGHTS = torch.rand(20, generator=STREAM) + 0.1


@pytest.mark.parametrize("strength", [10.0, 1e-2, 1e-6, 0.0])
def test_it_is_the_solution_of_the_sums_over_rows(strength: float) -> None:
    moments, penalty = Moments(50, 2), strength * np.linspace(1, 3, 50)
    moments.add(X, Y, WEIGHTS)
    np.testing.assert_allclose(FewRows(X, Y, WEIGHTS).solve(penalty), moments.solve(penalty), rtol=1e-5, atol=1e-6)


def test_it_is_ridge_regression_with_weights() -> None:
    mass = (WEIGHTS.double() / WEIGHTS.double().sum()).numpy()
    ridge = Ridge(alpha=0.3).fit(X.double().numpy(), Y.double().numpy(), sample_weight=mass)
    found = FewRows(X, Y, WEIGHTS).solve(np.full(50, 0.3))
    np.testing.assert_allclose(found[:2], ridge.intercept_, rtol=1e-8)
    np.testing.assert_allclose(found[2:].reshape(50, 2), ridge.coef_.T, rtol=1e-6, atol=1e-9)


def test_columns_that_repeat_each_other_or_never_vary_are_solved() -> None:
    x = torch.cat([X, X, torch.ones(20, 3)], dim=1)
    found = FewRows(x, Y, WEIGHTS).solve(np.full(103, 0.3))[2:].reshape(103, 2)
    np.testing.assert_allclose(found[:50], found[50:100], atol=1e-9)
    np.testing.assert_allclose(found[100:], 0.0, atol=1e-9)


def test_a_problem_of_fewer_rows_than_inputs_takes_this_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(x: torch.Tensor) -> torch.Tensor:
        functions = FunctionSet(inputs=x.shape[1], outputs=1, shortcut=x.shape[1])
        weights = torch.full((len(x),), 1 / len(x))
        problem = ConvexProblem(functions, loss_named("squared"), inputs=x, targets=x[:, :1] * 2 + 1, weights=weights)
        return problem.minimise(np.full(x.shape[1], 1e-6))

    tall = found(X.T[:, :10])
    assert (tall[0].item(), tall[1].item()) == pytest.approx((1.0, 2.0), abs=1e-3)
    monkeypatch.setattr(convex, "Moments", None)  # products of 30,000 inputs would take seven gigabytes
    wide = torch.randn(20, 30_000, generator=STREAM)
    assert (wide @ found(wide)[1:] + found(wide)[0]).numpy() == pytest.approx((2 * wide[:, 0] + 1).numpy(), abs=1e-2)
    with pytest.raises(TypeError):
        found(X.T[:, :10])
