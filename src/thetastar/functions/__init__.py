"""Step 1: sets of functions with unknown parameters θ, from a constant to a deep network."""

from thetastar.functions.activations import ACTIVATIONS, Activation, activation_named
from thetastar.functions.differentiable import outputs_at
from thetastar.functions.dropout import Dropout
from thetastar.functions.function_set import FunctionSet
from thetastar.functions.initial import initial
from thetastar.functions.ladder import RUNGS, embed, ladder
from thetastar.functions.network import Pass, evaluate
from thetastar.functions.parameters import Part, lay_out, views
from thetastar.functions.products import fast_products
from thetastar.functions.scaled import scaled

__all__ = [
    # the ladder
    "RUNGS",
    "FunctionSet",
    "embed",
    "initial",
    "ladder",
    "scaled",
    # θ as a flat vector
    "Part",
    "lay_out",
    "views",
    # forward and backward
    "ACTIVATIONS",
    "Activation",
    "Dropout",
    "Pass",
    "activation_named",
    "fast_products",
    "evaluate",
    "outputs_at",
]
