"""Stacked functions forward and backward, with the gradient written out layer by layer.

One ``Pass`` holds the buffers for [members, rows] and is used for every update, so that a training step allocates
almost nothing. The calculus is the course's: for a layer z = h_below W + b, h = a(z), with u = ∂L/∂h coming from above,

    ∂L/∂z = u · a′(z),   ∂L/∂W = h_belowᵀ ∂L/∂z,   ∂L/∂b = Σ_rows ∂L/∂z,   ∂L/∂h_below = ∂L/∂z Wᵀ.

Autograd is what the tests compare it with.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.functions.activations import Activation, activation_named
from thetastar.functions.batch_norm import EPSILON, BatchNorm
from thetastar.functions.dropout import Dropout, draw_mask
from thetastar.functions.function_set import FunctionSet
from thetastar.functions.parameters import views
from thetastar.functions.products import fast_products

__all__ = ["Pass", "evaluate"]


class Pass:
    """One forward and backward pass of stacked members over equally many rows each.

    Args:
        functions: The set of functions.
        state: [members, functions.state_size], read at each call; running averages are updated in place.
        gradient: [members, functions.size], overwritten by ``backward``.
        rows: Rows of each member in a call.
        dropout: Of the hidden layers; None for none.
    """

    def __init__(
        self, functions: FunctionSet, state: Tensor, *, gradient: Tensor, rows: int, dropout: Dropout | None = None
    ) -> None:
        theta, slopes = views(functions.parts, state), views(functions.parts, gradient)
        shape = (state.shape[0], rows)
        self._reads, self._shortcut = functions.reads, functions.shortcut
        self._layers = _layers(functions, state, gradient=gradient, rows=rows, dropout=dropout)
        self._products = fast_products(state, work=_work(functions, state, rows))
        # The readout's product is small for one member, whatever the hidden layers' are.
        self._readouts: AbstractContextManager[object] = self._products if state.shape[0] > 1 else nullcontext()
        self._outputs = state.new_empty(*shape, functions.outputs)
        self._bias, self._bias_slope = theta["bias"].unsqueeze(1), slopes["bias"]
        if functions.shortcut:
            self._direct, self._direct_slope = theta["shortcut"], slopes["shortcut"]
        if functions.hidden:
            self._readout, self._readout_slope = theta["readout"], slopes["readout"]
            self._readout_t = self._readout.transpose(1, 2)

    def forward(self, inputs: Tensor, *, weights: Tensor | None = None) -> Tensor:
        """Return the functions' outputs on a training batch.

        Args:
            inputs: [members, rows, functions.inputs].
            weights: [members, rows], used by batch normalisation only; None counts every row once.

        Returns:
            [members, rows, functions.outputs], a buffer that the next call overwrites.
        """
        below = _leading(inputs, self._reads)
        with self._products:
            for layer in self._layers:
                below = layer.forward(below, weights)
        outputs = self._bias
        if self._shortcut:
            outputs = _add_product(outputs, _leading(inputs, self._shortcut), self._direct, out=self._outputs)
        if self._layers:
            with self._readouts:
                outputs = _add_product(outputs, below, self._readout, out=self._outputs)
        return self._outputs.copy_(outputs) if outputs is self._bias else outputs

    def backward(self, inputs: Tensor, output_gradient: Tensor) -> None:
        """Write the gradient by θ, from the gradient by the outputs of the last ``forward`` on the same inputs.

        Args:
            inputs: [members, rows, functions.inputs], as given to ``forward``.
            output_gradient: [members, rows, functions.outputs].
        """
        torch.sum(output_gradient, 1, out=self._bias_slope)
        if self._shortcut:
            direct_t = _leading(inputs, self._shortcut).transpose(1, 2)
            _multiply(direct_t, output_gradient, out=self._direct_slope)
        if not self._layers:
            return
        top, above = self._layers[-1].passed, self._layers[-1].above
        with self._readouts:
            _multiply(top.transpose(1, 2), output_gradient, out=self._readout_slope)
        multiply = torch.mul if output_gradient.shape[2] == 1 else torch.bmm  # column times row: each with each
        multiply(output_gradient, self._readout_t, out=above)
        with self._products:
            for layer, lower in zip(reversed(self._layers), reversed(self._layers[:-1]), strict=False):
                layer.backward(lower.passed)
                torch.bmm(layer.inner, layer.weight_t, out=lower.above)
                if layer.adds:
                    lower.above += layer.above
            self._layers[0].backward(_leading(inputs, self._reads))


@dataclass
class _Layer:
    """One hidden layer: views of its θ and gradient, and its buffers, each [members, rows, width].

    Some buffers are one and the same where nothing comes between: ``active`` is ``kept`` if the activation's derivative
    can be read off its output; ``passed`` is ``active`` and ``inner`` is ``above`` without dropout and addition.
    """

    activation: Activation
    adds: bool  # whether the layer adds to what came in
    theta: Tensor  # the weights in θ, [members, below, width]
    weight: Tensor  # the same, packed
    weight_t: Tensor
    weight_slope: Tensor  # where their gradient belongs
    slope: Tensor  # the same, packed
    bias: Tensor  # [members, 1, width]; β under batch normalisation
    bias_slope: Tensor  # [members, width]
    kept: Tensor  # what the activation's derivative needs: a(z) or z
    active: Tensor  # a(z)
    passed: Tensor  # what the next layer reads
    above: Tensor  # gradient by ``passed``
    inner: Tensor  # gradient by z
    dropout: Dropout | None
    mask: Tensor | None
    norm: BatchNorm | None

    def forward(self, below: Tensor, weights: Tensor | None) -> Tensor:
        """Compute the layer; return what the next one reads."""
        if self.weight is not self.theta:
            self.weight.copy_(self.theta)
        if self.norm is None:
            torch.baddbmm(self.bias, below, self.weight, out=self.kept)
        else:
            torch.bmm(below, self.weight, out=self.kept)
            self.norm.forward(self.kept, self.bias, weights)
        self.activation.forward(self.kept, self.active)
        active = self.active
        if self.dropout is not None and self.mask is not None:
            draw_mask(self.mask, self.dropout.rates, self.dropout.streams, sizes=self.dropout.sizes)
            active = torch.mul(active, self.mask, out=self.passed)
        if self.adds:
            torch.add(active, below, out=self.passed)
        return self.passed

    def backward(self, below: Tensor) -> None:
        """Write the gradients by the layer's θ and by z, from the gradient by what it passed on."""
        arriving = self.above
        if self.mask is not None:
            arriving = torch.mul(arriving, self.mask, out=self.inner)
        self.activation.backward(arriving, self.kept, self.inner)
        torch.sum(self.inner, 1, out=self.bias_slope)
        if self.norm is not None:
            self.norm.backward(self.inner)
        torch.bmm(below.transpose(1, 2), self.inner, out=self.slope)
        if self.slope is not self.weight_slope:
            self.weight_slope.copy_(self.slope)


