"""Whether autograd's derivative of a gradient can be believed.

Autograd fails silently here. Where a function is marked ``once_differentiable``, ``torch.autograd.grad`` leaves its
part out without an error, as the node that would raise it lies on no path to θ; and a function whose backward pass
leaves autograd (NumPy, ``.detach()``) has nothing to differentiate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import grad
from torch.autograd.function import BackwardCFunction

from thetastar.landscape.differences import hessian_by_differences
from thetastar.landscape.graphs import Graph, gradient_graph, loss_on
from thetastar.landscape.model import Model
from thetastar.landscape.rows import Rows

__all__ = ["why_not_twice"]

Outputs = Callable[[Tensor], Any]

_ERRORS = ("torch::autograd::Error", "torch::autograd::DelayedError")  # nodes that only raise
_WORDS = 200  # letters of torch's own message
_SMOOTH, _WRONG = 0.01, 0.1  # shares of a product by which two differences may differ, and by which it must differ


def why_not_twice(model: Model, parts: tuple[Tensor, ...], outputs: Outputs, few: Rows) -> str:
    """Return why products with the Hessian of a few rows can't be had from autograd; nothing if they can."""
    try:
        graph = gradient_graph(model, parts, outputs, few)
        if any(node.name() in _ERRORS for node in _nodes(graph.gradient)):
            return "a function in it is marked once_differentiable"
        return _asymmetry(graph, model) or _difference(graph, model, outputs, few)
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:  # the gradient itself was fine a moment ago
        return str(error).strip().split("\n")[0][:_WORDS]


def _asymmetry(graph: Graph, model: Model) -> str:
    """Return the words for second derivatives that depend on the order, as wrong ones do."""
    left, right = _random(model, seed=0), _random(model, seed=1)
    of_left, of_right = _product(graph, model, left), _product(graph, model, right)
    one, other, size = float(left @ of_right), float(right @ of_left), float(of_left.norm() + of_right.norm())
    if not abs(one - other) > torch.finfo(model.theta.dtype).eps ** 0.25 * size:
        return ""
    return f"its derivative is not symmetric: uᵀHv = {one:.4g}, vᵀHu = {other:.4g} for random u and v"


def _difference(graph: Graph, model: Model, outputs: Outputs, few: Rows) -> str:
    """Return the words for a product that is unlike differences of gradients.

    Only where somebody wrote a derivative by hand: at the corners of a ReLU, differences are unlike it for a good
    reason, which shows in steps of two sizes that give two results, but among very many corners not for certain.
    """
    if not any(isinstance(node, BackwardCFunction) for node in _nodes([loss_on(model, outputs, few)])):
        return ""
    vector = _random(model, seed=2)

    def gradient(theta: Tensor) -> Tensor:
        there = model.leaves(theta)
        slopes: tuple[Tensor, ...] = model.run(
            there, lambda moved: grad(loss_on(model, moved, few), there, allow_unused=True, materialize_grads=True)
        )
        return torch.cat([slope.flatten() for slope in slopes])

    far, near = (hessian_by_differences(gradient, model.theta, vector[:, None], share=s)[:, 0] for s in (1.0, 0.5))
    product, size = _product(graph, model, vector), float(near.norm())
    if float((far - near).norm()) > _SMOOTH * size or not float((product - near).norm()) > _WRONG * size:
        return ""
    return f"its derivative along a random v has the length {float(product.norm()):.4g}, differences have {size:.4g}"


def _product(graph: Graph, model: Model, vector: Tensor) -> Tensor:
    return torch.cat([piece.flatten() for piece in graph.product(model.cut(vector), batched=False)])


def _random(model: Model, *, seed: int) -> Tensor:
    """Return a random vector [size] that doesn't come from the global state."""
    stream = torch.Generator().manual_seed(seed)
    return torch.randn(len(model.theta), generator=stream, dtype=model.theta.dtype).to(model.theta.device)


def _nodes(values: Sequence[Tensor]) -> Iterator[torch.autograd.graph.Node]:
    """Yield every node of the graph that values were computed in."""
    waiting = [value.grad_fn for value in values if value.grad_fn is not None]
    seen = set(waiting)
    while waiting:
        node = waiting.pop()
        yield node
        for below, _ in node.next_functions:
            if below is not None and below not in seen:
                seen.add(below)
                waiting.append(below)
