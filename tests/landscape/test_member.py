from __future__ import annotations

import pytest
import torch
from torch.testing import assert_close

from tests.functions.test_network import a_set, random_state
from thetastar.descent import Examples, mean_loss
from thetastar.functions import ACTIVATIONS, FunctionSet, Pass
from thetastar.landscape import member_objective
from thetastar.losses import LOSSES, Squared

ROWS, CLASSES = 11, 3


def rows_for(functions: FunctionSet, *, classes: bool) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    stream = torch.Generator().manual_seed(1)
    inputs = torch.randn(ROWS, functions.inputs, generator=stream, dtype=torch.float64)
    numbers = torch.randn(ROWS, functions.outputs, generator=stream, dtype=torch.float64)
    targets = torch.randint(functions.outputs, (ROWS,), generator=stream) if classes else numbers
    return inputs, targets, torch.rand(ROWS, generator=stream, dtype=torch.float64) + 0.1


@pytest.mark.parametrize("memory", [None, 1])
@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_loss_and_gradient_are_those_that_are_written_out(name: str, activation: str, memory: float | None) -> None:
    loss = LOSSES[name]
    outputs = CLASSES if loss.classes else 1
    functions = a_set(2, outputs, 3, activation=activation, residual=True, batch_norm=False)
    state = random_state(functions, 1)
    inputs, targets, weights = rows_for(functions, classes=loss.classes)
    objective = member_objective(
        functions, loss, state=state[0], inputs=inputs, targets=targets, weights=weights, memory=memory
    )
    assert (objective.size, objective.rows) == (functions.size, ROWS)
    gradient = torch.empty_like(state)
    written = Pass(functions, state, gradient=gradient, rows=ROWS)
    shares = (weights / weights.sum()).unsqueeze(0)
    value, slope = loss.value_and_gradient(written.forward(inputs[None]), targets[None], shares)
    written.backward(inputs[None], slope)
    assert objective.loss() == pytest.approx(float(value), rel=1e-12)
    assert_close(objective.gradient(), gradient[0])


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_hessian_is_that_of_differences(batch_norm: bool) -> None:
    functions = a_set(2, 1, 3, activation="tanh", residual=False, batch_norm=batch_norm)
    state = random_state(functions, 1)[0]
    inputs, targets, _ = rows_for(functions, classes=False)
    objective = member_objective(functions, Squared(), state=state, inputs=inputs, targets=targets)
    hessian = objective.hessian_product(torch.eye(objective.size))
    assert_close(hessian, hessian.T)
    step, theta = 1e-5, objective.theta
    direction = torch.randn(objective.size, dtype=torch.float64)
    ends = [objective.gradient(theta + sign * step * direction) for sign in (1, -1)]
    assert_close(hessian @ direction, (ends[0] - ends[1]) / (2 * step), rtol=1e-6, atol=1e-7)


def test_running_averages_judge_as_the_population_does() -> None:
    functions = a_set(2, 1, 3, activation="gelu", residual=True, batch_norm=True)
    state = random_state(functions, 1)
    inputs, targets, weights = rows_for(functions, classes=False)
    examples = Examples(inputs[None], targets[None], weights[None])
    judged = mean_loss(functions, Squared(), state=state, examples=examples, sources=[0], rows=[torch.arange(ROWS)])
    objective = member_objective(functions, Squared(), state=state[0], inputs=inputs, targets=targets, weights=weights)
    assert objective.loss() == pytest.approx(float(judged), rel=1e-12)
