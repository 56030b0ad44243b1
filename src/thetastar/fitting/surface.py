"""The training loss around θ*, as a contour over a plane, with the path that descent took on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.descent import Deadline, mean_loss
from thetastar.fitting.codes import Plane
from thetastar.fitting.describe import input_of
from thetastar.fitting.problem import Folded
from thetastar.fitting.record import Input, Surface
from thetastar.fitting.rungs.rung_fit import RungFit
from thetastar.functions import FunctionSet, Pass
from thetastar.losses import Loss

__all__ = ["surface_of"]

_GRID = 25  # points along each axis
_ROWS = 1000  # training rows at most
_MARGIN = 0.25  # the plane reaches beyond the path by this share of its extent
_STEPS = 60  # of gradient descent on a plane of two parameters
_STEP_SHARE = 0.1  # of 2/λ_max, beyond which gradient descent diverges: small, so that single steps can be seen
_STATES_AT_ONCE = 64
_NUMBERS_AT_ONCE = 4_000_000  # parameters of all these states: the time left is looked at between such portions


@dataclass(frozen=True)
class _Plane:
    """origin + a · first + b · second."""

    origin: Tensor
    first: Tensor
    second: Tensor

    def states(self, places: Tensor) -> Tensor:
        """Return the states at places [points, 2]."""
        return self.origin + places[:, :1] * self.first + places[:, 1:] * self.second


def surface_of(rung: RungFit, loss: Loss, *, folded: Folded, seed: int, deadline: Deadline) -> Surface | None:
    """Return the loss of the first fold's member over a plane through its θ*, on at most 1,000 of its training rows.

    A function without hidden layers is shown over its bias and its most important weight, with a path of gradient
    descent on just these two. A network is shown over the two main directions of the path that its training took (Li et
    al., Visualizing the Loss Landscape of Neural Nets, 2018, section 7.2).

    Returns:
        None if there is no plane: a constant has one parameter only, and a path of one point has no direction.

    Raises:
        BudgetError: if the time ran out.
    """
    rows = folded.train(0)
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))
    losses = _Losses(rung.functions, loss, folded, rows[order[:_ROWS]], deadline)
    if rung.network is None:
        return None if rung.functions.shortcut == 0 else _two_parameters(rung, losses, folded)
    return _path(rung, losses)


@dataclass(frozen=True)
class _Losses:
    """The loss at many states."""

    functions: FunctionSet
    loss: Loss
    folded: Folded
    rows: Tensor
    deadline: Deadline

    def at(self, states: Tensor) -> Tensor:
        """Return the loss at each state, [states]."""
        chunks = []
        for part in torch.split(states, self._at_once):
            self.deadline.check()
            chunks.append(
                mean_loss(
                    self.functions,
                    self.loss,
                    state=part,
                    examples=self.folded.examples,
                    sources=[0] * len(part),
                    rows=[self.rows] * len(part),
                )
            )
        return torch.cat(chunks)

    def over(self, plane: _Plane, places: Tensor) -> Tensor:
        """Return the loss at each place [points, 2] of a plane, whose states are never all held at once."""
        return torch.cat([self.at(plane.states(part)) for part in torch.split(places, self._at_once)])

    @property
    def _at_once(self) -> int:
        """Return how many states are evaluated together."""
        return max(1, min(_STATES_AT_ONCE, _NUMBERS_AT_ONCE // self.functions.size))

    def gradient(self, state: Tensor) -> Tensor:
        """Return the gradient at one state of a function without hidden layers, [size]."""
        examples, rows = self.folded.examples, self.rows
        gradient = state.new_zeros(1, self.functions.size)
        once = Pass(self.functions, state.unsqueeze(0), gradient=gradient, rows=len(rows))
        inputs = examples.take(0, rows, leading=self.functions.inputs)[None]
        targets = examples.targets_of(0, rows)[None]
        weights = examples.weights[:1, rows] / examples.weights[0, rows].sum()
        _, slope = self.loss.value_and_gradient(once.forward(inputs, weights=weights), targets, weights)
        once.backward(inputs, slope)
        return gradient[0]


def _two_parameters(rung: RungFit, losses: _Losses, folded: Folded) -> Surface:
    """Return the surface over the bias and the weight with the largest size, of the last output."""
    theta, outputs = rung.state[0], rung.functions.outputs
    part = rung.functions.part("shortcut")
    weights = theta[part.start : part.stop].view(-1, outputs)[: folded.encodings[0].plain, -1].abs()
    strongest = int(weights.argmax())
    axes = torch.zeros(2, len(theta))
    axes[0, outputs - 1] = 1.0
    axes[1, part.start + strongest * outputs + outputs - 1] = 1.0
    origin = theta - (axes[0] * theta).sum() * axes[0] - (axes[1] * theta).sum() * axes[1]
    plane = _Plane(origin, axes[0], axes[1])
    end = axes @ theta
    path = _gradient_descent(plane, losses, end=end)
    return _draw(
        plane,
        path,
        losses,
        end=end,
        plane_name="parameters",
        weight=input_of(folded.encodings[0].features[strongest]),
        method="gradient_descent",
        rung=rung.name,
    )


def _gradient_descent(plane: _Plane, losses: _Losses, *, end: Tensor) -> Tensor:
    """Return a path [points, 2] of gradient descent on the plane, from a place at some distance of its minimum."""
    axes = torch.stack([plane.first, plane.second])
    place = end - torch.tensor([1.0, 1.0]).copysign(end) * end.abs().clamp_min(0.5) * 1.5

    def slope(at: Tensor) -> Tensor:
        return axes @ losses.gradient(plane.states(at.unsqueeze(0))[0])

    # Two differences of gradients give the 2×2 Hessian, whose largest eigenvalue limits the step.
    base, reach = slope(end), 1e-2
    hessian = torch.stack([(slope(end + reach * unit) - base) / reach for unit in torch.eye(2)])
    largest = float(torch.linalg.eigvalsh((hessian + hessian.T) / 2).abs().max())
    rate = _STEP_SHARE * 2 / max(largest, 1e-6)
    path, reached = [place], losses.at(plane.states(place.unsqueeze(0)))
    for _ in range(_STEPS):
        following = path[-1] - rate * slope(path[-1])
        loss = losses.at(plane.states(following.unsqueeze(0)))
        if bool(loss <= reached):
            path.append(following)
            reached = loss
        else:  # the surface is steeper here than at θ*
            rate /= 2
    return torch.stack(path)


def _path(rung: RungFit, losses: _Losses) -> Surface | None:
    """Return the surface over the two main directions of a network's training path."""
    if rung.network is None or len(rung.network.folds.snapshots) == 0:
        return None
    end = rung.state[0]
    size = rung.functions.size
    snapshots = rung.network.folds.snapshots
    lost = (~losses.at(snapshots).isfinite()).nonzero()  # a member that diverged later on went back to θ*
    offsets = torch.cat([snapshots[: int(lost[0])] if len(lost) else snapshots, end.unsqueeze(0)]) - end
    offsets[:, size:] = 0.0  # running averages stay at θ*'s
    if len(offsets) < 3:
        return None
    _, _, directions = torch.linalg.svd(offsets, full_matrices=False)
    plane = _Plane(end, directions[0], directions[1])
    path = offsets @ directions[:2].T
    actual = losses.at(offsets + end)
    return _draw(
        plane,
        path,
        losses,
        end=torch.zeros(2),
        plane_name="path",
        weight=None,
        method="adam",
        rung=rung.name,
        actual=actual,
    )


def _draw(
    plane: _Plane,
    path: Tensor,
    losses: _Losses,
    *,
    end: Tensor,
    plane_name: Plane,
    weight: Input | None,
    method: str,
    rung: str,
    actual: Tensor | None = None,
) -> Surface:
    """Evaluate the loss on a grid around a path [points, 2] on the plane and around θ*, which lies at ``end``."""
    shown = torch.cat([path, end.unsqueeze(0)])
    low, high = shown.min(0).values, shown.max(0).values
    margin = ((high - low) * _MARGIN).clamp_min(1e-3)
    x, y = (torch.linspace(float(low[i] - margin[i]), float(high[i] + margin[i]), _GRID) for i in (0, 1))
    places = torch.cartesian_prod(y, x).flip(1)
    grid = losses.over(plane, places).view(_GRID, _GRID)
    along = losses.over(plane, path) if actual is None else actual
    return Surface(
        plane=plane_name,
        weight=weight,
        x=_floats(x),
        y=_floats(y),
        loss=tuple(_floats(row) for row in grid),
        path_x=_floats(path[:, 0]),
        path_y=_floats(path[:, 1]),
        path_loss=_floats(along),
        method=method,
        rung=rung,
    )


def _floats(values: Tensor | Sequence[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
