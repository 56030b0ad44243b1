"""The module and the process are the same before and after, whatever happened in between."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close
from torch.utils.data import DataLoader, TensorDataset

import thetastar as ts
from tests.landscape import nets
from thetastar.landscape.given_back import judged, random_state_kept


def state_of(module: nn.Module) -> dict[str, Any]:
    """Everything that could have been changed, values as copies and objects by identity."""
    cudnn, mkldnn, cuda = torch.backends.cudnn, torch.backends.mkldnn, torch.backends.cuda
    state: dict[str, Any] = {
        "python": random.getstate(),
        "numpy": str(np.random.get_state()),
        "torch": torch.get_rng_state().tolist(),
        "kernels": (cudnn.enabled, mkldnn.enabled, mkldnn.matmul.fp32_precision, mkldnn.conv.fp32_precision),
        "attention": (cuda.flash_sdp_enabled(), cuda.mem_efficient_sdp_enabled(), cuda.math_sdp_enabled()),
        "fast path": torch.backends.mha.get_fastpath_enabled(),
        "modes": (torch.is_grad_enabled(), torch.is_autocast_enabled("cpu"), torch.is_inference_mode_enabled()),
    }
    for name, part in module.named_modules():
        state[f"{name} attributes"] = {key: id(value) for key, value in vars(part).items()}
        state[f"{name} mode"] = part.training
    for name, value in [*module.named_parameters(), *module.named_buffers()]:
        grad = None if value.grad is None else (id(value.grad), value.grad.tolist())
        state[name] = (id(value), value._version, value.tolist(), value.requires_grad, grad)
    return state


def everything(module: nn.Module, loss: nets.Loss, data: object) -> None:
    objective = ts.Objective(module, loss, data)
    vectors = torch.randn(objective.size, 2, generator=torch.Generator().manual_seed(0))
    objective.loss(objective.theta + 1)
    objective.gradient()
    objective.hessian_product(vectors)
    objective.hessian_product(vectors)
    objective.gauss_newton_product(vectors, objective.theta / 2)


def mixed_modes(module: nn.Module) -> nn.Module:
    """Some parts train, some don't, and there are gradients."""
    for index, part in enumerate(module.modules()):
        part.training = index % 2 == 0
    for index, parameter in enumerate(module.parameters()):
        parameter.grad = torch.ones_like(parameter) if index % 2 else None
    return module


@pytest.mark.parametrize("name", nets.NETS)
def test_a_module_is_given_back_as_it_came(name: str) -> None:
    module, loss, rows = nets.case(name)
    before = state_of(mixed_modes(module))
    everything(module, loss, rows)
    assert state_of(module) == before


@pytest.mark.filterwarnings("ignore:.*weight_norm.*deprecated:FutureWarning")
def test_weights_that_a_hook_computes_are_given_back() -> None:
    module, loss, rows = nets.case("mlp")
    nn.utils.weight_norm(module[0])
    before = state_of(mixed_modes(module))
    everything(module, loss, rows)
    assert state_of(module) == before
    objective = ts.Objective(module, loss, rows)
    assert objective.method == "double_backward"
    step, direction = 1e-5, torch.randn(objective.size, dtype=torch.float64)
    ends = [objective.gradient(objective.theta + sign * step * direction) for sign in (1, -1)]
    assert_close(objective.hessian_product(direction), (ends[0] - ends[1]) / (2 * step), rtol=1e-6, atol=1e-8)


def test_a_loader_that_shuffles_leaves_the_random_state() -> None:
    module, loss, rows = nets.case("mlp")
    before = state_of(module)
    everything(module, loss, DataLoader(TensorDataset(*rows), batch_size=2, shuffle=True))
    assert state_of(module) == before


class Failing(nn.Module):
    """Raises on a certain call, after it has changed what it can."""

    def __init__(self, error: type[BaseException], call: int) -> None:
        super().__init__()
        self.inner, self.error, self.left = nets.mlp().double(), error, [call]
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        self.left[0] -= 1
        self.calls += 1
        self.last = x
        torch.rand(1), np.random.rand(), random.random()
        if self.left[0] < 0:
            raise self.error
        return self.inner(x)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("call", [0, 1, 3, 6, 8, 10, 11, 1000])
def test_a_module_is_given_back_after_an_exception(error: type[BaseException], call: int) -> None:
    _, loss, rows = nets.case("mlp")
    module = mixed_modes(Failing(error, call))
    before = state_of(module)
    if call == 1000:
        everything(module, loss, rows)
    else:
        with pytest.raises(error):
            everything(module, loss, rows)
    assert state_of(module) == before


def test_an_objective_works_on_after_an_interruption() -> None:
    module, loss, rows = nets.case("mlp")
    again = [False]

    def interrupted(outputs: Tensor, targets: Tensor) -> Tensor:
        if again[0] and len(targets) == 1:
            again[0] = False
            raise KeyboardInterrupt
        return loss(outputs, targets)

    objective = ts.Objective(module, interrupted, rows, memory=1)
    vector = torch.ones(objective.size, dtype=torch.float64)
    again[0] = True
    with pytest.raises(KeyboardInterrupt):
        objective.hessian_product(vector)
    assert_close(objective.hessian_product(vector), nets.brute_force_hessian(module, loss, rows) @ vector)


def test_hooks_are_called_and_stay() -> None:
    module, loss, rows = nets.case("mlp")
    wanted, calls = nets.brute_force_hessian(module, loss, rows), []
    module[0].register_forward_hook(lambda *_: calls.append("forward"))
    module[3].register_full_backward_hook(lambda *_: calls.append("backward"))
    module[0].weight.register_hook(lambda _: calls.append("parameter"))
    before = state_of(module)
    objective = ts.Objective(module, loss, rows)
    assert_close(objective.hessian_product(torch.eye(objective.size)), wanted)
    assert state_of(module) == before
    assert {"forward", "backward"} <= set(calls)
    assert "parameter" not in calls, "the module's own parameters took no part"


def test_dropout_is_off_and_statistics_are_frozen_while_it_is_judged() -> None:
    seen: list[tuple[bool, ...]] = []
    module, loss, rows = nets.case("convolution")
    module.train()
    module.register_forward_hook(lambda own, *_: seen.append(tuple(part.training for part in own.modules())))
    everything(module, loss, rows)
    assert set(seen) == {(False,) * len(list(module.modules()))}


def test_a_module_that_merges_weights_in_eval_is_not_asked_to() -> None:
    class Merging(nn.Linear):
        def train(self, mode: bool = True) -> Merging:
            raise AssertionError(f"train({mode}) would change its parameters")

    everything(Merging(2, nets.CLASSES).double(), nn.CrossEntropyLoss(), nets.case("mlp")[2])


def draw() -> tuple[float, float, float]:
    return random.random(), float(np.random.rand()), float(torch.rand(()))


@pytest.mark.parametrize(
    "kept", [random_state_kept, lambda: judged(nn.Linear(1, 1), device=torch.device("cpu"))], ids=["random", "judged"]
)
def test_random_numbers_go_on_where_they_were(kept: Callable[[], Any]) -> None:
    with kept():
        inside = draw()
    assert draw() == inside
    assert draw() != inside
