"""Adam in one pass over memory, by torch's own kernel.

``rule.step`` writes the three parts of the rule out, one pass over all parameters for each operation. For Adam torch
has the same formula in one pass, which a large network or a small one's thousands of updates notice. The two differ in
rounding only; the tests compare them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.descent.rule import Hyper, Rule, RuleState, shrink

__all__ = ["FusedAdam", "fused_adam"]


@dataclass(frozen=True)
class _Group:
    """Members with equal hyper-parameters and schedules, which one call of the kernel updates."""

    first: int  # position of one of them
    momentum: float
    decay: float
    theta: list[Tensor]  # of each member; the next three likewise
    gradient: list[Tensor]
    direction: list[Tensor]
    squares: list[Tensor]


def fused_adam(
    rule: Rule, theta: Tensor, gradient: Tensor, *, state: RuleState, hyper: Hyper, totals: Sequence[int]
) -> FusedAdam | None:
    """Return Adam's update on these tensors, or None where the rule is another or the kernel is not at hand.

    Args:
        rule: The rule.
        theta: [members, size], overwritten by each update.
        gradient: [members, size], read at each update.
        state: From ``rule.start``; overwritten by each update.
        hyper: Of the members.
        totals: How many updates each member's schedule is laid out for.
    """
    adam = (rule.direction, rule.scale) == ("average", "decaying_corrected")
    if not adam or theta.device.type != "cpu" or not hasattr(torch, "_fused_adam_"):
        return None
    return FusedAdam(rule.epsilon, theta, gradient, state=state, hyper=hyper, totals=totals)


class FusedAdam:
    """Updates of the same tensors; see ``fused_adam``."""

    def __init__(
        self,
        epsilon: float,
        theta: Tensor,
        gradient: Tensor,
        *,
        state: RuleState,
        hyper: Hyper,
        totals: Sequence[int],
    ) -> None:
        self._epsilon, self._theta, self._state, self._hyper = epsilon, theta, state, hyper
        self._time = theta.new_zeros(())
        alike: dict[tuple[float, ...], list[int]] = {}
        numbers = torch.cat([hyper.learning_rate, hyper.momentum, hyper.decay], 1).tolist()
        for member, (own, total) in enumerate(zip(numbers, totals, strict=True)):
            alike.setdefault((*own, total), []).append(member)
        stacks = (theta, gradient, state.direction, state.squares)
        self._groups = [
            _Group(chosen[0], own[1], own[2], *([stack[member] for member in chosen] for stack in stacks))
            for own, chosen in alike.items()
        ]

    def step(self, eta: Tensor) -> None:
        """Make one update.

        Args:
            eta: η_t, [members, 1].
        """
        shrink(self._theta, eta, state=self._state, hyper=self._hyper)
        self._state.updates += 1
        self._time.fill_(self._state.updates)
        for group in self._groups:
            torch._fused_adam_(
                group.theta,
                group.gradient,
                group.direction,
                group.squares,
                [],
                [self._time] * len(group.theta),
                lr=eta[group.first],
                beta1=group.momentum,
                beta2=group.decay,
                weight_decay=0.0,
                eps=self._epsilon,
                amsgrad=False,
                maximize=False,
            )
