"""R22: small batches against large ones at equal epochs and at equal updates; noise helps to leave a critical point."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

import thetastar as ts
from tests.book.two_neurons import descend, fitted_neuron, objective_of, rows, split
from thetastar.descent import RULES, Examples, Member, Plan, mean_loss, train, updates_per_epoch
from thetastar.functions import FunctionSet
from thetastar.losses import CrossEntropy

ROWS, EPOCHS, UPDATES = 4096, 10, 300
BATCHES = (16, 64, 256, 1024, ROWS)
NETWORK = FunctionSet(inputs=10, outputs=2, reads=10, hidden=(32, 32), activation="tanh")


@dataclass(frozen=True)
class Result:
    """How training with one batch size went."""

    loss: float
    update_seconds: float
    epoch_seconds: float


def examples(seed: int) -> Examples:
    """Two classes, as a small network with large weights tells them apart."""
    torch.manual_seed(seed)
    X, teacher = torch.randn(ROWS, 10), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 2))
    with torch.no_grad():
        for each in teacher.parameters():
            each.mul_(3)
        return Examples(X[None], teacher(X).argmax(1)[None], torch.ones(1, ROWS))


def trained(seen: Examples, batch: int, *, updates: int) -> Result:
    everything = torch.arange(ROWS)
    member = Member(train=everything, learning_rate=0.1, batch_size=batch)
    plan = Plan(updates=updates, rule=RULES["gradient_descent"], check_every=updates)
    begin = time.perf_counter()
    end = train(NETWORK, CrossEntropy(), examples=seen, members=[member], plan=plan).state
    each = (time.perf_counter() - begin) / updates
    loss = mean_loss(NETWORK, CrossEntropy(), state=end, examples=seen, sources=[0], rows=[everything])
    return Result(float(loss), each, each * updates_per_epoch(ROWS, batch))


@pytest.mark.parametrize("seed", range(3))
def test_at_equal_epochs_the_larger_batch_has_the_larger_training_loss(seed: int) -> None:
    seen = examples(seed)
    found = [trained(seen, batch, updates=EPOCHS * updates_per_epoch(ROWS, batch)).loss for batch in BATCHES]
    assert all(smaller < larger for smaller, larger in pairwise(found))
    assert found[-1] > 3 * found[0]


def test_at_equal_updates_the_batch_makes_little_difference() -> None:
    seen = examples(0)
    found = [trained(seen, batch, updates=UPDATES).loss for batch in BATCHES]
    assert max(found) < 1.1 * min(found)


@pytest.mark.bench
def test_an_update_takes_longer_with_a_large_batch_and_an_epoch_with_a_small_one() -> None:
    seen = examples(0)
    small, large = (trained(seen, batch, updates=UPDATES) for batch in (BATCHES[0], BATCHES[-1]))
    assert large.update_seconds > 3 * small.update_seconds
    assert small.epoch_seconds > 3 * large.epoch_seconds


@pytest.mark.parametrize(("batch", "leaves"), [(32, True), (4000, False)])
def test_noise_leaves_a_saddle_on_which_the_full_batch_stays(batch: int, leaves: bool) -> None:
    """The two copies start with unequal shares, or each batch would move both alike."""
    module = split(fitted_neuron(), 0.3)
    before = objective_of(module)
    assert ts.critical_point(before).kind == "saddle"
    stochastic_descent(module, batch, updates=1000)
    descend(module)  # what is left is no noise of the last batches
    gained = before.loss() - objective_of(module).loss()
    assert gained > ts.escape(before).measured if leaves else abs(gained) < 1e-6


def stochastic_descent(module: nn.Module, batch: int, *, updates: int) -> None:
    x, y = rows()
    torch.manual_seed(0)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05)
    drawn: list[Tensor] = []
    for _ in range(updates):
        drawn = drawn or list(torch.randperm(len(x)).split(batch))
        some = drawn.pop()
        optimizer.zero_grad()
        nn.functional.mse_loss(module(x[some]), y[some]).backward()
        optimizer.step()
