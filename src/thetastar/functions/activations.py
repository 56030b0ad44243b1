"""The bends between two layers: each activation with its own derivative, written into buffers.

A training step calls these thousands of times a second, so nothing is allocated: the caller hands in where
the result goes. An activation whose derivative can be read off its *output* (ReLU, the sigmoids, tanh, SELU)
may overwrite its input; the others (GELU, SiLU, Mish) need the input again and must be given a second buffer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor
from torch.nn import functional

from thetastar.errors import UserError

__all__ = ["ACTIVATIONS", "Activation", "activation_named"]

# Klambauer et al. (2017), "Self-Normalizing Neural Networks", section 2: fixed point at mean 0, variance 1.
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805

_aten = torch.ops.aten


@dataclass(frozen=True, kw_only=True)
class Activation:
    """An activation a(z), its derivative, and what a layer that uses it has to know.

    Attributes:
        name: What the recipe and the report call it.
        forward: `forward(z, out)` writes a(z) into `out`, of z's shape and dtype; `out` may be z itself only
            when `in_place` is true. NaN stays NaN, so that a diverging member is seen in its loss.
        plain: a(z) as torch's own operation, which autograd differentiates twice; the same values.
        backward: `backward(gradient, kept, out)` writes gradient · a′(z) into `out`, which may be `gradient`
            itself; `kept` is the output a(z) when `in_place` is true, otherwise z.
        in_place: Whether a′ can be computed from the output alone.
        zero: A value of z at which a(z) is exactly 0: a unit with incoming weights 0 and this bias is
            switched off, which is how a wider network reproduces a narrower one.
        gain: The deviation of a layer's initial weights is gain / √(inputs). It is 1 / √E[a(z)²] for a
            standard normal z, so that the mean square of the pre-activations stays 1 from layer to layer: the
            forward condition of He et al. (2015), "Delving Deep into Rectifiers", equation 10, which gives
            ReLU its √2, and SELU the 1 of LeCun et al. (1998), "Efficient BackProp", section 4.6, that it was
            built for.
    """

    name: str
    forward: Callable[[Tensor, Tensor], None]
    plain: Callable[[Tensor], Tensor]
    backward: Callable[[Tensor, Tensor, Tensor], None]
    in_place: bool
    zero: float
    gain: float


def activation_named(name: str) -> Activation:
    """Look an activation up by its name.

    Raises:
        UserError: There is no activation of that name.

    Example:
        >>> activation_named("relu").in_place
        True
    """
    if name not in ACTIVATIONS:
        raise UserError(f"unknown activation {name!r}; choose one of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]


def _relu(z: Tensor, out: Tensor) -> None:
    torch.clamp_min(z, 0.0, out=out)


def _relu_backward(gradient: Tensor, kept: Tensor, out: Tensor) -> None:
    """a′ = 1 where a > 0, else 0 (also at the corner)."""
    _aten.threshold_backward.grad_input(gradient, kept, 0.0, grad_input=out)


def _sigmoid(z: Tensor, out: Tensor) -> None:
    torch.sigmoid(z, out=out)


def _sigmoid_backward(gradient: Tensor, kept: Tensor, out: Tensor) -> None:
    """a′ = a(1 − a)."""
    _aten.sigmoid_backward.grad_input(gradient, kept, grad_input=out)


def _tanh(z: Tensor, out: Tensor) -> None:
    torch.tanh(z, out=out)


def _tanh_backward(gradient: Tensor, kept: Tensor, out: Tensor) -> None:
    """a′ = 1 − a²."""
    _aten.tanh_backward.grad_input(gradient, kept, grad_input=out)


def _hard_sigmoid(z: Tensor, out: Tensor) -> None:
    """Hard sigmoid: clip(z/6 + 1/2, 0, 1)."""
    _aten.hardsigmoid.out(z, out=out)


def _plain_hard_sigmoid(z: Tensor) -> Tensor:
    """The same by a clip, as torch's kernel has no second derivative."""
    return (z / 6.0 + 0.5).clamp(0.0, 1.0)


