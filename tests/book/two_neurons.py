"""A saddle that is made to order: the minimum of one neuron, as two neurons."""

from __future__ import annotations

import torch
from torch import Tensor, nn

import thetastar as ts

ROWS = 4000


def neurons(count: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(1, count), nn.Tanh(), nn.Linear(count, 1)).double()


def rows() -> tuple[Tensor, Tensor]:
    """A curve that one neuron can't follow."""
    x = torch.linspace(-2, 2, ROWS, dtype=torch.float64)[:, None]
    return x, 4 * torch.sin(2 * x) + x


def descend(module: nn.Module) -> None:
    """Go on until the gradient is zero."""
    x, y = rows()
    optimizer = torch.optim.LBFGS(
        module.parameters(), max_iter=2000, tolerance_grad=1e-13, tolerance_change=0, line_search_fn="strong_wolfe"
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(module(x), y)
        loss.backward()
        return loss

    optimizer.step(closure)


def fitted_neuron() -> nn.Sequential:
    """One neuron where its loss is smallest."""
    torch.manual_seed(0)
    module = neurons(1)
    descend(module)
    return module


def split(neuron: nn.Sequential, share: float) -> nn.Sequential:
    """Two neurons that together compute what one did (Fukumizu and Amari, Local minima and plateaus, 2000)."""
    module = neurons(2)
    with torch.no_grad():
        for copy, original in ((module[0].weight, neuron[0].weight), (module[0].bias, neuron[0].bias)):
            copy.copy_(torch.cat([original, original]))
        module[2].weight.copy_(torch.cat([share * neuron[2].weight, (1 - share) * neuron[2].weight], 1))
        module[2].bias.copy_(neuron[2].bias)
    return module


def objective_of(module: nn.Module) -> ts.Objective:
    return ts.Objective(module, nn.MSELoss(), rows())
