"""Sharpness against closed forms, brute force over all corners of the box, and functions that are the same."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import thetastar as ts
from tests.landscape.nets import brute_force_hessian, case
from thetastar.errors import UserError
from thetastar.landscape.perturb import row_sized, worst_rise


def relu_network(scale: float = 1.0) -> ts.Objective:
    """A network with a hidden layer that is scaled up while the next one is scaled down: the same function."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2)).double()
    data = torch.randn(40, 3, dtype=torch.float64), torch.randint(2, (40,))
    with torch.no_grad():
        module[0].weight *= scale
        module[0].bias *= scale
        module[2].weight /= scale
    return ts.Objective(module, nn.CrossEntropyLoss(), data)


def test_largest_eigenvalue_against_brute_force() -> None:
    module, loss, rows = case("mlp")
    found = ts.sharpness(ts.Objective(module, loss, rows))
    true = float(torch.linalg.eigvalsh(brute_force_hessian(module, loss, rows))[-1])
    assert abs(found.largest - true) <= found.residual
    assert found.converged
    assert found.stability is None


def test_measures_relative_to_size_do_not_change_with_scales_that_cancel_out() -> None:
    plain, scaled = ts.sharpness(relu_network()), ts.sharpness(relu_network(10.0))
    assert scaled.largest > 10 * plain.largest
    assert scaled.worst == pytest.approx(plain.worst, rel=1e-6)
    assert scaled.mean == pytest.approx(plain.mean, rel=1e-6)


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_worst_rise_is_that_of_a_corner_and_close_to_the_highest(seed: int) -> None:
    random = torch.Generator().manual_seed(seed)
    root = torch.randn(6, 6, generator=random, dtype=torch.float64)
    slope, theta = (torch.randn(6, generator=random, dtype=torch.float64) for _ in range(2))

    def bowl(at: Tensor) -> Tensor:
        away = at - theta
        return 0.1 * slope @ away + (root @ away).square().sum()

    objective = ts.Objective.of(bowl, theta)
    top = ts.spectrum(objective, 1).vectors[:, 0]
    found = worst_rise(objective, [objective.gradient(), top, -top], share=0.1, loss=objective.loss())
    corners = [theta + 0.1 * theta.abs() * torch.tensor(each) for each in itertools.product((-1.0, 1.0), repeat=6)]
    highest = max(float(bowl(corner)) for corner in corners)
    assert 0.5 * highest <= found <= highest * (1 + 1e-9)


def test_worst_rise_of_a_diagonal_bowl_is_exact() -> None:
    curvatures = torch.tensor([4.0, 2.0, 1.0], dtype=torch.float64)
    theta = torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)
    objective = ts.Objective.of(lambda at: curvatures @ (at - theta).square() / 2, theta)
    found = ts.sharpness(objective, share=0.5)
    # All corners are equally high; starts along an axis of the bowl end on its sides.
    assert found.worst == pytest.approx(float(curvatures @ (0.5 * theta).square() / 2))


def test_worst_rise_is_infinite_where_the_loss_is() -> None:
    objective = ts.Objective.of(lambda at: -at.log().sum(), torch.tensor([1.0, 2.0], dtype=torch.float64))
    assert ts.sharpness(objective, share=1.0).worst == math.inf


def test_random_rows_are_as_long_as_those_of_theta() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 3))
    theta = torch.cat([each.detach().flatten() for each in module.parameters()])
    shapes = [each.shape for each in module.parameters()]
    drawn = row_sized(theta, shapes, random=torch.Generator().manual_seed(1))
    pieces = drawn.split([shape.numel() for shape in shapes])
    for piece, parameter in zip(pieces, module.parameters(), strict=True):
        if parameter.ndim == 1:
            assert not piece.any()
        else:
            rows = len(parameter)
            assert torch.allclose(piece.view(rows, -1).norm(dim=1), parameter.detach().view(rows, -1).norm(dim=1))


def test_mean_rise_at_random_of_a_round_bowl() -> None:
    """Of θᵀθ, a move that is as long as share · ‖θ‖ raises the loss by (share · ‖θ‖)² on average."""
    theta = torch.linspace(1, 3, 200, dtype=torch.float64)
    objective = ts.Objective.of(lambda at: at @ at, theta)
    found = ts.sharpness(objective, row_share=0.2, draws=400)
    assert found.error > 0
    assert abs(found.mean - 0.04 * float(theta @ theta)) <= 4 * found.error


def test_it_prints_what_it_found() -> None:
    module = nn.Linear(1, 1)
    objective = ts.Objective(module, nn.MSELoss(), (torch.tensor([[0.0], [2.0]]), torch.zeros(2, 1)))
    lines = str(ts.sharpness(objective, torch.optim.SGD(module.parameters(), lr=0.1))).splitlines()
    assert lines[0].startswith("λ_max   5.23607 ± ")
    assert lines[1].startswith("η·λ_max 0.5236 ± ")
    assert lines[1].endswith("of at most 2 (gradient descent, η = 0.1): 26% of the limit")
    assert "if each row moves by 0.1 of its length (10 draws)" in lines[3]
    beyond = ts.sharpness(objective, torch.optim.SGD(module.parameters(), lr=0.5)).stability
    assert str(beyond).endswith("beyond the limit by 31%")


def test_a_maximum_is_curved_upwards_nowhere() -> None:
    theta = nn.Parameter(torch.ones(2))
    objective = ts.Objective.of(lambda at: -(at - 1) @ (at - 1), theta)
    found = ts.sharpness(objective, torch.optim.SGD([theta], lr=0.1)).stability
    assert found is not None
    assert found.value == pytest.approx(-0.2)
    assert str(found).endswith("curved upwards nowhere")


@pytest.mark.parametrize("bad", [{"share": 0.0}, {"row_share": -1.0}, {"draws": 1}])
def test_bad_arguments_are_said(bad: dict[str, float]) -> None:
    with pytest.raises(UserError, match="shares are above 0 and draws at least 2"):
        ts.sharpness(relu_network(), **bad)  # type: ignore[arg-type]  # one of several types
