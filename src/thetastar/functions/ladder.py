"""The ladder of function sets, from a constant to a deep network, each containing the one below it."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from thetastar.errors import UserError
from thetastar.functions.activations import activation_named
from thetastar.functions.function_set import FunctionSet
from thetastar.functions.parameters import views

__all__ = ["RUNGS", "embed", "ladder"]

RUNGS = ("constant", "linear", "hard_sigmoids", "hidden", "deep")


def ladder(
    *, inputs: int, plain: int, outputs: int, width: int = 128, depth: int = 3, activation: str = "relu"
) -> dict[str, FunctionSet]:
    """Return the five rungs on the same encoded inputs.

    Args:
        inputs: Width of an encoded row: plain inputs first, then hard-sigmoid pieces.
        plain: How many of them are plain (normalised numbers, indicators, one-hot).
        outputs: 1 for regression, one logit per class for classification.
        width: Of each hidden layer.
        depth: Hidden layers of the deep rung.
        activation: Of the hidden layers.
    """
    constant = FunctionSet(inputs=inputs, outputs=outputs, activation=activation, residual=True)
    pieces = replace(constant, shortcut=inputs)
    return {
        "constant": constant,
        "linear": replace(constant, shortcut=plain),
        "hard_sigmoids": pieces,
        "hidden": replace(pieces, reads=inputs, hidden=(width,)),
        "deep": replace(pieces, reads=inputs, hidden=(width,) * depth),
    }


def embed(lower: FunctionSet, state: Tensor, higher: FunctionSet) -> Tensor:
    """Return the θ in a higher rung that is the same function as θ in a lower one.

    Weights that the lower rung lacks are 0; a residual layer that it lacks gets the bias at which its activation is 0.

    Args:
        lower: The rung that ``state`` belongs to.
        state: [members, lower.state_size].
        higher: A set that contains it: no narrower in any part, no shallower, and the same kind of layers.

    Returns:
        [members, higher.state_size].

    Raises:
        UserError: if ``higher`` does not contain ``lower``.
    """
    if not _contains(higher, lower):
        raise UserError(f"{higher} does not contain {lower}")
    result = state.new_zeros(state.shape[0], higher.state_size)
    source = views(lower.parts, state)
    quiet = activation_named(higher.activation).zero
    for name, part in views(higher.parts, result).items():
        if name in source:
            _corner(part, source[name])
        elif name.startswith(("bias", "beta")):
            part.fill_(quiet)
        elif name.startswith("gamma"):
            part.fill_(1.0)
    running = views(lower.running, state)
    for name, part in views(higher.running, result).items():
        part.fill_(1.0 if name.startswith("variance") else 0.0)
        if name in running:
            _corner(part, running[name])
    return result


def _corner(target: Tensor, values: Tensor) -> None:
    """Write values into the leading corner of a larger tensor."""
    target[tuple(slice(size) for size in values.shape)] = values


def _contains(higher: FunctionSet, lower: FunctionSet) -> bool:
    """Tell whether a θ in ``higher`` can reproduce every θ in ``lower`` by padding."""
    same_ends = (higher.inputs, higher.outputs) == (lower.inputs, lower.outputs)
    if not same_ends or higher.shortcut < lower.shortcut or len(higher.hidden) < len(lower.hidden):
        return False
    if not lower.hidden:
        return True
    widths = all(high >= low for high, low in zip(higher.hidden, lower.hidden, strict=False))
    alike = (higher.activation, higher.batch_norm) == (lower.activation, lower.batch_norm)
    deeper = len(higher.hidden) > len(lower.hidden)
    addable = higher.residual if deeper else higher.residual == lower.residual or len(lower.hidden) == 1
    first_residual_ok = not deeper or lower.residual or len(lower.hidden) == 1
    return widths and alike and addable and first_residual_ok and higher.reads >= lower.reads
