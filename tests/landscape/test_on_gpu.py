"""The same numbers on a CUDA device, where other kernels compute."""

from __future__ import annotations

import pytest
import torch
from torch.testing import assert_close

import thetastar as ts
from tests.landscape import nets

pytestmark = pytest.mark.gpu


@pytest.mark.parametrize("name", nets.NETS)
def test_every_kind_of_layer_gives_its_brute_force_hessian(name: str) -> None:
    module, loss, rows = nets.case(name)
    hessian = nets.brute_force_hessian(module, loss, rows)
    own = tuple(part.cuda() for part in rows)
    for memory in (None, 1):
        objective = ts.Objective(module.cuda(), loss, own, memory=memory)
        assert objective.method == "double_backward"
        assert objective.device.type == "cuda"
        eye = torch.eye(objective.size)
        assert_close(objective.hessian_product(eye).cpu(), hessian)
        assert_close(
            objective.gauss_newton_product(eye).cpu(), ts.Objective(module.cpu(), loss, rows).gauss_newton_product(eye)
        )


def test_the_random_state_of_the_device_is_given_back() -> None:
    module, loss, rows = nets.case("gru")
    torch.cuda.manual_seed(3)
    before = torch.cuda.get_rng_state()
    flags = (torch.backends.cudnn.enabled, torch.backends.cuda.flash_sdp_enabled())

    def noisy(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        torch.rand(1, device="cuda")
        return loss(outputs, targets)

    objective = ts.Objective(module.cuda(), noisy, tuple(part.cuda() for part in rows))
    objective.hessian_product(torch.ones(objective.size))
    assert torch.equal(torch.cuda.get_rng_state(), before)
    assert (torch.backends.cudnn.enabled, torch.backends.cuda.flash_sdp_enabled()) == flags
