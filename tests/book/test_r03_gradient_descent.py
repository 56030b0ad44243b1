"""R3: gradient descent, θ ← θ − η·g from a start, all parameters in one flat θ; η is a hyper-parameter."""

from __future__ import annotations

import pytest
import torch

from thetastar.descent import RULES, Examples, Member, Plan, Trained, train
from thetastar.functions import FunctionSet, evaluate, initial, views
from thetastar.losses import Squared

GOAL = 3.0  # L(θ) = (θ − 3)², so θ_t = 3 + (θ_0 − 3)(1 − 2η)^t
CONSTANT = FunctionSet(inputs=0, outputs=1)
SEEN = Examples(torch.empty(1, 1, 0, dtype=torch.float64), torch.full((1, 1, 1), GOAL), torch.ones(1, 1))


def descend(*rates: float, begin: float, updates: int) -> Trained:
    plan = Plan(updates=updates, rule=RULES["gradient_descent"])
    members = [Member(train=torch.arange(1), learning_rate=rate) for rate in rates]
    state = torch.full((len(rates), 1), begin, dtype=torch.float64)
    return train(CONSTANT, Squared(), examples=SEEN, members=members, plan=plan, state=state)


def test_the_path_in_closed_form() -> None:
    """Five learning rates side by side: slow, faster, in one step, overshooting, and too large."""
    rates = (0.01, 0.1, 0.5, 0.9, 1.1)
    trained = descend(*rates, begin=-1.0, updates=20)
    expected = [GOAL - 4.0 * (1 - 2 * rate) ** 20 for rate in rates]
    assert trained.state.flatten().tolist() == pytest.approx(expected, rel=1e-12)
    assert [curve.loss[-1].item() > curve.loss[0].item() for curve in trained.curves] == [False] * 4 + [True]


def test_it_stops_at_the_update_budget() -> None:
    assert len(descend(0.01, begin=0.0, updates=7).curves[0].loss) == 7


def test_at_a_zero_gradient_nothing_moves() -> None:
    trained = descend(0.1, begin=GOAL, updates=50)
    assert (trained.curves[0].gradient_norm == 0).all()
    assert trained.state.item() == GOAL


def test_all_parameters_are_one_flat_vector() -> None:
    """Weights and biases of every layer are views of θ: writing into θ changes the function."""
    functions = FunctionSet(inputs=2, outputs=1, reads=2, hidden=(3,))
    theta, x = initial(functions, [0]), torch.tensor([[[1.0, 2.0]]])
    parts = views(functions.parts, theta)
    assert list(parts) == ["bias", "weight0", "bias0", "readout"]
    assert theta.shape == (1, 1 + 2 * 3 + 3 + 3)
    before = evaluate(functions, theta, x)
    theta[0, 0] += 5.0
    assert parts["bias"].item() == 5.0
    torch.testing.assert_close(evaluate(functions, theta, x), before + 5.0)
