from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.testing import assert_close

import thetastar as ts
from tests.landscape import nets
from thetastar.errors import UserError


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_refused(dtype: torch.dtype) -> None:
    module, loss, rows = nets.case("mlp")
    with pytest.raises(
        UserError, match=f"the parameter '0.weight' is {dtype}, and second .* pass dtype=torch.float32 or"
    ):
        ts.Objective(module.to(dtype), loss, rows)


def test_parameters_of_two_precisions_are_refused() -> None:
    module, loss, rows = nets.case("mlp")
    module[3].float()
    with pytest.raises(UserError, match=r"of several types, torch\.float32, torch\.float64: θ is one vector"):
        ts.Objective(module, loss, rows)


def test_a_module_without_parameters_that_count_is_refused() -> None:
    module, loss, rows = nets.case("mlp")
    with pytest.raises(UserError, match="none of the module's 4 parameters requires a gradient, so there is no θ"):
        ts.Objective(module.requires_grad_(False), loss, rows)


def test_a_module_that_has_not_run_yet_is_refused() -> None:
    _, loss, rows = nets.case("mlp")
    with pytest.raises(UserError, match="the parameter 'weight' has no shape yet: run the module once"):
        ts.Objective(nn.LazyLinear(3), loss, rows)


def test_a_plain_function_is_pointed_elsewhere() -> None:
    _, loss, rows = nets.case("mlp")
    with pytest.raises(UserError, match=r"must be a torch\.nn\.Module, seen function; .* Objective\.of\(function"):
        ts.Objective(lambda x: x, loss, rows)  # type: ignore[arg-type]  # that is what is tested


def test_theta_lists_shared_parameters_once_in_the_order_of_the_module() -> None:
    module, loss, rows = nets.case("tied embedding")
    objective = ts.Objective(module, loss, rows)
    assert objective.size == 3 * 3 + 3 * 3 + 3 + 3
    assert_close(objective.theta, torch.cat([each.detach().flatten() for each in module.parameters()]))


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")  # of what torch.compile loads
def test_wrappers_are_looked_through() -> None:
    module, loss, rows = nets.case("mlp")
    wanted = nets.brute_force_hessian(module, loss, rows)
    for wrapped in (nn.DataParallel(module), torch.compile(module, backend="eager")):
        objective = ts.Objective(wrapped, loss, rows)
        assert_close(objective.hessian_product(torch.eye(objective.size)), wanted)


@pytest.mark.parametrize("own", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("name", nets.NETS)
def test_a_coarse_module_may_be_judged_in_double_precision(name: str, own: torch.dtype) -> None:
    module, _, rows = nets.case(name, dtype=own)
    next(module.parameters()).requires_grad_(False)
    before = {name: (id(value), value.dtype) for name, value in module.state_dict(keep_vars=True).items()}
    weighted = nn.CrossEntropyLoss(label_smoothing=0.1, weight=torch.full((nets.CLASSES,), 2.0))  # float32, too
    objective = ts.Objective(module, weighted, rows, dtype=torch.float64)
    assert objective.dtype == torch.float64
    found = objective.hessian_product(torch.eye(objective.size))
    assert {name: (id(value), value.dtype) for name, value in module.state_dict(keep_vars=True).items()} == before
    exact = nn.CrossEntropyLoss(label_smoothing=0.1)
    X = rows[0].double() if rows[0].is_floating_point() else rows[0]
    assert_close(found, nets.brute_force_hessian(module.double(), exact, (X, rows[1])))


def test_only_two_precisions_are_offered() -> None:
    module, loss, rows = nets.case("mlp")
    with pytest.raises(UserError, match="second derivatives need float32 or float64: pass dtype="):
        ts.Objective(module, loss, rows, dtype=torch.float16)


def test_the_state_of_a_loss_is_its_own() -> None:
    class Counting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("calls", torch.zeros(()))

        def forward(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
            self.calls += 1
            return nn.functional.cross_entropy(outputs, targets)

    module, _, rows = nets.case("mlp")
    loss = Counting()
    ts.Objective(module, loss, rows).hessian_product(torch.ones(27))
    assert float(loss.calls) == 0
    assert loss.training


def test_a_parameter_without_dimensions_is_one_number_of_theta() -> None:
    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale, self.line = nn.Parameter(torch.tensor(2.0)), nn.Linear(1, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.scale * self.line(x)

    module = Scaled()
    objective = ts.Objective(module, nn.MSELoss(), (torch.randn(9, 1), torch.randn(9, 1)))
    assert objective.size == 3
    assert objective.hessian_product(torch.eye(3)).shape == (3, 3)
    assert ts.surface(objective, (0, 1), points=3).origin[0] == 2
    assert ts.sharpness(objective, torch.optim.SGD(module.parameters(), lr=0.1)).stability is not None
