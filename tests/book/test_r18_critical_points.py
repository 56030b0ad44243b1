"""R18: at a critical point the gradient is zero, and the signs of the Hessian's eigenvalues tell its kind."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

import thetastar as ts


def loss(theta: Tensor) -> Tensor:
    return (1 - theta[0] * theta[1]) ** 2


def at(*theta: float) -> ts.Objective:
    return ts.Objective.of(loss, torch.tensor(theta, dtype=torch.float64))


def test_the_origin_is_a_saddle_with_eigenvalues_plus_and_minus_2() -> None:
    found = ts.critical_point(at(0.0, 0.0))
    assert found.kind == "saddle"
    assert found.spectrum.values.tolist() == pytest.approx([2, -2])
    assert found.slope.norm == 0


def test_the_way_out_is_along_1_1() -> None:
    found = ts.escape(at(0.0, 0.0))
    first, second = found.theta.tolist()
    assert first == pytest.approx(second)
    assert abs(first) > 0.1
    assert found.measured > 0.9  # of a loss of 1


def test_1_1_is_a_minimum_though_one_eigenvalue_is_0() -> None:
    found = ts.critical_point(at(1.0, 1.0))
    assert found.kind == "minimum"
    assert found.spectrum.values.tolist() == pytest.approx([4, 0], abs=1e-9)
    assert found.signs.zero == 0.5


def test_the_tolerance_is_relative() -> None:
    """The same function in other units has the same verdict."""
    for unit in (1e-6, 1e6):
        scaled = ts.Objective.of(lambda theta, unit=unit: unit * loss(theta), torch.ones(2, dtype=torch.float64))
        assert ts.critical_point(scaled).kind == "minimum"


def test_the_sum_of_both_signs_tells_maximum_from_minimum_and_neither() -> None:
    def bent(*curvatures: float) -> str:
        diagonal = torch.tensor(curvatures, dtype=torch.float64)
        bowl = ts.Objective.of(lambda theta: 1 + diagonal @ theta.square(), torch.zeros(len(curvatures)).double())
        return ts.critical_point(bowl).kind

    assert bent(3.0, 1.0) == "minimum"
    assert bent(-3.0, -1.0) == "maximum"
    assert bent(3.0, -1.0) == "saddle"


def test_where_the_gradient_is_not_small_there_is_no_critical_point() -> None:
    assert ts.critical_point(at(2.0, 1.0)).kind == "not_critical"


def test_zeros_alone_are_degenerate() -> None:
    monkey = ts.Objective.of(lambda w: w[0] ** 3 - 3 * w[0] * w[1] ** 2, torch.zeros(2, dtype=torch.float64))
    assert ts.critical_point(monkey).kind == "degenerate"
