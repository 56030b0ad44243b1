"""A population: members of one set of functions, trained side by side as stacked tensors.

Folds, seeds, learning rates and batch sizes are all members. Each has its own rows, hyper-parameters and random streams
and never touches its neighbours: one that diverges is frozen at its best state and reported, one that has converged
leaves the stack so that the others go faster.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from thetastar.descent.deadline import Deadline
from thetastar.descent.inputs import Inputs
from thetastar.descent.rule import Hyper, Rule, rule_named
from thetastar.descent.schedules import Constant, Schedule
from thetastar.errors import UserError

__all__ = ["Ended", "Examples", "Member", "MemberCurve", "Plan", "Trained", "as_targets", "stack_hyper"]

Ended = Literal["finished", "early", "diverged", "budget", "interrupted"]  # why a member's training ended


@dataclass(frozen=True)
class Examples:
    """Encoded rows to learn from, in one or several encodings (one per fold, say).

    Attributes:
        inputs: [sources, rows, inputs], floating; their precision and device are the training's. Or what computes them
            when they are asked for, in float32 in main memory.
        targets: [sources, rows, outputs], brought to the inputs' type; or class codes [sources, rows], whole numbers of
            any size: one byte each is enough for most.
        weights: [sources, rows], 1 on average over the rows that a member trains on; brought to the inputs' type.
    """

    inputs: Tensor | Inputs
    targets: Tensor
    weights: Tensor

    def __post_init__(self) -> None:
        """Bring everything to one type; refuse tensors that don't belong together."""
        shape = self.inputs.shape[:2]
        if len(self.inputs.shape) != 3 or self.targets.shape[:2] != shape or self.weights.shape != shape:
            raise UserError(
                "examples need inputs [sources, rows, inputs], targets [sources, rows, …] and weights [sources, rows]; "
                f"seen {tuple(self.inputs.shape)}, {tuple(self.targets.shape)} and {tuple(self.weights.shape)}"
            )
        codes = self.targets.ndim == 2
        readable = self.targets.ndim == 3 or (codes and not self.targets.is_floating_point())
        like = self.inputs if isinstance(self.inputs, Tensor) else torch.empty(0)
        if not (like.is_floating_point() and readable):
            raise UserError(
                "examples need floating inputs, and targets [sources, rows, outputs] of numbers or [sources, rows] of "
                f"integer class codes; seen {like.dtype}, and {self.targets.dtype} {tuple(self.targets.shape)}"
            )
        if self.weights.numel() and not float(self.weights.amin()) >= 0:  # nor is nan
            raise UserError("the examples' weights must be numbers from 0 up; seen a negative or missing one")
        kind = self.targets.dtype if codes else like.dtype
        kind = torch.uint8 if kind == torch.bool else kind
        object.__setattr__(self, "targets", self.targets.to(like.device, kind))
        object.__setattr__(self, "weights", self.weights.to(like))

    @property
    def sources(self) -> int:
        """Return how many encodings there are."""
        return self.inputs.shape[0]

    @property
    def rows(self) -> int:
        """Return how many rows there are."""
        return self.inputs.shape[1]

    @property
    def width(self) -> int:
        """Return the width of an encoded row."""
        return self.inputs.shape[2]

    def targets_of(self, source: int, rows: Tensor) -> Tensor:
        """Return the targets of some rows [rows] as losses take them, [len(rows), …]."""
        return as_targets(self.targets[source].index_select(0, rows))

    def take(self, source: int, rows: Tensor, *, leading: int) -> Tensor:
        """Return the leading inputs of some rows [rows] in a source's encoding, [len(rows), leading]."""
        if isinstance(self.inputs, Tensor):
            return self.inputs[source, :, :leading].index_select(0, rows)
        return self.inputs.take(source, rows, leading=leading)

    def gather(self, positions: Tensor, *, sources: Sequence[int], out: Tensor) -> Tensor:
        """Write members' rows side by side.

        Args:
            positions: Rows in one count over all sources, source · rows + row, [any, members, rows of a member].
            sources: Which encoding each member sees.
            out: [any, members, rows of a member, leading inputs that are wanted].

        Returns:
            What was written.
        """
        if isinstance(self.inputs, Tensor):
            flat = self.inputs.flatten(0, 1)[:, : out.shape[-1]]
            torch.index_select(flat, 0, positions.flatten(), out=out.view(positions.numel(), out.shape[-1]))
            return out
        for member, source in enumerate(sources):
            rows = positions[:, member].flatten() - source * self.rows
            out[:, member] = self.inputs.take(source, rows, leading=out.shape[-1]).view(out[:, member].shape)
        return out


def as_targets(targets: Tensor) -> Tensor:
    """Return numbers as they are, and class codes as int64, which losses take."""
    return targets if targets.is_floating_point() else targets.long()


