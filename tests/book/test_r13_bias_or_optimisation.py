"""R13: a deeper network with a larger *training* loss than its shallower part is an issue of optimisation."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

import thetastar as ts

WIDTH, SHALLOW, DEEP = 16, 20, 56
UPDATES, RATE, MOMENTUM = 500, 0.01, 0.9


def plain(depth: int) -> nn.Sequential:
    """A network without shortcuts, initialised after He et al. (2015)."""
    widths = [2, *[WIDTH] * (depth - 1), 2]
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        nn.init.kaiming_normal_(layers[-2].weight)
        nn.init.zeros_(layers[-2].bias)
    return nn.Sequential(*layers[:-1])


def deeper(network: nn.Sequential) -> nn.Sequential:
    """The same function with more layers before the last, each of which passes on what it gets."""
    hidden, last = list(network[:-1]), network[-1]
    for _ in range(DEEP - SHALLOW):
        layer = nn.Linear(WIDTH, WIDTH)
        nn.init.eye_(layer.weight)
        nn.init.zeros_(layer.bias)
        hidden += [layer, nn.ReLU()]
    return nn.Sequential(*hidden, last)


def spirals(seed: int) -> tuple[Tensor, Tensor]:
    torch.manual_seed(seed)
    turn, y = torch.rand(200) * 3 * math.pi, torch.randint(2, (200,))
    angle = turn + math.pi * y
    return torch.stack([turn * angle.cos(), turn * angle.sin()], 1) / 5, y


def trained(network: nn.Sequential, X: Tensor, y: Tensor) -> ts.Objective:
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE, momentum=MOMENTUM)
    for _ in range(UPDATES):
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(X), y).backward()
        optimizer.step()
    return ts.Objective(network, nn.CrossEntropyLoss(), (X, y))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_56_layers_end_above_20_though_they_contain_them(seed: int) -> None:
    X, y = spirals(seed)
    torch.manual_seed(seed)
    shallow = plain(SHALLOW)
    reached = trained(shallow, X, y).loss()
    assert trained(plain(DEEP), X, y).loss() > reached + 0.05
    # No model bias: this θ of the deep network is as good as the shallow one.
    assert ts.Objective(deeper(shallow), nn.CrossEntropyLoss(), (X, y)).loss() == pytest.approx(reached, rel=1e-4)
