"""The same function, larger or smaller."""

from __future__ import annotations

from torch import Tensor

from thetastar.functions.function_set import FunctionSet
from thetastar.functions.parameters import views

__all__ = ["scaled"]

_ADDED_UP = ("bias", "shortcut", "readout")  # the parts whose products are summed to the outputs


def scaled(functions: FunctionSet, state: Tensor, factor: float) -> Tensor:
    """Return the θ in the same set whose outputs are those of ``state`` times a factor.

    Args:
        functions: The set of functions.
        state: [members, functions.state_size].
        factor: Any number.

    Returns:
        [members, functions.state_size].
    """
    result = state.clone()
    for name, part in views(functions.parts, result).items():
        if name in _ADDED_UP:
            part.mul_(factor)
    return result
