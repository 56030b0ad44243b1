"""Leaving a saddle along certified negative curvature: how far the loss should fall, and how far it does."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from thetastar.errors import UserError
from thetastar.landscape.critical import CriticalPoint, critical_point
from thetastar.landscape.objective import Objective

__all__ = ["Escape", "escape"]

_CHANGE = 0.01  # of the loss, that the first step is predicted to gain
_LEAST_STEP = 1e-3  # of the length of θ, where the loss is 0
_DOUBLINGS = 20


@dataclass(frozen=True)
class Escape:
    """A step that leaves a saddle.

    Attributes:
        theta: Where it ends, [size].
        step: Its length; 0 if the loss fell nowhere.
        predicted: How far the loss would fall if it were a parabola.
        measured: How far it fell.
        before: The loss at the saddle.
        after: The loss where the step ends.
        curvature: Along the step, where it begins.
    """

    theta: Tensor
    step: float
    predicted: float
    measured: float
    before: float
    after: float
    curvature: float

    def __str__(self) -> str:
        """Return what was predicted and what was measured."""
        return (
            f"loss {self.before:.6g} → {self.after:.6g} by a step of {self.step:.3g} along curvature "
            f"{self.curvature:.3g}: fell by {self.measured:.3g}, predicted {self.predicted:.3g}"
        )


def escape(objective: Objective, point: CriticalPoint | None = None) -> Escape:
    """Go along certified negative curvature, both ways, doubling the step for as long as the loss falls.

    Args:
        objective: It stands at the saddle, and stays there.
        point: What ``critical_point`` said of it, if it has been asked already.

    Raises:
        UserError: No negative curvature is certified there.

    Example:
        >>> import torch
        >>> saddle = Objective.of(lambda theta: (1 - theta[0] * theta[1]) ** 2, torch.zeros(2))
        >>> found = escape(saddle)
        >>> found.measured > 0.9
        True
    """
    point = critical_point(objective) if point is None else point
    certificate = point.certificate
    if certificate is None or not certificate.holds:
        raise UserError(
            f"there is no certified negative curvature to leave by: the verdict is {point.kind.replace('_', ' ')!r}, "
            f"and the smallest eigenvalue found is {float(point.spectrum.values[-1]):.3g}"
        )
    theta, before = objective.theta, point.slope.loss
    bend = -certificate.curvature
    first = math.sqrt(2 * _CHANGE * abs(before) / bend) or _LEAST_STEP * max(1.0, float(theta.norm()))

    def at(step: float) -> float:
        loss = objective.loss(theta + step * certificate.direction)
        return loss if math.isfinite(loss) else math.inf

    step, after = min((_search(at, sign * first, before) for sign in (1, -1)), key=lambda found: found[1])
    return Escape(
        theta=theta + step * certificate.direction,
        step=abs(step),
        predicted=bend * step**2 / 2,
        measured=before - after,
        before=before,
        after=after,
        curvature=certificate.curvature,
    )


def _search(at: Callable[[float], float], first: float, before: float) -> tuple[float, float]:
    """Return the best step one way and its loss: halved until the loss falls, doubled while it does; or else 0."""
    step, least = 0.0, before
    tried = first
    for _ in range(_DOUBLINGS):
        loss = at(tried)
        if loss < least:
            step, least, tried = tried, loss, 2 * tried
        elif step:
            break
        else:
            tried /= 2
    return step, least
