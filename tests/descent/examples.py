"""Small examples and members for the tests of training."""

from __future__ import annotations

import torch

from thetastar.descent import Examples
from thetastar.functions import FunctionSet

ROWS, INPUTS = 60, 4


def some_examples(
    *, sources: int = 2, rows: int = ROWS, outputs: int = 1, dtype: torch.dtype = torch.float64, noise: float = 0.1
) -> Examples:
    """Return a bent curve with noise, another one for each source."""
    stream = torch.Generator().manual_seed(0)
    inputs = torch.randn(sources, rows, INPUTS, generator=stream, dtype=torch.float64)
    weights = torch.randn(sources, INPUTS, outputs, generator=stream, dtype=torch.float64)
    targets = torch.sin(inputs @ weights)
    targets += noise * torch.randn(targets.shape, generator=stream, dtype=torch.float64)
    return Examples(inputs.to(dtype), targets.to(dtype), torch.ones(sources, rows, dtype=dtype))


def network(
    *, outputs: int = 1, hidden: tuple[int, ...] = (8, 8), batch_norm: bool = False, activation: str = "relu"
) -> FunctionSet:
    """Return functions with a linear part and residual layers."""
    return FunctionSet(
        inputs=INPUTS,
        outputs=outputs,
        shortcut=INPUTS,
        reads=INPUTS if hidden else 0,
        hidden=hidden,
        residual=True,
        batch_norm=batch_norm,
        activation=activation,
    )
