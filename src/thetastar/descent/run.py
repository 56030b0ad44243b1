"""A training under way: the loop over batches, the looks at the validation rows, and members that leave early."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from thetastar.descent.batches import Stream, draw
from thetastar.descent.fused import fused_adam
from thetastar.descent.judge import Judgement, judge_members
from thetastar.descent.population import Ended, Examples, Member, MemberCurve, Plan, Trained, as_targets, stack_hyper
from thetastar.descent.rule import coefficients, start, step
from thetastar.functions import Dropout, FunctionSet, Pass
from thetastar.losses import Loss

__all__ = ["Run"]

_DIVERGED = 1e8  # a batch loss so many times the first one's will not come back
# Batches are gathered ahead in blocks of about this size: on a CPU they stay in a large cache, a GPU has the room.
_BLOCK_BYTES = {"cpu": 1 << 24, "cuda": 1 << 28}
_LARGEST_BLOCK = 64  # updates
# Multiplications and additions, some tenths of a second at most: between blocks the clock is read.
_BLOCK_WORK = {"cpu": 5e9, "cuda": 1e12}
_DROPOUT_SEED = 0x5EED  # tells the stream of dropout from the stream of the row order


@dataclass
class _Progress:
    """What is remembered of a member while it trains and after it has left."""

    kept: Tensor
    looks: list[int]
    validation: list[float]
    by_temperature: list[tuple[float, ...]]
    error: list[float]
    best: int = 0
    lowest: float = math.inf
    stale: int = 0
    made: int = 0
    at_looks: list[Tensor] = field(default_factory=list)
    stopped: Ended = "finished"


class Run:
    """A training under way: the stacked tensors of the active members, and the records of all.

    Args:
        functions: The set of functions.
        loss: What is minimised.
        examples: Encoded rows.
        members: At least one.
        plan: How long, by which rule, and what is watched.
        state: Where descent starts, [members, functions.state_size].
        stop: Once it is set, by whichever thread, all members leave as interrupted.
    """

    def __init__(
        self,
        functions: FunctionSet,
        loss: Loss,
        *,
        examples: Examples,
        members: Sequence[Member],
        plan: Plan,
        state: Tensor,
        stop: threading.Event,
    ) -> None:
        like = examples.weights
        self.stop = stop
        self.functions, self.loss, self.examples, self.plan = functions, loss, examples, plan
        self.members = members
        self.active = list(range(len(members)))  # member at each position of the stack
        self.updates = 0
        totals = plan.updates if isinstance(plan.updates, Sequence) else [plan.updates] * len(members)
        self.totals = list(totals)
        self.streams = [_stream(functions, examples, member) for member in members]
        self.generators = [torch.Generator(like.device).manual_seed(m.seed ^ _DROPOUT_SEED) for m in members]
        self.state = state.to(like, copy=True)
        self.hyper = stack_hyper(members, like)
        self.rule = start(plan.rule, self._theta(), hyper=self.hyper, decays=functions.decays())
        self.progress = [_Progress(one.clone(), [], [], [], []) for one in self.state]
        shape = (max(self.totals), len(members))
        self.losses, self.norms = like.new_full(shape, math.nan), like.new_full(shape, math.nan)
        self.snapshots: list[Tensor] = []
        self._flat = (examples.targets.flatten(0, 1), examples.weights.flatten(0, 1))
        self._stack()

    def to_the_end(self) -> None:
        """Train until every member has left. Ctrl-C stops every run that shares the event."""
        try:
            self._train()
        except KeyboardInterrupt:
            self.stop.set()
            self.leave(dict.fromkeys(range(len(self.active)), "interrupted"))

    def _train(self) -> None:
        self._look()
        while self.active:
            if self.stop.is_set():
                self.leave(dict.fromkeys(range(len(self.active)), "interrupted"))
                return
            self._advance(self._block_size())
            late = self.plan.deadline.left() <= 0
            if not (late or any(self._look_is_due(member) for member in self.active)):
                continue
            self._look(every=late)
            if late:
                self.leave(dict.fromkeys(range(len(self.active)), "budget"))
            elif self.plan.progress is not None:
                self.plan.progress(self.updates / max(self.totals))

    def leave(self, reasons: Mapping[int, Ended]) -> None:
        """Take members, by their position in the stack, out of the training."""
        if not reasons:
            return
        for position, reason in reasons.items():
            progress, here = self.progress[self.active[position]], self.state[position]
            progress.stopped, progress.made = reason, self.updates
            last = not self.plan.keep_best or len(self.members[self.active[position]].validation) == 0
            if last and bool(here.isfinite().all()) and reason != "diverged":
                progress.kept.copy_(here)
                progress.best = self.updates
        staying = [position for position in range(len(self.active)) if position not in reasons]
        chosen = torch.tensor(staying, dtype=torch.int64, device=self.state.device)
        active = [self.active[position] for position in staying]
        state, hyper, rule = self.state[chosen], self.hyper.select(chosen), self.rule.select(chosen)
        # Together, so that Ctrl-C finds each state beside its member.
        self.active, self.state, self.hyper, self.rule = active, state, hyper, rule
        if self.active:
            self._stack()

    def result(self) -> Trained:
        """Return what every member kept and recorded."""
        curves = tuple(
            MemberCurve(
                loss=self.losses[: progress.made, member].cpu(),
                gradient_norm=self.norms[: progress.made, member].cpu(),
                looks=tuple(progress.looks),
                validation=tuple(progress.validation),
                by_temperature=tuple(progress.by_temperature),
                error=tuple(progress.error),
                best=progress.best,
                stopped=progress.stopped,
            )
            for member, progress in enumerate(self.progress)
        )
        state = torch.stack([progress.kept for progress in self.progress])
        snapshots = torch.stack(self.snapshots) if self.snapshots else state.new_empty(0, state.shape[1])
        kept = [progress.at_looks for progress in self.progress] if self.plan.keep_every else []
        at_looks = tuple(torch.stack(one) if one else state.new_empty(0, state.shape[1]) for one in kept)
        return Trained(state, curves, snapshots, at_looks)

    def _theta(self) -> Tensor:
        return self.state[:, : self.functions.size]

    def _stack(self) -> None:
        """Make the buffers for the members that are active now."""
        members = [self.members[member] for member in self.active]
        self._gradient = self.state.new_zeros(len(members), self.functions.size)
        self._width = max(self.streams[member].size for member in self.active)
        rates = tuple(member.dropout for member in members)
        sizes = tuple(self.streams[member].size for member in self.active)
        generators = tuple(self.generators[member] for member in self.active)
        dropout = Dropout(rates, generators, sizes) if any(rates) else None
        self._pass = Pass(self.functions, self.state, gradient=self._gradient, rows=self._width, dropout=dropout)
        totals = [self.totals[member] for member in self.active]
        self._fused = fused_adam(
            self.plan.rule, self._theta(), self._gradient, state=self.rule, hyper=self.hyper, totals=totals
        )
        self._clips = bool(self.hyper.clip.isfinite().any())
        self._columns = torch.tensor(self.active, device=self.state.device)
        ahead = self._ahead() * len(members) * self._width
        self._room = [source.new_empty(ahead, *source.shape[1:]) for source in self._flat]
        self._inputs_room = self.state.new_empty(ahead, self.examples.width)

    def _ahead(self) -> int:
        """Return how many updates' batches to gather at once."""
        device, rows = "cuda" if self.state.is_cuda else "cpu", len(self.active) * self._width
        update_bytes = rows * self.functions.inputs * self.state.element_size()
        update_work = 6 * rows * self.functions.size  # a product forward and two backward, two operations each
        fitting = min(_BLOCK_BYTES[device] // max(1, update_bytes), int(_BLOCK_WORK[device] / update_work))
        return max(1, min(self.plan.check_every, fitting, _LARGEST_BLOCK))

    def _block_size(self) -> int:
        """Return how many updates to make before the next look, snapshot or end, or as many as are gathered at once."""
        due = self.plan.check_every - self.updates % self.plan.check_every
        end = min(self.totals[member] for member in self.active) - self.updates
        return min(due, end, self._until_snapshot(), self._ahead())

    def _advance(self, updates: int) -> None:
        """Make a block of updates."""
        plan, rule, hyper, theta = self.plan, self.rule, self.hyper, self._theta()
        now = zip(*coefficients(plan.rule, hyper, updates=rule.updates, factors=self._factors(updates)), strict=True)
        losses, norms = [], self.state.new_empty(updates, len(self.active))
        batches = zip(*(tensor.unbind() for tensor in self._gather(updates)), now, norms.unbind(), strict=True)
        for inputs, targets, weights, numbers, norm in batches:
            outputs = self._pass.forward(inputs, weights=weights)
            value, slope = self.loss.value_and_gradient(outputs, targets, weights)
            self._pass.backward(inputs, slope)
            torch.linalg.vector_norm(self._gradient, dim=1, out=norm)
            if self._clips:
                self._gradient.mul_((hyper.clip / norm.unsqueeze(1)).clamp_max_(1.0))
            if self._fused is None:
                step(plan.rule, theta, self._gradient, state=rule, hyper=hyper, now=numbers)
            else:
                self._fused.step(numbers[0])
            losses.append(value)
        here = slice(self.updates, self.updates + updates)
        self.losses[here, self._columns], self.norms[here, self._columns] = torch.stack(losses), norms
        self.updates += updates
        self._snap()

    def _gather(self, updates: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return the next batches: inputs, targets and weights, each [updates, members, batch, …]."""
        block = draw([self.streams[member] for member in self.active], updates, width=self._width)
        rows = block.rows.to(self.state.device)
        flat = rows.flatten()
        room = self._inputs_room[: len(flat)].view(*rows.shape, self.examples.width)
        inputs = self.examples.gather(rows, sources=[self.members[member].source for member in self.active], out=room)
        gathered = []
        for source, room in zip(self._flat, self._room, strict=True):
            there = room[: len(flat)]
            torch.index_select(source, 0, flat, out=there)
            gathered.append(there.view(*rows.shape, *source.shape[1:]))
        targets, weights = gathered
        return inputs, as_targets(targets), weights.mul_(block.present.to(weights))

    def _factors(self, updates: int) -> Tensor:
        """Return the schedule's factors of the next updates, [updates, members, 1]."""
        totals = [self.totals[member] for member in self.active]
        coming = range(self.updates, self.updates + updates)
        table = {total: [self.plan.schedule.factor(update, total) for update in coming] for total in set(totals)}
        return self.state.new_tensor([table[total] for total in totals]).t().unsqueeze(2)

    def _snap(self) -> None:
        """Keep the first member's state at even steps along its path."""
        if self._until_snapshot() <= 0:
            self.snapshots.append(self.state[0].clone())

    def _until_snapshot(self) -> int:
        """Return how many updates lie before the next snapshot; 0 or less if it is due."""
        wanted = min(self.plan.snapshots, self.totals[0])
        if self.active[0] != 0 or len(self.snapshots) >= wanted:
            return _LARGEST_BLOCK
        return len(self.snapshots) * self.totals[0] // wanted + 1 - self.updates

    def _look_is_due(self, member: int) -> bool:
        """Tell whether a member is to be judged now: its neighbours' ends must not give it another look."""
        return self.updates % self.plan.check_every == 0 or self.totals[member] <= self.updates

    def _look(self, *, every: bool = False) -> None:
        """Judge the active members whose look is due, keep what is better, and let go of those that are done."""
        judgement, sound, recent = self._judge(), self._sound(), self._recent().mean(0).tolist()
        tempered, values, errors = (
            each.tolist() for each in (judgement.losses, judgement.losses.amin(1), judgement.error)
        )
        reasons: dict[int, Ended] = {}
        for position, member in enumerate(self.active):
            if not (every or self._look_is_due(member)):
                continue
            progress, judged = self.progress[member], len(self.members[member].validation) > 0
            if judged:
                progress.looks.append(self.updates)
                progress.validation.append(values[position])
                progress.by_temperature.append(tuple(tempered[position]))
                progress.error.append(errors[position])
                self._keep_look(progress, self.state[position])
            if not sound[position]:
                reasons[position] = "diverged"
                continue
            # Without validation rows the training loss tells where to go back to, should the member diverge.
            value = values[position] if judged else recent[position]
            if value < progress.lowest:
                progress.kept.copy_(self.state[position])
                progress.best, progress.lowest, progress.stale = self.updates, value, 0
            else:
                progress.stale += 1
            if self.totals[member] <= self.updates:
                reasons[position] = "finished"
            elif judged and 0 < self.plan.patience <= progress.stale:
                reasons[position] = "early"
        self.leave(reasons)

    def _keep_look(self, progress: _Progress, state: Tensor) -> None:
        """Keep the state of the look that was just recorded, if it is one of those to be kept."""
        every = self.plan.keep_every
        if every and (len(progress.looks) - 1) % every == 0:
            progress.at_looks.append(state.clone())

    def _judge(self) -> Judgement:
        """Judge every active member on its validation rows; nan for those without any."""
        members = [self.members[member] for member in self.active]
        return judge_members(
            self.functions,
            self.loss,
            state=self.state,
            examples=self.examples,
            sources=[member.source for member in members],
            rows=[member.validation for member in members],
            temperatures=self.plan.temperatures,
        )

    def _sound(self) -> list[bool]:
        """Tell which active members are still on finite ground."""
        finite = self.state.isfinite().all(1)
        if self.updates:
            bound = _DIVERGED * self.losses[0, self._columns].abs().clamp_min(1.0)
            finite &= (self._recent().abs() <= bound).all(0)  # nan is not ≤ anything
        return [bool(value) for value in finite.tolist()]

    def _recent(self) -> Tensor:
        """Return the active members' batch losses since the last look, [updates, active]."""
        last_look = max(0, self.updates - 1) // self.plan.check_every * self.plan.check_every
        return self.losses[last_look : self.updates][:, self._columns]


def _stream(functions: FunctionSet, examples: Examples, member: Member) -> Stream:
    """Return a member's batches as positions in the flattened examples."""
    least, offset = 2 if functions.batch_norm else 1, member.source * examples.rows
    return Stream(member.train, member.batch_size, seed=member.seed, at_least=least, offset=offset)
