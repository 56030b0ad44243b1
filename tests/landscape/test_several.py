"""The loss at several θ at once equals that at each of them."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import thetastar as ts
from tests.landscape.nets import NETS, case
from thetastar.errors import UserError
from thetastar.landscape import several


def nearby(objective: ts.Objective, count: int) -> Tensor:
    drawn = torch.randn(count, objective.size, dtype=objective.dtype, generator=torch.Generator().manual_seed(3))
    return objective.theta + 0.1 * drawn


@pytest.mark.parametrize("name", NETS)
def test_any_network_together_as_one_by_one(name: str) -> None:
    module, loss, rows = case(name)
    objective = ts.Objective(module, loss, rows)
    thetas = nearby(objective, 5)
    found = objective.losses(thetas)
    assert found.dtype == torch.float64
    assert found.tolist() == pytest.approx([objective.loss(theta) for theta in thetas], rel=1e-12)


def test_plain_operations_are_gone_through_together(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    mean = several._mean
    monkeypatch.setattr(several, "_mean", lambda setting, theta: calls.append(1) or mean(setting, theta))
    objective = ts.Objective(*case("mlp"))
    assert len(objective.losses(nearby(objective, 50))) == 50
    assert len(calls) == 1


def test_what_looks_at_values_goes_one_by_one() -> None:
    def loss(theta: Tensor) -> Tensor:
        return theta[0] ** 2 if float(theta[0].detach()) > 0 else -theta[0]

    objective = ts.Objective.of(loss, torch.ones(1, dtype=torch.float64))
    assert objective.losses(torch.tensor([[3.0], [-2.0]])).tolist() == [9.0, 2.0]


def test_chunks_and_rows_of_unequal_number() -> None:
    module = nn.Linear(3, 1).double()
    batches = [(torch.randn(rows, 3), torch.randn(rows, 1)) for rows in (5, 9, 2)]
    objective = ts.Objective(module, nn.MSELoss(), batches, memory=2000.0)
    thetas = nearby(objective, 4)
    assert objective.losses(thetas).tolist() == pytest.approx([objective.loss(theta) for theta in thetas], rel=1e-12)


def test_losses_that_are_not_finite_are_returned() -> None:
    objective = ts.Objective.of(lambda theta: theta.log().sum(), torch.ones(1))
    found = objective.losses(torch.tensor([[0.0], [-1.0], [1.0]]))
    assert found[0] == -torch.inf
    assert found[1].isnan()
    assert found[2] == 0


def test_module_and_random_state_are_given_back() -> None:
    module, loss, rows = case("convolution")
    objective = ts.Objective(module, loss, rows)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    random = torch.get_rng_state()
    objective.losses(nearby(objective, 6))
    assert module.training
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)


def test_thetas_of_another_size_are_refused() -> None:
    objective = ts.Objective.of(lambda theta: theta.sum(), torch.ones(2))
    with pytest.raises(UserError, match=r"\[k, 2\]; seen the shape \(2,\)"):
        objective.losses(torch.ones(2))
