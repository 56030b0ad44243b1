"""A few rows first: whether the loss is what it has to be, can be differentiated twice, and what memory it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor
from torch.autograd import grad
from torch.autograd.graph import saved_tensors_hooks

from thetastar.errors import UserError
from thetastar.landscape.graphs import loss_on
from thetastar.landscape.model import Model
from thetastar.landscape.rows import Rows
from thetastar.landscape.second_derivative import why_not_twice

__all__ = ["Footprint", "Method", "Trial", "is_additive", "try_out"]

Method = Literal["double_backward", "finite_differences"]
Outputs = Callable[[Tensor], Any]

_ROWS = 8
_ROUNDING = 10  # a sum of a few rows may differ by so many units in the last place, of numbers of size 1


@dataclass(frozen=True)
class Footprint:
    """Bytes that the graph of a gradient holds: for each row, and beside them however few there are."""

    per_row: float
    fixed: float


@dataclass(frozen=True)
class Trial:
    """What a few rows showed.

    Attributes:
        why_not_twice: Why autograd can't differentiate the gradient; empty if it can.
        footprint: What graphs hold.
    """

    why_not_twice: str
    footprint: Footprint

    @property
    def method(self) -> Method:
        """How products are to be made."""
        return "finite_differences" if self.why_not_twice else "double_backward"


def try_out(model: Model, rows: Rows) -> Trial:
    """Judge a few rows at θ.

    Args:
        model: The function and its loss.
        rows: All rows, or a block of them.

    Raises:
        UserError: The loss is no scalar, not finite, random, not the mean over rows or doesn't depend on θ.
    """
    few, parts = rows.cut(0, _ROWS), model.leaves(model.theta)

    def work(outputs: Outputs) -> Trial:
        _check_loss(model, outputs, few)
        _check_gradient(model, parts, outputs, few)
        why_not = why_not_twice(model, parts, outputs, few)
        return Trial(why_not, _footprint(model, parts, outputs, few))

    trial: Trial = model.run(parts, work)
    return trial


def is_additive(model: Model, rows: Rows) -> bool:
    """Tell whether the mean of two parts' losses, by their numbers of rows, is the loss of both together."""
    few = rows.cut(0, _ROWS)
    if len(few) < 2:
        return True
    # Parts of unequal size, as weights of classes cancel out more easily in equal ones.
    cut = (len(few) + 2) // 3
    parts = (few.cut(0, cut), few.cut(cut, len(few)))

    def work(outputs: Outputs) -> bool:
        with torch.no_grad():
            whole = float(loss_on(model, outputs, few))
            mean = sum(len(part) * float(loss_on(model, outputs, part)) for part in parts) / len(few)
        return _equal(whole, mean, model.theta.dtype)

    additive: bool = model.run(model.leaves(model.theta), work)
    return additive


def _check_loss(model: Model, outputs: Outputs, few: Rows) -> None:
    values = []
    for rows in (few, few, Rows(torch.cat([few.inputs] * 2), torch.cat([few.targets] * 2))):
        values.append(_scalar(loss_on(model, outputs, rows), len(rows)))
    first, second, twice = values
    dtype = model.theta.dtype
    if not all(torch.tensor(values).isfinite()):
        raise UserError(
            f"the loss of the first {len(few)} rows is {first} at the parameters as they are: look for values that "
            "are not finite in the data or the parameters, or for a logarithm of 0"
        )
    if not _equal(first, second, dtype):
        raise UserError(
            f"the loss is random: on the same {len(few)} rows it was {first:.8g}, then {second:.8g}. The module's own "
            "dropout is off already; look for functional.dropout without training=self.training, noise or sampling"
        )
    if _equal(2 * first, twice, dtype) and not _equal(first, twice, dtype):
        raise UserError(
            f"the loss is a sum over rows: {first:.8g} on {len(few)} rows and {twice:.8g} on the same rows twice. It "
            'has to be their mean: use reduction="mean", or divide by the number of rows'
        )
    if not _equal(first, twice, dtype):
        raise UserError(
            f"the loss is no mean over rows: {first:.8g} on {len(few)} rows, but {twice:.8g} on the same rows twice. "
            "Losses that compare rows with each other have no value that is independent of batches"
        )


def _scalar(value: object, rows: int) -> float:
    """Return the loss as a number, if it is one that autograd can follow."""
    if not isinstance(value, Tensor):
        raise UserError(
            f"the loss must be a tensor, seen {type(value).__name__}: return it as it is, without .item(), float() or "
            ".numpy()"
        )
    if value.ndim:
        raise UserError(
            f"the loss must be one number, the mean over rows; on {rows} rows it has the shape {tuple(value.shape)}: "
            'use reduction="mean", or .mean()'
        )
    return float(value.detach())


def _check_gradient(model: Model, parts: tuple[Tensor, ...], outputs: Outputs, few: Rows) -> None:
    loss = loss_on(model, outputs, few)
    slopes = grad(loss, parts, allow_unused=True) if loss.requires_grad else ()
    if all(slope is None for slope in slopes):
        raise UserError(
            "the loss does not depend on the parameters as far as autograd sees: look for .detach(), .data, "
            "torch.no_grad(), NumPy or argmax between them"
        )


def _footprint(model: Model, parts: tuple[Tensor, ...], outputs: Outputs, few: Rows) -> Footprint:
    """Weigh the graphs of few and of fewer rows."""
    known = {tensor.untyped_storage().data_ptr() for tensor in (*parts, few.inputs, few.targets)}

    def held(rows: Rows) -> int:
        seen: dict[int, int] = {}

        def pack(tensor: Tensor) -> Tensor:
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in known:
                seen[storage.data_ptr()] = storage.nbytes()
            return tensor.detach()  # itself would be held by its own graph for ever

        with saved_tensors_hooks(pack, lambda tensor: tensor):
            slopes = grad(loss_on(model, outputs, rows), parts, create_graph=True, allow_unused=True)
        return sum(seen.values()) + sum(slope.nbytes for slope in slopes if slope is not None)

    more, fewer = held(few), held(few.cut(0, len(few) // 2)) if len(few) > 1 else 0
    per_row = max(1.0, (more - fewer) / (len(few) - len(few) // 2))
    return Footprint(per_row, max(0.0, more - per_row * len(few)))


def _equal(left: float, right: float, dtype: torch.dtype) -> bool:
    """Tell whether two losses are equal but for rounding."""
    eps = torch.finfo(dtype).eps
    return abs(left - right) <= float(eps**0.5 * max(abs(left), abs(right)) + _ROUNDING * eps)
