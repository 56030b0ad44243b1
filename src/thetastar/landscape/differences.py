"""Products by central differences, where autograd can't differentiate a gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd import grad
from torch.utils._pytree import tree_flatten, tree_unflatten

from thetastar.landscape.graphs import pulled_back
from thetastar.landscape.model import Model
from thetastar.landscape.rows import Rows

__all__ = ["difference_step", "gauss_newton_by_differences", "hessian_by_differences"]

Outputs = Callable[[Tensor], Any]


def difference_step(theta: Tensor, vector: Tensor) -> float:
    """Return h of (g(θ + hv) − g(θ − hv)) / 2h.

    Its error is h²/6 of the third derivative, and rounding's is ε/h: their sum is least near h = ε^(1/3) (Nocedal and
    Wright, Numerical Optimization, 2006, section 8.1), here in units of θ's size and for a v of length 1 (Pearlmutter,
    Fast Exact Multiplication by the Hessian, 1994, section 1, warns of the same trade).
    """
    length = float(vector.norm())
    scale = 1.0 + float(theta.norm()) / len(theta) ** 0.5
    return float(torch.finfo(theta.dtype).eps ** (1 / 3)) * scale / length if length > 0 else 1.0


def hessian_by_differences(
    gradient: Callable[[Tensor], Tensor], theta: Tensor, vectors: Tensor, *, share: float = 1.0
) -> Tensor:
    """Return products with the Hessian, two gradients each.

    Args:
        gradient: Of θ.
        theta: [size].
        vectors: [size, k].
        share: Of the step that errors are least with.

    Returns:
        [size, k].
    """
    columns = []
    for vector in vectors.T:
        step = share * difference_step(theta, vector)
        columns.append((gradient(theta + step * vector) - gradient(theta - step * vector)) / (2 * step))
    return torch.stack(columns, 1)


def gauss_newton_by_differences(model: Model, theta: Tensor, rows: Rows, vector: Tensor) -> Tensor:
    """Return JᵀHJv of some rows with Jv as a difference of outputs, [size]."""
    step = difference_step(theta, vector)

    def leaves_of(outputs: Outputs) -> tuple[list[Any], Any, list[int]]:
        values, structure = tree_flatten(outputs(rows.inputs))
        places = [i for i, value in enumerate(values) if isinstance(value, Tensor) and value.requires_grad]
        return values, structure, places

    def there(outputs: Outputs) -> list[Tensor]:
        values, _, places = leaves_of(outputs)
        return [values[place].detach() for place in places]

    above, below = (model.run(model.leaves(theta + sign * step * vector), there) for sign in (1.0, -1.0))
    pushed = [(high - low) / (2 * step) for high, low in zip(above, below, strict=True)]
    parts = model.leaves(theta)

    def here(outputs: Outputs) -> tuple[Tensor, ...]:
        values, structure, places = leaves_of(outputs)
        found = [values[place] for place in places]
        heads = [value.detach().requires_grad_() for value in found]
        for place, head in zip(places, heads, strict=True):
            values[place] = head
        loss = model.loss(tree_unflatten(values, structure), rows.targets)
        slopes = grad(loss, heads, create_graph=True, allow_unused=True, materialize_grads=True)
        bent = pulled_back(slopes, heads, pushed, batched=False)
        return pulled_back(found, parts, bent, batched=False)

    return torch.cat([piece.flatten() for piece in model.run(parts, here)])
