"""Losses and errors of stacked members over whole sets of rows, without dropout and with running averages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from thetastar.descent.population import Examples, as_targets
from thetastar.functions import FunctionSet, evaluate
from thetastar.losses import Loss

__all__ = ["Judgement", "judge_members", "mean_loss", "outputs_for", "outputs_on"]

_CHUNK_NUMBERS = 1 << 22  # inputs and hidden values in flight at once: 16 MiB in float32


@dataclass(frozen=True)
class Judgement:
    """How members do on their rows.

    Attributes:
        losses: Weighted mean loss when the outputs are divided by each temperature, [members, temperatures].
        error: Root of the weighted mean squared error, or weighted share of wrong classes, [members].
    """

    losses: Tensor
    error: Tensor


def mean_loss(
    functions: FunctionSet,
    loss: Loss,
    *,
    state: Tensor,
    examples: Examples,
    sources: Sequence[int],
    rows: Sequence[Tensor],
) -> Tensor:
    """Return each member's weighted mean loss over its own rows.

    Args:
        functions: The set of functions.
        loss: Judged by.
        state: [members, functions.state_size].
        examples: Encoded rows.
        sources: Which encoding each member sees.
        rows: Which rows each member is judged on, whole numbers [rows]; nan for a member without any.

    Returns:
        [members].
    """
    return judge_members(functions, loss, state=state, examples=examples, sources=sources, rows=rows).losses[:, 0]


def judge_members(
    functions: FunctionSet,
    loss: Loss,
    *,
    state: Tensor,
    examples: Examples,
    sources: Sequence[int],
    rows: Sequence[Tensor],
    temperatures: Sequence[float] = (1.0,),
) -> Judgement:
    """Return each member's weighted mean losses and error over its own rows.

    Dividing the outputs by a temperature stays within the set of functions, whose outputs are sums: it divides bias,
    shortcut and the last hidden layer's weights. Above 1 it makes logits less sure of themselves without changing the
    class they are for (Guo et al., On Calibration of Modern Neural Networks, 2017, section 4).

    Args:
        functions: The set of functions.
        loss: Judged by.
        state: [members, functions.state_size].
        examples: Encoded rows.
        sources: Which encoding each member sees.
        rows: Which rows each member is judged on, whole numbers [rows]; nan for a member without any.
        temperatures: What the outputs are divided by, one after the other.
    """
    members, width = len(rows), max(len(chosen) for chosen in rows)
    losses, errors = state.new_zeros(members, len(temperatures)), state.new_zeros(members)
    if width == 0:
        return Judgement(losses + torch.nan, errors + torch.nan)
    index, weights = _padded(examples, sources, rows, width)
    targets = examples.targets.flatten(0, 1)
    for begin in range(0, width, _chunk(functions, members)):
        part = index[:, begin : begin + _chunk(functions, members)]
        room = state.new_empty(1, *part.shape, functions.leading)
        outputs = evaluate(functions, state, examples.gather(part.unsqueeze(0), sources=sources, out=room)[0])
        flat = part.flatten()  # selecting by a flat index is several times faster than by one of two dimensions
        targeted = as_targets(targets.index_select(0, flat)).view(*part.shape, *targets.shape[1:])
        shares = weights[:, begin : begin + part.shape[1]]
        for place, temperature in enumerate(temperatures):
            losses[:, place] += loss.value(outputs / temperature, targeted, shares)
        errors += (_row_errors(outputs, targeted) * shares).sum(1)
    empty = torch.tensor([len(chosen) == 0 for chosen in rows], device=state.device)
    error = errors.sqrt() if examples.targets.is_floating_point() else errors
    return Judgement(losses.masked_fill(empty.unsqueeze(1), torch.nan), error.masked_fill(empty, torch.nan))


def outputs_on(functions: FunctionSet, state: Tensor, *, examples: Examples, source: int, rows: Tensor) -> Tensor:
    """Return one member's outputs for some rows of a source, in chunks that fit the cache.

    Args:
        functions: The set of functions.
        state: [functions.state_size].
        examples: Encoded rows.
        source: Which encoding it sees.
        rows: Positions, whole numbers [rows].

    Returns:
        [rows, outputs].
    """
    take = partial(examples.take, source, leading=functions.leading)
    parts = torch.split(rows, _chunk(functions, 1)) if len(rows) else ()
    chunks = [evaluate(functions, state[None], take(part)[None])[0] for part in parts]
    return torch.cat(chunks) if chunks else state.new_empty(0, functions.outputs)


def outputs_for(functions: FunctionSet, state: Tensor, inputs: Tensor) -> Tensor:
    """Return the outputs for many rows, in chunks that fit the cache.

    Args:
        functions: The set of functions.
        state: [members, functions.state_size].
        inputs: [members or 1, rows, inputs].

    Returns:
        [members, rows, outputs].
    """
    size = _chunk(functions, state.shape[0])
    chunks = [evaluate(functions, state, inputs[:, i : i + size]) for i in range(0, inputs.shape[1], size)]
    return torch.cat(chunks, 1) if chunks else state.new_empty(state.shape[0], 0, functions.outputs)


def _row_errors(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return squared errors, or 1 for a wrong class, [members, rows]."""
    if targets.is_floating_point():
        return (outputs - targets).square().sum(2)
    return (outputs.argmax(2) != targets).to(outputs.dtype)


def _chunk(functions: FunctionSet, members: int) -> int:
    """Return how many rows of every member to look at together."""
    return max(1, _CHUNK_NUMBERS // (members * (functions.leading + 2 * sum(functions.hidden) + functions.outputs)))


def _padded(examples: Examples, sources: Sequence[int], rows: Sequence[Tensor], width: int) -> tuple[Tensor, Tensor]:
    """Return every member's rows as positions in the flattened examples, and weights that sum to one per member."""
    per_source = examples.rows
    index = torch.zeros(len(rows), width, dtype=torch.int64)
    weights = examples.weights.new_zeros(len(rows), width)
    for member, (source, chosen) in enumerate(zip(sources, rows, strict=True)):
        if len(chosen) == 0:
            continue
        positions = chosen.long() + source * per_source  # over all sources they may be more than 32 bits count
        index[member] = positions[0]  # padding: of the member's own, so that no nan comes in
        index[member, : len(chosen)] = positions
        own = examples.weights[source][chosen.to(examples.weights.device)]
        weights[member, : len(chosen)] = own / own.sum()
    return index.to(examples.weights.device), weights
