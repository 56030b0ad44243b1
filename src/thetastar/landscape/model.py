"""A function with unknown parameters, and its loss, as a function of one flat θ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.parallel import DataParallel, DistributedDataParallel
from torch.nn.parameter import is_lazy

from thetastar.errors import UserError
from thetastar.landscape.given_back import judged

__all__ = ["Model", "from_function", "from_module"]

Result = TypeVar("Result")
Outputs = Callable[[Tensor], Any]
Run = Callable[[Sequence[Tensor], Callable[[Outputs], Any]], Any]

_DTYPES = (torch.float32, torch.float64)


@dataclass(frozen=True)
class Model:
    """f_θ and its loss.

    Attributes:
        theta: θ where it stands, a copy, [size].
        shapes: Of the tensors that θ is cut into.
        loss: Of outputs and targets.
        run: Calls work with the function of inputs at the given tensors, in the state in which it is judged.
        has_outputs: Whether the loss is reached through outputs, as Gauss–Newton products need it.
        parameters: The module's own, which θ is a copy of; none of a plain function.
    """

    theta: Tensor
    shapes: tuple[torch.Size, ...]
    loss: Callable[[Any, Tensor], Any]
    run: Run
    has_outputs: bool = True
    parameters: tuple[nn.Parameter, ...] = ()

    def cut(self, theta: Tensor) -> tuple[Tensor, ...]:
        """Cut flat vectors […, size] into tensors […, *shape]."""
        sizes = [shape.numel() for shape in self.shapes]
        pieces: tuple[Tensor, ...] = torch.split(theta, sizes, -1)
        return tuple(
            piece.reshape((*theta.shape[:-1], *shape)) for piece, shape in zip(pieces, self.shapes, strict=True)
        )

    def leaves(self, theta: Tensor) -> tuple[Tensor, ...]:
        """Cut θ into tensors to differentiate by, which share no memory with it."""
        with torch.inference_mode(mode=False):
            return tuple(piece.clone().requires_grad_() for piece in self.cut(theta.detach()))


def from_module(module: nn.Module, loss: Callable[[Any, Tensor], Any], *, dtype: torch.dtype | None = None) -> Model:
    """Return a module as a function of those of its parameters that require gradients, shared ones once.

    Args:
        module: The module.
        loss: Of outputs and targets.
        dtype: What to compute in; the parameters' own if None.

    Raises:
        UserError: Its parameters can't be made one vector.
    """
    if not isinstance(module, nn.Module):
        raise UserError(
            f"the first argument must be a torch.nn.Module, seen {type(module).__name__}; for a plain function of θ "
            "there is Objective.of(function, theta, data)"
        )
    within = _Within(_unwrapped(module), loss)
    named = {name: each for name, each in within.module.named_parameters() if each.requires_grad}
    _check_parameters(within.module, named, dtype)
    with torch.inference_mode(mode=False), torch.no_grad():
        theta = torch.cat([_copy(each, dtype).flatten() for each in named.values()])
        names = [f"module.{name}" for name in named]
        fixed = _fixed(within, set(names), dtype)

    def run(parts: Sequence[Tensor], work: Callable[[Outputs], Result]) -> Result:
        with judged(within, device=theta.device):
            # Fresh copies, as a forward pass may write into them.
            copies = {name: value.clone() for name, value in fixed.items()}
            result: Result = functional_call(within, {**dict(zip(names, parts, strict=True)), **copies}, (work,))
            return result

    own = tuple(named.values())
    return Model(theta, tuple(each.shape for each in own), within.loss, run, parameters=own)


def from_function(
    function: Callable[..., Any], theta: Tensor, loss: Callable[[Any, Tensor], Any] | None, *, without_data: bool
) -> Model:
    """Return a pure function of a flat θ as a model.

    Args:
        function: Of θ and inputs to outputs if there is a loss; of θ, inputs and targets to the loss otherwise; of
            θ alone without data.
        theta: [size].
        loss: Of outputs and targets; None if the function is the loss itself.
        without_data: Whether the function is of θ alone.

    Raises:
        UserError: θ is no vector of float32 or float64 numbers.
    """
    if not isinstance(theta, Tensor) or theta.ndim != 1 or theta.dtype not in _DTYPES or len(theta) == 0:
        seen = f"{theta.dtype} {tuple(theta.shape)}" if isinstance(theta, Tensor) else type(theta).__name__
        raise UserError(f"theta must be a tensor [size] of float32 or float64 numbers; seen {seen}")

    def run(parts: Sequence[Tensor], work: Callable[[Outputs], Result]) -> Result:
        with judged(function, loss, device=theta.device):
            if loss is not None:
                return work(partial(function, parts[0]))
            return work(lambda inputs: (parts[0], inputs))

    def itself(outputs: tuple[Tensor, Tensor], targets: Tensor) -> Any:
        return function(outputs[0]) if without_data else function(*outputs, targets)

    start = theta.detach().clone()
    return Model(start, (start.shape,), itself if loss is None else loss, run, has_outputs=loss is not None)


class _Within(nn.Module):
    """Runs work while the parameters of a module and its loss are others.

    Work includes the backward passes, as gradient checkpointing calls the module again there.
    """

    def __init__(self, module: nn.Module, loss: Callable[[Any, Tensor], Any]) -> None:
        super().__init__()
        self.module, self.loss = module, loss

    def forward(self, work: Callable[[Outputs], Result]) -> Result:
        """Call the work with the module."""
        return work(self.module)


def _fixed(within: _Within, names: set[str], dtype: torch.dtype | None) -> dict[str, Tensor]:
    """Return copies of all buffers, and where the precision is another also of parameters that don't belong to θ."""
    values = dict(within.named_buffers())
    if dtype is not None:
        values |= {name: each for name, each in within.named_parameters() if name not in names}
    return {name: _copy(value, dtype) for name, value in values.items()}


def _copy(value: Tensor, dtype: torch.dtype | None) -> Tensor:
    """Return a copy, of numbers that aren't whole in another precision if one is named."""
    return value.detach().to(dtype if dtype is not None and value.is_floating_point() else value.dtype, copy=True)


def _unwrapped(module: nn.Module) -> nn.Module:
    """Return the module inside the wrappers that train it; their compiled graphs can't be differentiated twice."""
    while True:
        if isinstance(module, (DataParallel, DistributedDataParallel)):
            module = module.module
            continue
        compiled = getattr(module, "_orig_mod", None)  # torch.compile's
        if not isinstance(compiled, nn.Module):
            return module
        module = compiled


def _check_parameters(module: nn.Module, named: dict[str, nn.Parameter], dtype: torch.dtype | None) -> None:
    if not named:
        count = len(list(module.parameters()))
        raise UserError(
            f"none of the module's {count} parameters requires a gradient, so there is no θ: set requires_grad=True on "
            "those that count"
        )
    for name, parameter in named.items():
        if is_lazy(parameter):
            raise UserError(f"the parameter {name!r} has no shape yet: run the module once on a batch before")
        if (dtype or parameter.dtype) not in _DTYPES or not parameter.is_floating_point():
            raise UserError(
                f"the parameter {name!r} is {parameter.dtype}, and second derivatives need float32 or float64: pass "
                "dtype=torch.float32 or torch.float64, which leaves the module as it is"
            )
    for what, seen in (
        ("types", {str(dtype or parameter.dtype) for parameter in named.values()}),
        ("devices", {str(parameter.device) for parameter in named.values()}),
    ):
        if len(seen) > 1:
            raise UserError(f"the parameters are of several {what}, {', '.join(sorted(seen))}: θ is one vector")