def _work(functions: FunctionSet, state: Tensor, rows: int) -> int:
    """Return the multiplications in the largest product of a pass."""
    return state.shape[0] * rows * max(part.size for part in functions.parts)


def _leading(inputs: Tensor, count: int) -> Tensor:
    """Return the leading inputs; a view costs as much time as a small product, so all of them are themselves."""
    return inputs if count == inputs.shape[2] else inputs[:, :, :count]


def _add_product(start: Tensor, left: Tensor, right: Tensor, *, out: Tensor) -> Tensor:
    """Write start + left · right; a single column is computed as a row, which is several times faster in a stack."""
    if out.shape[2] == 1:
        torch.baddbmm(start.mT, right.mT, left.mT, out=out.mT)
        return out
    return torch.baddbmm(start, left, right, out=out)


def _multiply(left: Tensor, right: Tensor, *, out: Tensor) -> None:
    """Write a stacked product into a part of the gradient."""
    if out.shape[2] == 1:
        left, right, out = right.mT, left.mT, out.mT  # as in _add_product
    if out.is_contiguous():
        torch.bmm(left, right, out=out)
    else:
        out.copy_(torch.bmm(left, right))


def _packed(part: Tensor) -> Tensor:
    """Return memory without gaps for a part of stacked vectors; itself, if it has none.

    In θ and its gradient each member's part lies apart from the next one's. Torch multiplies such stacks one member at
    a time or copies them into fresh memory first, which costs up to half a product; copying into memory at hand costs a
    tenth.
    """
    return part if part.is_contiguous() else torch.empty_like(part, memory_format=torch.contiguous_format)


