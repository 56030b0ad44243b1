"""The gradient against what a step would gain, and against the scatter of the rows."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

import thetastar as ts
from thetastar.landscape import Slope
from thetastar.landscape.operator import Counted
from thetastar.landscape.slope import find_slope


def slope_of(objective: ts.Objective, *, damping: float) -> Slope:
    found = ts.spectrum(objective, min(objective.size, 600))
    return find_slope(objective, found, damping=damping, products=Counted(objective))


@pytest.mark.parametrize("size", [5, 700])  # from all eigenvectors, and by quadrature
def test_gain_of_a_quadratic_is_its_height(size: int) -> None:
    curvature = torch.linspace(1, 3, size, dtype=torch.float64)

    def loss(theta: Tensor) -> Tensor:
        return 1 + (curvature * (theta - 1) ** 2).sum() / 2

    objective = ts.Objective.of(loss, torch.zeros(size, dtype=torch.float64))
    found = ts.spectrum(objective, 5)
    slope = find_slope(objective, found, damping=0.0, products=Counted(objective))
    assert slope.decrease == pytest.approx(float(curvature.sum()) / 2, rel=1e-8)
    assert slope.norm == pytest.approx(float(curvature.norm()))
    assert math.isnan(slope.noise)
    assert not slope.small


def test_standard_error_of_the_gradient() -> None:
    torch.manual_seed(0)
    y = torch.randn(4000, 1, dtype=torch.float64)
    mean = nn.Linear(1, 1, bias=False, dtype=torch.float64)
    objective = ts.Objective(mean, nn.MSELoss(), (torch.ones_like(y), y))
    slope = slope_of(objective, damping=1e-3)
    assert slope.noise == pytest.approx(2 / 4000**0.5, rel=0.5)  # 2 × the deviation of y, of 16 parts


def test_small_by_gain_or_within_noise() -> None:
    def seen(decrease: float, norm: float, noise: float, rounding: float = 0.0) -> bool:
        return Slope(loss=1.0, norm=norm, noise=noise, decrease=decrease, rounding=rounding).small

    assert seen(1e-4, norm=5.0, noise=0.1)
    assert not seen(1e-2, norm=5.0, noise=0.1)
    assert seen(1e-2, norm=0.05, noise=0.1)
    assert not seen(0.2, norm=0.05, noise=0.1)
    assert not seen(1e-2, norm=0.05, noise=math.nan)
    assert seen(1e-2, norm=5.0, noise=0.1, rounding=0.1)


def test_slope_where_nothing_bends_is_endless() -> None:
    objective = ts.Objective.of(lambda theta: theta.sum(), torch.zeros(2, dtype=torch.float64))
    assert slope_of(objective, damping=0.0).decrease == math.inf
