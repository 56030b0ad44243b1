"""The same functions once more, written as plainly as torch allows, for the tests to compare with."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from thetastar.functions import FunctionSet

ACTIVATIONS = {
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "hard_sigmoid": lambda z: (z / 6 + 0.5).clamp(0, 1),
    "selu": functional.selu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "mish": functional.mish,
}


def cut(functions: FunctionSet, state: Tensor) -> dict[str, Tensor]:
    """Cut one member's state into its named parts, in the order that ``parts`` and ``running`` promise."""
    parts = [*functions.parts, *functions.running]
    sizes = [part.size for part in parts]
    return {part.name: piece.view(part.shape) for part, piece in zip(parts, state.split(sizes), strict=True)}


def plain(
    functions: FunctionSet,
    theta: dict[str, Tensor],
    x: Tensor,
    *,
    training: bool = False,
    masks: Sequence[Tensor] | None = None,
) -> Tensor:
    """Return one member's outputs [rows, outputs]; training moves the running averages in ``theta``."""
    below = x[:, : functions.reads]
    for layer in range(len(functions.hidden)):
        z = below @ theta[f"weight{layer}"]
        if functions.batch_norm:
            z = functional.batch_norm(
                z,
                theta[f"mean{layer}"],
                theta[f"variance{layer}"],
                theta[f"gamma{layer}"],
                theta[f"beta{layer}"],
                training=training,
            )
        else:
            z = z + theta[f"bias{layer}"]
        active = ACTIVATIONS[functions.activation](z)
        if masks is not None:
            active = active * masks[layer]
        below = active + below if functions.residual and layer else active
    outputs = theta["bias"].expand(len(x), -1)
    if functions.shortcut:
        outputs = outputs + x[:, : functions.shortcut] @ theta["shortcut"]
    return outputs + below @ theta["readout"] if functions.hidden else outputs
