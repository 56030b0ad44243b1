"""Graphs that are built once at a θ, so that each product with the Hessian or Gauss–Newton matrix is a backward pass.

The gradient g(θ) is computed in a way that can itself be differentiated (``create_graph``), and kept. A product is then
Hv = ∂(gᵀv)/∂θ: one backward pass through what is there (Pearlmutter, Fast Exact Multiplication by the Hessian, 1994,
does the same forwards).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.autograd import grad
from torch.utils._pytree import tree_flatten, tree_unflatten

from thetastar.landscape.model import Model
from thetastar.landscape.rows import Rows

__all__ = ["GradientGraph", "Graph", "gauss_newton_graph", "gradient_graph", "loss_on", "pulled_back"]

Outputs = Callable[[Tensor], Any]


class Graph(Protocol):
    """What stays of some rows at a θ: it multiplies with their mean matrix."""

    def product(self, vector: Sequence[Tensor], *, batched: bool) -> tuple[Tensor, ...]:
        """Return the product with a vector in the parameters' shapes, or with several at once, [k, *shape] each."""
        ...


def loss_on(model: Model, outputs: Outputs, rows: Rows) -> Tensor:
    """Return the mean loss of some rows, a scalar with its graph."""
    value: Tensor = model.loss(outputs(rows.inputs), rows.targets)
    return value


@dataclass(frozen=True)
class GradientGraph:
    """The gradient of some rows' mean loss, with its graph."""

    parts: tuple[Tensor, ...]
    gradient: tuple[Tensor, ...]

    def product(self, vector: Sequence[Tensor], *, batched: bool) -> tuple[Tensor, ...]:
        """Return the product with the Hessian."""
        return pulled_back(self.gradient, self.parts, vector, batched=batched)


def gradient_graph(model: Model, parts: tuple[Tensor, ...], outputs: Outputs, rows: Rows) -> GradientGraph:
    """Build the gradient's graph, for products with the Hessian."""
    slopes = grad(loss_on(model, outputs, rows), parts, create_graph=True, allow_unused=True, materialize_grads=True)
    return GradientGraph(parts, slopes)


@dataclass(frozen=True)
class _GaussNewtonGraph:
    """JᵀHJv (Schraudolph, Fast Curvature Matrix-Vector Products for Second-Order Gradient Descent, 2002)."""

    parts: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]  # f_θ(x), with its graph
    seeds: tuple[Tensor, ...]  # u, shaped as the outputs
    pulled: tuple[Tensor, ...]  # Jᵀu, with its graph; linear in u, so its derivative by u is J
    heads: tuple[Tensor, ...]  # the outputs' values, from which the loss starts
    slopes: tuple[Tensor, ...]  # ∂L/∂outputs, with its graph

    def product(self, vector: Sequence[Tensor], *, batched: bool) -> tuple[Tensor, ...]:
        pushed = pulled_back(self.pulled, self.seeds, vector, batched=batched)
        bent = pulled_back(self.slopes, self.heads, pushed, batched=batched)
        return pulled_back(self.outputs, self.parts, bent, batched=batched)


def gauss_newton_graph(model: Model, parts: tuple[Tensor, ...], outputs: Outputs, rows: Rows) -> Graph:
    """Build the graphs of J, of Jᵀ and of the loss as a function of the outputs."""
    values, structure = tree_flatten(outputs(rows.inputs))
    places = [place for place, value in enumerate(values) if isinstance(value, Tensor) and value.requires_grad]
    found = tuple(values[place] for place in places)
    heads = tuple(value.detach().requires_grad_() for value in found)
    for place, head in zip(places, heads, strict=True):
        values[place] = head
    loss = model.loss(tree_unflatten(values, structure), rows.targets)
    slopes = grad(loss, heads, create_graph=True, allow_unused=True, materialize_grads=True)
    seeds = tuple(torch.zeros_like(value).requires_grad_() for value in found)
    pulled = grad(found, parts, seeds, create_graph=True, allow_unused=True, materialize_grads=True)
    return _GaussNewtonGraph(parts, found, seeds, pulled, heads, slopes)


def pulled_back(
    values: Sequence[Tensor], sources: Sequence[Tensor], vector: Sequence[Tensor], *, batched: bool
) -> tuple[Tensor, ...]:
    """Return ∂(valuesᵀ vector)/∂sources, zero where nothing depends; the graph stays."""
    used = [place for place, value in enumerate(values) if value.requires_grad]
    slopes: Sequence[Tensor | None] = [None] * len(sources)
    if used:
        slopes = grad(
            [values[place] for place in used],
            sources,
            [vector[place] for place in used],
            retain_graph=True,
            allow_unused=True,
            is_grads_batched=batched,
        )
    lead = vector[0].shape[:1] if batched else ()
    return tuple(
        source.new_zeros(*lead, *source.shape) if slope is None else slope
        for source, slope in zip(sources, slopes, strict=True)
    )
