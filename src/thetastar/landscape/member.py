"""A member of our own population as an objective."""

from __future__ import annotations

import torch
from torch import Tensor

from thetastar.functions import FunctionSet, outputs_at
from thetastar.landscape.objective import Objective
from thetastar.losses import Loss

__all__ = ["member_objective"]


def member_objective(
    functions: FunctionSet,
    loss: Loss,
    *,
    state: Tensor,
    inputs: Tensor,
    targets: Tensor,
    weights: Tensor | None = None,
    memory: float | None = None,
) -> Objective:
    """Return the weighted mean loss of some rows as a function of one member's θ.

    Running averages of batch normalisation stay as they are, and dropout is off.

    Args:
        functions: The set of functions.
        loss: Judged by.
        state: The member's, [functions.state_size].
        inputs: Encoded rows, [rows, functions.inputs]; the leading inputs that are read will do.
        targets: As the loss takes them: [rows, outputs] numbers or [rows] codes of classes.
        weights: [rows]; None counts every row once.
        memory: Bytes that graphs may take; half of what is free by default.

    Example:
        >>> from thetastar.losses import Squared
        >>> line = FunctionSet(inputs=1, outputs=1, shortcut=1)
        >>> rows = {"inputs": torch.tensor([[0.0], [2.0]]), "targets": torch.tensor([[1.0], [3.0]])}
        >>> objective = member_objective(line, Squared(), state=torch.zeros(2), **rows)
        >>> objective.hessian_product(torch.eye(2))
        tensor([[2., 2.],
                [2., 4.]])
    """
    count, running = len(inputs), state[functions.size :].detach().clone()
    each = torch.ones_like(inputs[:, 0]) if weights is None else weights * (count / weights.sum())

    # Rows go by their number, so that chunks of them find their weights.
    def outputs(theta: Tensor, rows: Tensor) -> Tensor:
        return outputs_at(functions, torch.cat([theta, running]), inputs[rows])

    def mean(found: Tensor, rows: Tensor) -> Tensor:
        shares = each[rows] / len(rows)
        return loss.value(found.unsqueeze(0), targets[rows].unsqueeze(0), shares.unsqueeze(0))[0]

    numbers = torch.arange(count, device=state.device)
    return Objective.of(outputs, state[: functions.size], (numbers, numbers), loss_fn=mean, memory=memory)
