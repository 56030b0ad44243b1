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
    with pytest.raises(UserError, match=f"the parameter '0.weight' is {dtype}, too coarse .* pass module.float()"):
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
