"""Critical points whose kind is known, and the way out of saddles."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import thetastar as ts
from tests.landscape.planted import bulk
from thetastar.landscape import CriticalPoint, critical_point, escape


def at(loss: Callable[[Tensor], Tensor], *theta: float, dtype: torch.dtype = torch.float64) -> CriticalPoint:
    return critical_point(ts.Objective.of(loss, torch.tensor(theta, dtype=dtype)))


class Product(nn.Module):
    """A linear network of two layers."""

    def __init__(self, first: Tensor, second: Tensor) -> None:
        super().__init__()
        self.first, self.second = nn.Parameter(first), nn.Parameter(second)

    def forward(self, X: Tensor) -> Tensor:
        return X @ self.first @ self.second


def deep_linear(rank: int, *, rows: int = 400) -> ts.Objective:
    """At the critical point that keeps so many of the four singular directions (Baldi, Hornik 1989)."""
    random = torch.Generator().manual_seed(0)
    X = torch.linalg.qr(torch.randn(rows, 4, generator=random, dtype=torch.float64)).Q * rows**0.5
    scales = torch.tensor([4.0, 3.0, 2.0, 1.0], dtype=torch.float64)
    kept = torch.diag((scales * (torch.arange(4) < rank)).sqrt())
    return ts.Objective(Product(kept, kept), nn.MSELoss(), (X, X @ torch.diag(scales)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_book_s_saddle_and_minimum(dtype: torch.dtype) -> None:
    def loss(theta: Tensor) -> Tensor:
        return (1 - theta[0] * theta[1]) ** 2

    assert at(loss, 0, 0, dtype=dtype).kind == "saddle"
    assert at(loss, 1, 1, dtype=dtype).kind == "minimum"
    assert at(loss, 1, 2, dtype=dtype).kind == "not_critical"


@pytest.mark.parametrize(
    ("loss", "kind"),
    [
        (lambda t: t[0] ** 3 - 3 * t[0] * t[1] ** 2, "degenerate"),  # the monkey saddle
        (lambda t: t[0] ** 2 + t[1] ** 3, "degenerate"),
        (lambda t: t[0] ** 2 - t[1] ** 4, "degenerate"),
        (lambda t: t[0] ** 2 + t[1] ** 4, "minimum"),
        (lambda t: t[0] ** 4 + t[1] ** 4, "degenerate"),  # its curvature says nothing
        (lambda t: -(t**2).sum(), "maximum"),
        (lambda t: -(t[0] ** 2) + 0 * t[1], "degenerate"),
        (lambda t: t[0] ** 2 - 0.01 * t[1] ** 2, "saddle"),
        (lambda t: 3 + (t**2).sum(), "minimum"),
        (lambda t: t.sum(), "not_critical"),
        (lambda t: ((t - 1) ** 2).sum(), "not_critical"),
    ],
)
def test_known_kinds(loss: Callable[[Tensor], Tensor], kind: str) -> None:
    found = at(loss, 0, 0)
    assert found.kind == kind
    assert kind.replace("_", " ") == str(found).splitlines()[0]


@pytest.mark.parametrize("rank", range(5))
def test_deep_linear_networks_have_saddles_and_global_minima(rank: int) -> None:
    found = critical_point(deep_linear(rank))
    assert found.kind == ("minimum" if rank == 4 else "saddle")
    if rank < 4:
        assert found.certificate is not None
        assert found.certificate.rows == 200
        assert float(found.spectrum.values[-1]) == pytest.approx(-2 / 4 * (4 - rank))  # the largest scale left out


@pytest.mark.parametrize("rank", range(4))
def test_escape_falls_as_predicted_at_first(rank: int) -> None:
    objective = deep_linear(rank)
    before = objective.theta
    found = escape(objective)
    assert found.measured > 0.1 * found.before
    assert found.measured <= found.predicted
    assert objective.loss(found.theta) == pytest.approx(found.after)
    assert found.before - found.after == pytest.approx(found.measured)
    assert torch.equal(objective.theta, before)
    assert "fell by" in str(found)


def test_many_parameters() -> None:
    bends = torch.cat([bulk(700).abs() + 0.05, torch.tensor([2.0, -0.3])])

    def loss(theta: Tensor) -> Tensor:
        return 1 + (bends * theta**2).sum() / 2

    saddle = critical_point(ts.Objective.of(loss, torch.zeros(702, dtype=torch.float64)))
    assert saddle.kind == "saddle"
    assert saddle.signs.negative == pytest.approx(1 / 702)
    assert saddle.products > 702  # to count signs, all eigenvalues were computed
    bends[-1] = 0.3
    assert critical_point(ts.Objective.of(loss, torch.zeros(702, dtype=torch.float64))).kind == "minimum"


def test_noisy_gradient_at_a_trained_network_counts_as_small() -> None:
    torch.manual_seed(0)
    X = torch.randn(200, 3, dtype=torch.float64)
    y = X @ torch.randn(3, 1, dtype=torch.float64) + torch.randn(200, 1, dtype=torch.float64)
    line = nn.Linear(3, 1, dtype=torch.float64)
    solution = torch.linalg.lstsq(torch.cat([X, torch.ones(200, 1)], dim=1), y).solution
    with torch.no_grad():
        line.weight.copy_(solution[:3].T + 0.03)
        line.bias.copy_(solution[3])
    found = critical_point(ts.Objective(line, nn.MSELoss(), (X, y)))
    assert found.kind == "minimum"
    assert found.slope.norm < found.slope.noise


def test_escape_without_a_saddle_is_refused() -> None:
    minimum = ts.Objective.of(lambda theta: (theta**2).sum(), torch.zeros(2))
    with pytest.raises(ts.UserError, match="the verdict is 'minimum'"):
        escape(minimum)


def test_escape_where_the_loss_is_zero() -> None:
    saddle = ts.Objective.of(lambda theta: theta[0] ** 2 - theta[1] ** 2 + theta[1] ** 4, torch.zeros(2))
    found = escape(saddle)
    assert 0.1 < found.measured <= 0.25  # most there is, at θ₂ = √½; steps are doubled
    assert math.isclose(found.before, 0)
