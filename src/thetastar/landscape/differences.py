"""Products by central differences, where autograd can't differentiate a gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    """Return JᵀHJv of some rows, Jv as a difference of outputs and HJv as one of the loss's slopes by them, [size]."""
    step = difference_step(theta, vector)

    def there(outputs: Outputs) -> list[Tensor]:
        values, _, places = _outputs(outputs, rows)
        return [values[place].detach() for place in places]

    above, below = (model.run(model.leaves(theta + sign * step * vector), there) for sign in (1.0, -1.0))
    pushed = [(high - low) / (2 * step) for high, low in zip(above, below, strict=True)]
    parts = model.leaves(theta)

    def here(outputs: Outputs) -> tuple[Tensor, ...]:
        values, structure, places = _outputs(outputs, rows)
        found = [values[place] for place in places]

        def slopes(moved: float) -> tuple[Tensor, ...]:
            heads = [
                (value + moved * push).detach().requires_grad_() for value, push in zip(found, pushed, strict=True)
            ]
            replaced = dict(zip(places, heads, strict=True))
            filled = [replaced.get(place, value) for place, value in enumerate(values)]
            loss = model.loss(tree_unflatten(filled, structure), rows.targets)
            return grad(loss, heads, allow_unused=True, materialize_grads=True)

        reach = difference_step(_flat(found), _flat(pushed))
        bent = [(high - low) / (2 * reach) for high, low in zip(slopes(reach), slopes(-reach), strict=True)]
        return pulled_back(found, parts, bent, batched=False)

    return _flat(model.run(parts, here))


def _outputs(outputs: Outputs, rows: Rows) -> tuple[list[Any], Any, list[int]]:
    """Return the outputs' leaves, their structure, and which leaves depend on θ."""
    values, structure = tree_flatten(outputs(rows.inputs))
    return values, structure, [i for i, value in enumerate(values) if isinstance(value, Tensor) and value.requires_grad]


def _flat(pieces: Sequence[Tensor]) -> Tensor:
    return torch.cat([piece.detach().flatten() for piece in pieces])
