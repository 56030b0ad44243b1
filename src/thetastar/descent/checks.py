"""What must fit together before a population is trained: a wrong shape or row would otherwise train on something else.

Rows are positions in one long tensor of all sources, so a row out of range would silently be a row of another source;
and numbers where class codes are expected would silently be broadcast.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from thetastar.descent.population import Examples, Member, Plan, as_targets
from thetastar.errors import UserError
from thetastar.functions import FunctionSet
from thetastar.losses import Loss

__all__ = ["check_examples", "check_members", "check_start"]


def check_examples(functions: FunctionSet, loss: Loss, examples: Examples) -> None:
    """Check that the functions read these inputs and the loss these targets.

    Raises:
        UserError: if the inputs have another width, a class code is out of range, or the loss can't read the targets.
    """
    if examples.width != functions.inputs:
        raise UserError(
            f"the functions read {functions.inputs} inputs, but the examples have {examples.width} "
            f"(inputs of shape {tuple(examples.inputs.shape)})"
        )
    targets = examples.targets
    if targets.ndim == 2 and targets.numel() and not 0 <= int(targets.min()) <= int(targets.max()) < functions.outputs:
        raise UserError(
            f"class codes must lie in 0…{functions.outputs - 1}, one for each output; "
            f"seen {int(targets.min())} to {int(targets.max())}"
        )
    _check_loss(functions, loss, examples)


def _check_loss(functions: FunctionSet, loss: Loss, examples: Examples) -> None:
    """Try the loss on a few made-up rows, as many as can't be mistaken for the outputs when broadcast."""
    if examples.targets.ndim == 3 and examples.targets.shape[2] != functions.outputs:
        raise UserError(
            f"the functions have {functions.outputs} outputs, but the targets are {examples.targets.shape[2]} numbers "
            f"a row (targets of shape {tuple(examples.targets.shape)})"
        )
    rows = functions.outputs + 2
    outputs = examples.weights.new_zeros(1, rows, functions.outputs)
    targets = as_targets(examples.targets.new_zeros(1, rows, *examples.targets.shape[2:]))
    problem: Exception | None = None
    try:
        _, slope = loss.value_and_gradient(outputs, targets, outputs.new_ones(1, rows))
        fits = slope.shape == outputs.shape
    except (RuntimeError, IndexError) as error:
        fits, problem = False, error
    if not fits:
        raise UserError(
            f"the loss {loss.name!r} can't compare {functions.outputs} outputs with targets of shape "
            f"{tuple(examples.targets.shape)} and type {examples.targets.dtype}: numbers are [sources, rows, outputs], "
            "class codes [sources, rows]"
        ) from problem


def check_members(examples: Examples, members: Sequence[Member]) -> None:
    """Check that every member's source and rows exist.

    Raises:
        UserError: if there is no member, or one names a source or a row that isn't there.
    """
    if not members:
        raise UserError("a population needs at least one member")
    sources, rows = examples.sources, examples.rows
    for position, member in enumerate(members):
        if not 0 <= member.source < sources:
            raise UserError(f"member {position} sees source {member.source}, but there are {sources}")
        for name, chosen in (("train", member.train), ("validation", member.validation)):
            _check_rows(chosen, rows, whose=f"member {position}'s {name} rows")


def _check_rows(chosen: Tensor, rows: int, *, whose: str) -> None:
    if chosen.ndim != 1 or chosen.dtype not in (torch.int32, torch.int64):
        raise UserError(
            f"{whose} must be positions, int32 or int64 [rows]; seen shape {tuple(chosen.shape)} and type "
            f"{chosen.dtype}"
        )
    if len(chosen) and not 0 <= int(chosen.min()) <= int(chosen.max()) < rows:
        raise UserError(f"{whose} must lie in 0…{rows - 1}; seen {int(chosen.min())} to {int(chosen.max())}")


def check_start(functions: FunctionSet, members: Sequence[Member], *, plan: Plan, state: Tensor | None) -> None:
    """Check that the plan and the starting state are for these members.

    Raises:
        UserError: if the numbers of updates or the state have another shape, or a number of the plan is out of range.
    """
    if isinstance(plan.updates, Sequence) and len(plan.updates) != len(members):
        raise UserError(f"{len(plan.updates)} numbers of updates were given for {len(members)} members")
    expected = (len(members), functions.state_size)
    if state is not None and tuple(state.shape) != expected:
        raise UserError(f"the starting state must be [members, state_size] = {expected}; seen {tuple(state.shape)}")