@dataclass(frozen=True, kw_only=True)
class Member:
    """One member of a population.

    Attributes:
        train: Which rows it learns from, int32 or int64 [rows].
        validation: Which rows judge it, int32 or int64 [rows]; empty for none.
        source: Which encoding of the examples it sees.
        seed: Of its random streams: the start, the order of rows, dropout.
        learning_rate: η before the schedule.
        momentum: λ (Adam's β₁).
        decay: α (Adam's β₂).
        weight_decay: Decoupled weight decay.
        clip: Largest gradient norm; inf for none.
        dropout: Share of hidden units silenced while training.
        batch_size: Rows per update.
    """

    train: Tensor
    validation: Tensor = field(default_factory=lambda: torch.empty(0, dtype=torch.int64))
    source: int = 0
    seed: int = 0
    learning_rate: float = 1e-3
    momentum: float = 0.9
    decay: float = 0.999
    weight_decay: float = 0.0
    clip: float = math.inf
    dropout: float = 0.0
    batch_size: int = 256

    def __post_init__(self) -> None:
        """Refuse hyper-parameters out of range."""
        if not (self.learning_rate > 0 and self.clip > 0 and self.batch_size >= 1 and self.weight_decay >= 0):
            raise UserError(f"learning_rate, clip and batch_size must be positive, weight_decay not negative: {self}")
        if not (0 <= self.momentum < 1 and 0 <= self.decay < 1 and 0 <= self.dropout < 1):
            raise UserError(f"momentum, decay and dropout must lie in [0, 1): {self}")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long a population is trained, and what is watched.

    Attributes:
        updates: Updates per member; one number, or one per member.
        rule: What fills m and σ.
        schedule: η_t.
        check_every: Updates between two looks at the validation rows (and at the clock).
        patience: Looks without improvement after which a member stops; 0 for never.
        keep_best: Whether a member with validation rows ends at its best look. Else, and without validation rows, it
            ends at its last update, or if it diverges at the look with the smallest validation or training loss.
        snapshots: How many states of the first member to keep along its path, spread evenly; 0 for none.
        keep_every: Of how many looks at validation rows one state is kept; 0 for none.
        temperatures: What the outputs are divided by at a look; the lowest of these losses counts.
        deadline: When to stop whatever was reached.
        progress: Called with the share of updates made, at each look.
    """

    updates: int | Sequence[int]
    rule: Rule = field(default_factory=lambda: rule_named("adam"))
    schedule: Schedule = field(default_factory=Constant)
    check_every: int = 100
    patience: int = 0
    keep_best: bool = True
    snapshots: int = 0
    keep_every: int = 0
    temperatures: tuple[float, ...] = (1.0,)
    deadline: Deadline = field(default_factory=Deadline.never)
    progress: Callable[[float], None] | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that make no plan."""
        fewest = min(self.updates, default=0) if isinstance(self.updates, Sequence) else self.updates
        if not self.temperatures or not min(self.temperatures) > 0:
            raise UserError(f"temperatures must be positive numbers, and at least one; seen {self.temperatures}")
        if self.check_every < 1 or min(fewest, self.patience, self.snapshots, self.keep_every) < 0:
            raise UserError(
                "check_every must be at least 1, and updates, patience, snapshots and keep_every at least 0; seen "
                f"check_every={self.check_every}, updates={self.updates}, patience={self.patience}, "
                f"snapshots={self.snapshots}, keep_every={self.keep_every}"
            )


@dataclass(frozen=True)
class MemberCurve:
    """What was recorded of one member.

    Attributes:
        loss: Training loss of each update's batch, before the update, [updates].
        gradient_norm: ‖g‖ of each update, before clipping, [updates].
        looks: After how many updates the validation rows were looked at.
        validation: The validation loss at each look: the lowest over the plan's temperatures.
        by_temperature: The validation loss at each look and temperature.
        error: The validation rows' error at each look: root mean square, or share of wrong classes.
        best: After how many updates the kept state was reached.
        stopped: Why it ended.
    """

    loss: Tensor
    gradient_norm: Tensor
    looks: tuple[int, ...]
    validation: tuple[float, ...]
    by_temperature: tuple[tuple[float, ...], ...]
    error: tuple[float, ...]
    best: int
    stopped: Ended


@dataclass(frozen=True)
class Trained:
    """A trained population.

    Attributes:
        state: [members, functions.state_size], each member's kept state.
        curves: One per member.
        snapshots: States of the first member along its path, [snapshots, state_size].
        at_looks: States of each member at every ``keep_every``-th of its looks, the first included, [looks, state_size]
            each; empty if none were to be kept.
    """

    state: Tensor
    curves: tuple[MemberCurve, ...]
    snapshots: Tensor
    at_looks: tuple[Tensor, ...] = ()


def stack_hyper(members: Sequence[Member], like: Tensor) -> Hyper:
    """Return the members' hyper-parameters as [members, 1] tensors of the dtype and device of ``like``."""

    def column(name: str) -> Tensor:
        return torch.tensor([[getattr(member, name)] for member in members], dtype=like.dtype, device=like.device)

    return Hyper(*(column(name) for name in ("learning_rate", "momentum", "decay", "weight_decay", "clip")))
