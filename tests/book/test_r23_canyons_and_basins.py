"""R23: where small batches end is flatter than where large ones do, at the same training loss and learning rate."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import thetastar as ts

ROWS, SMALL, LARGE = 4096, 32, 4096
RATE = 0.3
ENOUGH = 0.07  # the training loss at which descent stops, whatever its batches
MOST_PASSES = 200
SEEDS = 3


def rows(seed: int) -> tuple[Tensor, Tensor]:
    """Two classes, as a small network with large weights tells them apart."""
    torch.manual_seed(seed)
    X, teacher = torch.randn(ROWS, 10), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 2))
    with torch.no_grad():
        for each in teacher.parameters():
            each.mul_(3)
        return X, teacher(X).argmax(1)


def batches(size: int) -> tuple[Tensor, ...]:
    """One pass over the rows, or twenty updates with all of them."""
    return (torch.arange(ROWS),) * 20 if size == ROWS else torch.randperm(ROWS).split(size)


def found_with(size: int, X: Tensor, y: Tensor, *, seed: int) -> ts.Objective:
    """Train until the loss at the mean θ of a pass is small enough, and stand there: the mean is no longer noisy."""
    torch.manual_seed(seed)
    module = nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 2))
    optimizer = torch.optim.SGD(module.parameters(), lr=RATE)
    objective = ts.Objective(module, nn.CrossEntropyLoss(), (X, y))
    for _ in range(MOST_PASSES):
        passed = []
        for batch in batches(size):
            optimizer.zero_grad()
            nn.functional.cross_entropy(module(X[batch]), y[batch]).backward()
            optimizer.step()
            passed.append(torch.cat([each.detach().flatten() for each in module.parameters()]))
        mean = torch.stack(passed).mean(0)
        if objective.loss(mean) < ENOUGH:
            return objective.at(mean)
    raise AssertionError("the loss never became small enough to compare")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_large_batches_end_in_canyons(seed: int) -> None:
    X, y = rows(seed)
    basin, canyon = (
        ts.sharpness(found_with(size, X, y, seed=seed), share=0.03, row_share=0.3, draws=30) for size in (SMALL, LARGE)
    )
    assert abs(basin.loss - canyon.loss) < 0.01
    assert canyon.largest > 1.5 * basin.largest
    assert canyon.worst > 1.3 * basin.worst
    assert canyon.mean > basin.mean
