"""Step 1: a set of functions with unknown parameters θ.

Every rung of the ladder is one setting of the same family

    f_θ(x) = bias + x[:shortcut] · shortcut weight + h_L · readout,

where the hidden layers h_1 … h_L read the first ``reads`` encoded inputs. No shortcut and no hidden layer is a
constant; a shortcut over the plain inputs is a linear function; over the hard-sigmoid pieces as well it is a sum of
piecewise linear curves, one for each column; hidden layers make it a network. Since all of it stays present, each set
contains the ones before it (see ``ladder.embed`` for the θ that proves it).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from thetastar.errors import UserError
from thetastar.functions.activations import activation_named
from thetastar.functions.parameters import Part, lay_out

__all__ = ["FunctionSet"]

_BATCH_NORM_PARTS = ("gamma", "beta")


@dataclass(frozen=True, kw_only=True)
class FunctionSet:
    """A set of functions from ``inputs`` encoded numbers to ``outputs`` numbers, with θ unknown.

    Attributes:
        inputs: Width of an encoded row.
        outputs: 1 for regression, one logit per class for classification.
        shortcut: How many leading inputs are read by the linear part; 0 for none.
        hidden: Width of each hidden layer; empty for none.
        reads: How many leading inputs the first hidden layer reads.
        activation: Name of the hidden layers' activation.
        residual: Whether each hidden layer after the first adds to what came in, which lets a deep network contain a
            shallow one exactly (He et al., Deep Residual Learning, 2016).
        batch_norm: Whether hidden layers are normalised over the batch before the activation.

    Example:
        >>> FunctionSet(inputs=26, outputs=1, hidden=(32, 32), reads=26).size
        1953
    """

    inputs: int
    outputs: int
    shortcut: int = 0
    hidden: tuple[int, ...] = ()
    reads: int = 0
    activation: str = "relu"
    residual: bool = False
    batch_norm: bool = False

    def __post_init__(self) -> None:
        """Refuse settings that make no function."""
        activation_named(self.activation)
        if min((*self.hidden, self.outputs)) < 1 or self.inputs < 0:
            raise UserError(
                f"widths must be at least 1 (inputs at least 0); seen inputs={self.inputs}, outputs={self.outputs}, "
                f"hidden={self.hidden}"
            )
        if not (0 <= self.shortcut <= self.inputs and 0 <= self.reads <= self.inputs):
            raise UserError(f"shortcut={self.shortcut} and reads={self.reads} must lie in 0…inputs={self.inputs}")
        if self.hidden and self.reads == 0:
            raise UserError("hidden layers need inputs to read: set reads to the number of leading inputs")
        if self.residual and len(set(self.hidden)) > 1:
            raise UserError(f"residual layers need equal widths; seen hidden={self.hidden}")

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Return the layout of θ."""
        shapes: list[tuple[str, tuple[int, ...]]] = [("bias", (self.outputs,))]
        if self.shortcut:
            shapes.append(("shortcut", (self.shortcut, self.outputs)))
        below = self.reads
        for layer, width in enumerate(self.hidden):
            shapes.append((f"weight{layer}", (below, width)))
            names = _BATCH_NORM_PARTS if self.batch_norm else ("bias",)
            shapes.extend((f"{name}{layer}", (width,)) for name in names)
            below = width
        if self.hidden:
            shapes.append(("readout", (below, self.outputs)))
        return lay_out(shapes)

    @cached_property
    def running(self) -> tuple[Part, ...]:
        """Return the layout of the running averages of batch normalisation, which follow θ in a member's state."""
        if not self.batch_norm:
            return ()
        shapes = [
            (f"{name}{layer}", (width,)) for layer, width in enumerate(self.hidden) for name in ("mean", "variance")
        ]
        return lay_out(shapes, start=self.size)

    @property
    def size(self) -> int:
        """Return the number of unknown parameters."""
        return self.parts[-1].stop

    @property
    def leading(self) -> int:
        """Return how many leading inputs are read at all."""
        return max(self.shortcut, self.reads if self.hidden else 0)

    @property
    def state_size(self) -> int:
        """Return the length of θ together with the running averages."""
        return self.running[-1].stop if self.running else self.size

    def part(self, name: str) -> Part:
        """Return the part of θ with this name.

        Raises:
            KeyError: if the set has no such part.
        """
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(name)

    def decays(self) -> Tensor:
        """Return which entries of θ weight decay applies to, [size]: weight matrices, not biases or gamma and beta."""
        mask = torch.zeros(self.size, dtype=torch.bool)
        for part in self.parts:
            mask[part.start : part.stop] = len(part.shape) == 2
        return mask