def _hard_sigmoid_backward(gradient: Tensor, kept: Tensor, out: Tensor) -> None:
    """a′ = 1/6 where 0 < a < 1, else 0: a clip of the output, whose kernel exists, then the slope."""
    _aten.hardtanh_backward.grad_input(gradient, kept, 0.0, 1.0, grad_input=out)
    out.mul_(1.0 / 6.0)


def _selu(z: Tensor, out: Tensor) -> None:
    """SELU: s·z for z > 0, else s·α·(eᶻ − 1)."""
    _aten.elu.out(z, SELU_ALPHA, SELU_SCALE, 1.0, out=out)


def _selu_backward(gradient: Tensor, kept: Tensor, out: Tensor) -> None:
    """a′ = s for a > 0, else s·α·eᶻ = a + s·α (the kernel's `True`: it is handed the output)."""
    _aten.elu_backward.grad_input(gradient, SELU_ALPHA, SELU_SCALE, 1.0, True, kept, grad_input=out)


def _gelu(z: Tensor, out: Tensor) -> None:
    """GELU: z·Φ(z) with the exact normal distribution function Φ."""
    _aten.gelu.out(z, out=out)


def _gelu_backward(gradient: Tensor, kept: Tensor, out: Tensor) -> None:
    """a′ = Φ(z) + z·φ(z)."""
    _aten.gelu_backward.grad_input(gradient, kept, grad_input=out)


def _silu(z: Tensor, out: Tensor) -> None:
    """SiLU: z·σ(z)."""
    _aten.silu.out(z, out=out)


def _silu_backward(gradient: Tensor, kept: Tensor, out: Tensor) -> None:
    """a′ = σ(z)·(1 + z·(1 − σ(z)))."""
    _aten.silu_backward.grad_input(gradient, kept, grad_input=out)


def _mish(z: Tensor, out: Tensor) -> None:
    """Mish: z·tanh(ln(1 + eᶻ))."""
    _aten.mish.out(z, out=out)


def _mish_backward(gradient: Tensor, kept: Tensor, out: Tensor) -> None:
    """a′ = t + z·(1 − t²)·σ(z) with t = tanh(ln(1 + eᶻ)).

    The one kernel that torch has no `out` form of; a copy costs a fiftieth of the two exponentials.
    """
    out.copy_(_aten.mish_backward(gradient, kept))


_TABLE = (
    Activation(
        name="relu",
        forward=_relu,
        plain=torch.relu,
        backward=_relu_backward,
        in_place=True,
        zero=0.0,
        gain=math.sqrt(2.0),
    ),
    # At −800 the exponential underflows in float64 too, so the output is 0 and not merely small.
    Activation(
        name="sigmoid",
        forward=_sigmoid,
        plain=torch.sigmoid,
        backward=_sigmoid_backward,
        in_place=True,
        zero=-800.0,
        gain=1.8462,
    ),
    Activation(
        name="tanh", forward=_tanh, plain=torch.tanh, backward=_tanh_backward, in_place=True, zero=0.0, gain=1.5925
    ),
    # Twice as far out as the corner at −3, so that rounding can't bring it back.
    Activation(
        name="hard_sigmoid",
        forward=_hard_sigmoid,
        plain=_plain_hard_sigmoid,
        backward=_hard_sigmoid_backward,
        in_place=True,
        zero=-6.0,
        gain=1.8978,
    ),
    Activation(
        name="selu", forward=_selu, plain=torch.selu, backward=_selu_backward, in_place=True, zero=0.0, gain=1.0
    ),
    Activation(
        name="gelu",
        forward=_gelu,
        plain=functional.gelu,
        backward=_gelu_backward,
        in_place=False,
        zero=0.0,
        gain=1.5335,
    ),
    Activation(
        name="silu",
        forward=_silu,
        plain=functional.silu,
        backward=_silu_backward,
        in_place=False,
        zero=0.0,
        gain=1.6765,
    ),
    Activation(
        name="mish",
        forward=_mish,
        plain=functional.mish,
        backward=_mish_backward,
        in_place=False,
        zero=0.0,
        gain=1.4868,
    ),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({each.name: each for each in _TABLE})
"""Every activation by its name, in the order they are offered."""
