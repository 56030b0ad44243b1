"""A function in torch's own operations, for what differentiates it twice; training uses what is written out."""

from __future__ import annotations

from torch import Tensor

from thetastar.functions.activations import activation_named
from thetastar.functions.batch_norm import EPSILON
from thetastar.functions.function_set import FunctionSet
from thetastar.functions.parameters import views

__all__ = ["outputs_at"]


def outputs_at(functions: FunctionSet, state: Tensor, inputs: Tensor) -> Tensor:
    """Return the outputs that ``evaluate`` gives, through which autograd goes as often as is asked.

    Args:
        functions: The set of functions.
        state: One member's, [functions.state_size]: θ and, of batch normalisation, the running averages.
        inputs: [rows, functions.inputs]; the leading inputs that are read will do.

    Returns:
        [rows, outputs].
    """
    stacked = state.unsqueeze(0)
    theta = {name: part[0] for name, part in views(functions.parts, stacked).items()}
    running = {name: part[0] for name, part in views(functions.running, stacked).items()}
    activation = activation_named(functions.activation)
    below = inputs[:, : functions.reads]
    for layer in range(len(functions.hidden)):
        z = below @ theta[f"weight{layer}"]
        if functions.batch_norm:
            scale = theta[f"gamma{layer}"] * (running[f"variance{layer}"] + EPSILON).rsqrt()
            z = (z - running[f"mean{layer}"]) * scale + theta[f"beta{layer}"]
        else:
            z = z + theta[f"bias{layer}"]
        active = activation.plain(z)
        below = active + below if functions.residual and layer else active
    outputs = theta["bias"].expand(len(inputs), functions.outputs)
    if functions.shortcut:
        outputs = outputs + inputs[:, : functions.shortcut] @ theta["shortcut"]
    return outputs + below @ theta["readout"] if functions.hidden else outputs
