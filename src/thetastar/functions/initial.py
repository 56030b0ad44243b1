"""Where descent starts: random weights scaled so that signals neither fade nor grow from layer to layer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from thetastar.functions.activations import activation_named
from thetastar.functions.function_set import FunctionSet
from thetastar.functions.parameters import views

__all__ = ["initial"]


def initial(functions: FunctionSet, seeds: Sequence[int], *, dtype: torch.dtype = torch.float32) -> Tensor:
    """Draw a starting state for every member from its own random stream.

    Weights are normal with standard deviation gain/√fan_in (He et al., Delving Deep into Rectifiers, 2015, eq. 10, for
    ReLU); residual layers are shrunk by √depth, so that the sum over layers keeps its scale. Where there is a shortcut
    the readout starts at zero: the network is at first exactly the simpler function it contains (the idea of Zhang et
    al., Fixup Initialization, 2019).

    Args:
        functions: The set of functions.
        seeds: One seed per member.
        dtype: Of the state.

    Returns:
        [members, functions.state_size], on the CPU so that every device starts alike.
    """
    state = torch.zeros(len(seeds), functions.state_size, dtype=dtype)
    for member, seed in enumerate(seeds):
        _draw(functions, state[member : member + 1], torch.Generator().manual_seed(seed))
    return state


def _draw(functions: FunctionSet, state: Tensor, stream: torch.Generator) -> None:
    """Fill one member's state [1, state_size] in place."""
    gain = activation_named(functions.activation).gain
    for name, part in views(functions.parts, state).items():
        if name.startswith("gamma"):
            part.fill_(1.0)
        elif name.startswith("weight") or name == "readout":
            # Drawn in float64 so that both precisions start at the same point.
            normal = torch.randn(part.shape, generator=stream, dtype=torch.float64)
            part.copy_(normal * (_gain_of(functions, name, gain) / math.sqrt(part.shape[-2])))
    for name, part in views(functions.running, state).items():
        part.fill_(1.0 if name.startswith("variance") else 0.0)


def _gain_of(functions: FunctionSet, name: str, gain: float) -> float:
    """Return how much the standard deviation of a weight exceeds 1/√fan_in."""
    if name == "readout":
        return 0.0 if functions.shortcut else 1.0
    residual = functions.residual and name != "weight0"
    return gain / math.sqrt(len(functions.hidden)) if residual else gain
