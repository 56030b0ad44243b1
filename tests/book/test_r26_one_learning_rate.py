"""R26: one learning rate is not enough: b and w lie in a canyon, flat along b and steep along w."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.book.pokemon import START, descend, points
from thetastar.descent import RULES, Examples, Member, Plan, train
from thetastar.functions import FunctionSet
from thetastar.losses import Squared

LIMIT = 1.1449e-6  # 2 / the largest eigenvalue


@pytest.fixture(scope="module")
def canyon(shared_data: Path) -> tuple[Tensor, Tensor]:
    return points(shared_data)


def test_the_optimum(canyon: tuple[Tensor, Tensor]) -> None:
    features, y = canyon
    theta = torch.linalg.solve(features.T @ features, features.T @ y)
    assert theta.tolist() == pytest.approx([-188.433, 2.66945], rel=1e-5)
    assert (features @ theta - y).square().sum().item() == pytest.approx(101_936.73, abs=0.01)


def test_the_eigenvalues_of_the_hessian(canyon: tuple[Tensor, Tensor]) -> None:
    small, large = torch.linalg.eigvalsh(2 * canyon[0].T @ canyon[0]).tolist()
    assert small == pytest.approx(5.573, abs=5e-4)
    assert large == pytest.approx(1.747e6, rel=5e-4)
    assert 2 / large == pytest.approx(LIMIT, rel=1e-4)


def test_stable_only_below_the_limit(canyon: tuple[Tensor, Tensor]) -> None:
    features, y = canyon
    below, above = descend("gradient_descent", features, y, rates=[0.999 * LIMIT, 1.001 * LIMIT], updates=5000)[-1]
    begin = torch.tensor(START, dtype=torch.float64)
    # Along the canyon both creep; across it the error shrinks by .998 an update, or grows by 1.002.
    assert (below - begin).abs()[1] < 10
    assert (above - begin).abs()[1] > 1000


def test_after_100_000_updates_it_has_not_arrived(canyon: tuple[Tensor, Tensor]) -> None:
    features, y = canyon
    slow, fast = descend("gradient_descent", features, y, rates=[1e-7, 1e-6], updates=100_000)[-1].tolist()
    assert slow == [pytest.approx(-123.69, abs=0.005), pytest.approx(2.483, abs=5e-4)]
    assert fast == [pytest.approx(-149.23, abs=0.005), pytest.approx(2.557, abs=5e-4)]


def test_training_a_line_goes_the_same_way(canyon: tuple[Tensor, Tensor]) -> None:
    """The whole program on it: a weight of 10 on each of 10 rows makes the mean a sum."""
    features, y = canyon
    examples = Examples(features[:, 1:].unsqueeze(0), y.view(1, -1, 1), torch.full((1, 10), 10.0))
    plan = Plan(updates=2000, rule=RULES["gradient_descent"])
    rates = [1e-7, 1e-6]
    trained = train(
        FunctionSet(inputs=1, outputs=1, shortcut=1),
        Squared(),
        examples=examples,
        members=[Member(train=torch.arange(10), learning_rate=rate) for rate in rates],
        plan=plan,
        state=torch.tensor([START, START], dtype=torch.float64),
    )
    path = descend("gradient_descent", features, y, rates=rates, updates=2000)
    torch.testing.assert_close(trained.state, path[-1], rtol=1e-9, atol=0)
    loss = (path[1000] @ features.T - y).square().sum(1)
    torch.testing.assert_close(torch.stack([curve.loss[1000] for curve in trained.curves]), loss, rtol=1e-9, atol=0)
