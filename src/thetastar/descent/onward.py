"""Descent that goes on from a state already found, over rows that come by once and aren't kept."""

from __future__ import annotations

import torch
from torch import Tensor

from thetastar.descent.fused import fused_adam
from thetastar.descent.population import Member, stack_hyper
from thetastar.descent.rule import coefficients, rule_named, start, step
from thetastar.functions import Dropout, FunctionSet, Pass
from thetastar.losses import Loss

__all__ = ["Onward"]


class Onward:
    """Members that learn by Adam from one batch after the other, the same rows for all of them.

    ``train`` draws batches from rows that it has at hand; here whoever reads the rows hands them over, and Adam's
    averages live on from block to block.

    Args:
        functions: The set of functions.
        loss: What is minimised.
        state: Where the members stand, [members, functions.state_size]; not changed.
        like: Learning rate, weight decay, dropout, batch size and seed of every member.
    """

    def __init__(self, functions: FunctionSet, loss: Loss, *, state: Tensor, like: Member) -> None:
        members, size = len(state), like.batch_size
        self.state = state.clone()
        self.batch_size = size
        self._functions, self._loss, self._rule = functions, loss, rule_named("adam")
        self._theta, self._gradient = self.state[:, : functions.size], torch.zeros(members, functions.size)
        self._hyper = stack_hyper([like] * members, self.state)
        self._memory = start(self._rule, self._theta, hyper=self._hyper, decays=functions.decays())
        self._fused = fused_adam(
            self._rule, self._theta, self._gradient, state=self._memory, hyper=self._hyper, totals=[0] * members
        )
        streams = tuple(torch.Generator().manual_seed(like.seed * 1000 + member) for member in range(members))
        dropout = Dropout((like.dropout,) * members, streams, (size,) * members) if like.dropout else None
        self._pass = Pass(functions, self.state, gradient=self._gradient, rows=size, dropout=dropout)

    def learn(self, inputs: Tensor, targets: Tensor, *, factor: float) -> None:
        """Make one update.

        Args:
            inputs: In each member's encoding, [members, rows, functions.inputs], at most a batch of rows.
            targets: On each member's scale, [members, rows, outputs], or class codes [members, rows].
            factor: What the learning rate is multiplied by.
        """
        rows = inputs.shape[1]
        weights = torch.full((len(inputs), self.batch_size), 1 / rows)
        if rows < self.batch_size:  # filled up with rows that count nothing
            weights[:, rows:] = 0
            filling = torch.arange(self.batch_size).clamp_max(rows - 1)
            inputs, targets = inputs[:, filling], targets[:, filling]
        outputs = self._pass.forward(inputs, weights=weights)
        _, slope = self._loss.value_and_gradient(outputs, targets, weights)
        self._pass.backward(inputs, slope)
        factors = torch.full((1, len(inputs), 1), factor)
        eta, rate, epsilon = coefficients(self._rule, self._hyper, updates=self._memory.updates, factors=factors)
        if self._fused is None:
            now = eta[0], rate[0], epsilon[0]
            step(self._rule, self._theta, self._gradient, state=self._memory, hyper=self._hyper, now=now)
        else:
            self._fused.step(eta[0])