def _layers(
    functions: FunctionSet, state: Tensor, *, gradient: Tensor, rows: int, dropout: Dropout | None
) -> list[_Layer]:
    """Return the hidden layers with their buffers."""
    theta, slopes = views(functions.parts, state), views(functions.parts, gradient)
    running = views(functions.running, state)
    activation, layers = activation_named(functions.activation), []
    for index, width in enumerate(functions.hidden):

        def buffer(width: int = width) -> Tensor:
            return state.new_empty(state.shape[0], rows, width)

        adds = functions.residual and index > 0
        apart = adds or dropout is not None  # what is passed on is not what the derivative needs
        kept, above = buffer(), buffer()
        active = kept if activation.in_place else buffer()
        bias = f"beta{index}" if functions.batch_norm else f"bias{index}"
        norm = BatchNorm(theta, slopes, running, index) if functions.batch_norm else None
        weight, weight_slope = theta[f"weight{index}"], slopes[f"weight{index}"]
        packed = _packed(weight)
        layers.append(
            _Layer(
                activation=activation,
                adds=adds,
                theta=weight,
                weight=packed,
                weight_t=packed.transpose(1, 2),
                weight_slope=weight_slope,
                slope=_packed(weight_slope),
                bias=theta[bias].unsqueeze(1),
                bias_slope=slopes[bias],
                kept=kept,
                active=active,
                passed=buffer() if apart else active,
                above=above,
                inner=buffer() if apart else above,
                dropout=dropout,
                mask=None if dropout is None else buffer(),
                norm=norm,
            )
        )
    return layers


def evaluate(functions: FunctionSet, state: Tensor, inputs: Tensor) -> Tensor:
    """Return the functions' outputs for use: no dropout, batch normalisation by its running averages.

    Args:
        functions: The set of functions.
        state: [members, functions.state_size].
        inputs: [members, rows, functions.inputs], or [1, rows, …] for the same rows for every member; the leading
            inputs that are read will do.

    Returns:
        [members, rows, functions.outputs].
    """
    theta, running = views(functions.parts, state), views(functions.running, state)
    activation = activation_named(functions.activation)
    members = state.shape[0]
    inputs = inputs.expand(members, -1, -1)
    below = inputs[:, :, : functions.reads]
    products = fast_products(state, work=_work(functions, state, inputs.shape[1]))
    for layer in range(len(functions.hidden)):
        with products:
            z = torch.bmm(below, theta[f"weight{layer}"])
        if functions.batch_norm:
            inverse = (running[f"variance{layer}"] + EPSILON).rsqrt()
            scale = theta[f"gamma{layer}"] * inverse
            z = z * scale.unsqueeze(1) + (theta[f"beta{layer}"] - running[f"mean{layer}"] * scale).unsqueeze(1)
        else:
            z += theta[f"bias{layer}"].unsqueeze(1)
        active = z if activation.in_place else torch.empty_like(z)
        activation.forward(z, active)
        below = active + below if functions.residual and layer else active
    bias = theta["bias"].unsqueeze(1)
    outputs = bias.expand(members, inputs.shape[1], functions.outputs)
    for name, read in _readers(functions, inputs, below):
        outputs = torch.baddbmm(outputs, read, theta[name])
    return outputs.contiguous()


def _readers(functions: FunctionSet, inputs: Tensor, top: Tensor) -> Sequence[tuple[str, Tensor]]:
    """Return which part of θ reads what into the outputs."""
    readers = [("shortcut", inputs[:, :, : functions.shortcut])] if functions.shortcut else []
    return [*readers, ("readout", top)] if functions.hidden else readers
