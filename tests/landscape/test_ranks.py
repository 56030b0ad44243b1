"""Two processes with their own rows give what one gives with all of them."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import torch
from torch import distributed, multiprocessing, nn
from torch.nn.parallel import DistributedDataParallel
from torch.testing import assert_close

import thetastar as ts
from tests.landscape import nets
from thetastar.errors import FallbackWarning, UserError

RANKS = 2
CUT = 2  # rows of the first rank; the second has the others


def on_every_rank(rank: int, meeting: str) -> None:
    warnings.simplefilter("error")
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=RANKS)
    try:
        sums_go_over_ranks(rank)
        failures_are_told(rank)
    finally:
        distributed.destroy_process_group()


def sums_go_over_ranks(rank: int) -> None:
    module, loss, (X, y) = nets.case("convolution")
    own = slice(None, CUT) if rank == 0 else slice(CUT, None)
    eye = torch.eye(nets.flat(module).numel())
    alone = ts.Objective(module, loss, (X, y), across_ranks=False)
    assert alone.rows == nets.ROWS
    nearby = torch.stack([0.9 * alone.theta, alone.theta, 1.1 * alone.theta])
    for memory in (None, 1):
        for wrapped in (module, DistributedDataParallel(module)):
            together = ts.Objective(wrapped, loss, (X[own], y[own]), memory=memory)
            assert together.rows == nets.ROWS
            assert together.loss() == pytest.approx(alone.loss(), rel=1e-14)
            assert_close(together.losses(nearby), alone.losses(nearby))
            assert_close(together.gradient(), alone.gradient())
            assert_close(together.hessian_product(eye), alone.hessian_product(eye))
            assert_close(together.gauss_newton_product(eye), alone.gauss_newton_product(eye))
    assert ts.sharpness(together).worst == pytest.approx(ts.sharpness(alone).worst)
    apart = ts.Objective(module, loss, (X[own], y[own]), across_ranks=False)
    assert apart.rows == (CUT, nets.ROWS - CUT)[rank]
    assert apart.loss() != pytest.approx(alone.loss(), rel=1e-6)


def failures_are_told(rank: int) -> None:
    module, loss, (X, y) = nets.case("mlp", seed=rank)
    with pytest.raises(UserError, match="the ranks' parameters differ: load the same state on every rank"):
        ts.Objective(module, loss, (X, y))
    module, loss, (X, y) = nets.case("mlp")
    objective = ts.Objective(module, loss, (torch.cat([X] * 2), torch.cat([y] * 2)))
    wrong = objective.theta.fill_(torch.nan)
    with pytest.raises(UserError, match="the gradient at this θ is not finite, where the loss is nan"):
        objective.gradient(wrong)
    with pytest.warns(FallbackWarning, match="is not the mean of their losses"):
        ts.Objective(module, nn.CrossEntropyLoss(weight=torch.tensor([1.0, 5.0, 25.0], dtype=torch.float64)), (X, y))


@pytest.mark.slow
@pytest.mark.skipif(not distributed.is_gloo_available(), reason="torch was built without gloo")
def test_rows_of_two_processes_are_summed(tmp_path: Path) -> None:
    multiprocessing.spawn(on_every_rank, args=(str(tmp_path / "meeting"),), nprocs=RANKS)
