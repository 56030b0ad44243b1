"""R34: batch normalisation: μ and σ over the batch, then γ and β; gradients flow through μ and σ, averages for use."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from thetastar.descent import Examples, Member, Plan, train
from thetastar.errors import UserError
from thetastar.functions import FunctionSet, Pass, evaluate, initial, views
from thetastar.functions.batch_norm import EPSILON, MOMENTUM
from thetastar.losses import Squared

ROWS = 8
LAYER = FunctionSet(inputs=3, outputs=1, reads=3, hidden=(5,), activation="tanh", batch_norm=True)


@pytest.fixture
def batch() -> Tensor:
    return torch.randn(1, ROWS, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.fixture
def state() -> Tensor:
    return initial(LAYER, [0], dtype=torch.float64)


def a_pass(state: Tensor) -> tuple[Pass, Tensor]:
    gradient = torch.zeros(1, LAYER.size, dtype=torch.float64)
    return Pass(LAYER, state, gradient=gradient, rows=ROWS), gradient


def test_gamma_starts_at_one_and_beta_at_zero(state: Tensor) -> None:
    theta = views(LAYER.parts, state)
    assert (theta["gamma0"] == 1).all()
    assert (theta["beta0"] == 0).all()
    assert "bias0" not in theta  # subtracting μ would take it out again


def test_one_changed_row_changes_all_outputs(batch: Tensor, state: Tensor) -> None:
    network, _ = a_pass(state)
    before = network.forward(batch).clone()
    batch[0, 0] += 1.0
    after = network.forward(batch)
    assert ((after - before).abs() > 1e-6).all()


def test_the_gradient_flows_through_mean_and_deviation(batch: Tensor, state: Tensor) -> None:
    """The gradient by the weights equals differences; treating μ and σ as constants would not."""
    network, gradient = a_pass(state)
    slope = torch.zeros(1, ROWS, 1, dtype=torch.float64)
    slope[0, 0] = 1.0  # of the first row's output alone
    network.forward(batch)
    network.backward(batch, slope)
    weight, found = views(LAYER.parts, state)["weight0"], views(LAYER.parts, gradient)["weight0"].clone()
    step = 1e-6
    for place in [(0, 0, 0), (0, 2, 4)]:
        heights = []
        for move in (step, -2 * step):
            weight[place] += move
            heights.append(network.forward(batch)[0, 0, 0].item())
        weight[place] += step
        assert found[place].item() == pytest.approx((heights[0] - heights[1]) / (2 * step), rel=1e-5)
    constant = _as_if_constant(batch, state)
    assert (found - constant).norm() > 0.1 * found.norm()


def _as_if_constant(batch: Tensor, state: Tensor) -> Tensor:
    """Return the gradient of the first row's output by the weights, with μ and σ held fixed."""
    theta = views(LAYER.parts, state.clone())
    weight = theta["weight0"][0].clone().requires_grad_()
    z = batch[0] @ weight
    mean, variance = z.detach().mean(0), z.detach().var(0, unbiased=False)
    active = torch.tanh((z - mean) / (variance + EPSILON).sqrt())
    (gradient,) = torch.autograd.grad((active[0] @ theta["readout"][0]).sum(), weight)
    return gradient


def test_running_averages_are_for_use(batch: Tensor, state: Tensor) -> None:
    """After one batch they have moved a tenth of the way to its mean and unbiased variance."""
    network, _ = a_pass(state)
    z = batch[0] @ views(LAYER.parts, state)["weight0"][0]
    network.forward(batch)
    running = views(LAYER.running, state)
    torch.testing.assert_close(running["mean0"][0], MOMENTUM * z.mean(0))
    torch.testing.assert_close(running["variance0"][0], (1 - MOMENTUM) + MOMENTUM * z.var(0))
    # In use each row stands for itself: a changed row changes its own output only.
    before = evaluate(LAYER, state, batch)
    batch[0, 0] += 1.0
    changed = (evaluate(LAYER, state, batch) != before).flatten()
    assert changed.tolist() == [True] + [False] * (ROWS - 1)


def test_the_running_averages_arrive(batch: Tensor, state: Tensor) -> None:
    network, _ = a_pass(state)
    for _ in range(200):
        outputs = network.forward(batch)
    views(LAYER.running, state)["variance0"].mul_((ROWS - 1) / ROWS)  # training divides by N, use by N − 1
    torch.testing.assert_close(evaluate(LAYER, state, batch), outputs, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("rows", "batch_size"), [(10, 1), (1, 10)])
def test_a_batch_of_one_is_a_clear_error(rows: int, batch_size: int) -> None:
    examples = Examples(torch.randn(1, rows, 3), torch.randn(1, rows, 1), torch.ones(1, rows))
    member = Member(train=torch.arange(rows), batch_size=batch_size)
    with pytest.raises(UserError, match=r"at least two rows in a batch: the deviation of one row is 0"):
        train(LAYER, Squared(), examples=examples, members=[member], plan=Plan(updates=1))
