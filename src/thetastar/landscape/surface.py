"""The loss on a line or a plane through θ, with the path that descent took on it."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.errors import UserError
from thetastar.landscape.directions import Along, Directions, Kind, directions_of
from thetastar.landscape.objective import Objective

__all__ = ["Surface", "surface"]

_NUMBERS_AT_ONCE = 4_000_000  # of the θ that are held together
_MARGIN = 0.25  # of a path's extent, beyond its ends
_LEAST_REACH = 0.01  # of θ's length: nearer, a loss in single precision shows its rounding


@dataclass(frozen=True)
class Surface:
    """L on a line or a plane; all numbers in double precision on the CPU.

    Attributes:
        kind: What the directions are.
        labels: A name for each axis.
        directions: What one unit of each axis adds to θ, [size, k] with k = 1 or 2.
        origin: The coordinates of θ: its own values along parameters, else 0, [k].
        axes: Coordinates, [points] for each.
        losses: [points], or [points, points] with L at (axes[0][i], axes[1][j]) in row i and column j.
        loss: L(θ).
        slopes: ∂L along each axis at θ, [k].
        curvatures: ∂²L along each axis at θ, dᵀHd, [k].
        path: Coordinates of the path's points as projected onto the plane, [steps, k]; None without one.
        path_losses: L at the path's own points, which lie beside the plane, [steps]; None without one.
        share: Of the path's squared distances from θ, what lies in the plane; None without one.
        seconds: Time taken.
    """

    kind: Kind
    labels: tuple[str, ...]
    directions: Tensor
    origin: Tensor
    axes: tuple[Tensor, ...]
    losses: Tensor
    loss: float
    slopes: Tensor
    curvatures: Tensor
    path: Tensor | None
    path_losses: Tensor | None
    share: float | None
    seconds: float

    def __str__(self) -> str:
        """Return the range of the loss, a line for each axis, and one for the path."""
        seen = self.losses[self.losses.isfinite()]
        span = f"from {float(seen.min()):.4g} to {float(seen.max()):.4g}" if len(seen) else "nowhere finite"
        lines = [f"L = {self.loss:.4g} at θ, {span} on {' × '.join(str(len(axis)) for axis in self.axes)} points"]
        for label, axis, slope, curvature in zip(self.labels, self.axes, self.slopes, self.curvatures, strict=True):
            reach = f"{float(axis[0]):.3g} … {float(axis[-1]):.3g}"
            lines.append(f"{label}, {reach}: slope {float(slope):.3g}, curvature {float(curvature):.3g}")
        if self.path is not None and self.share is not None:
            lines.append(f"path of {len(self.path)} points, of which this shows {self.share:.0%}")
        return "\n".join([*lines, f"{self.seconds:.2g} s"])


def surface(
    objective: Objective,
    along: Along = "random",
    *,
    dimensions: int = 2,
    path: Sequence[Tensor] | Tensor | None = None,
    reach: float | None = None,
    points: int = 25,
    seed: int = 0,
) -> Surface:
    """Evaluate the loss on a line or a plane through θ.

    Args:
        objective: Whose loss.
        along: What the line or plane is spanned by. "random": random directions with each row (filter) as long as θ's,
            so that pictures of different functions compare (Li et al., Visualizing the Loss Landscape of Neural Nets,
            2018). "path": the main directions of a path (its section 7.2). A spectrum: the eigenvectors of its largest
            and its smallest eigenvalue. One or two whole numbers: these parameters. A tensor: directions [size, k].
        dimensions: 1 for a line, 2 for a plane; what names its own directions has its own number.
        path: θ as descent went through them, each [size]; drawn on any plane.
        reach: How far each axis goes from θ either way. By default 1 for random directions; the path's extent and a
            quarter of it beyond, if there is one; else to where curvature alone would change the loss by L.
        points: Along each axis; of an odd number, the middle one is θ where the reach is the same either way.
        seed: Of random directions.

    Raises:
        UserError: if the directions, the path or a number can't be used, or the gradient at θ isn't finite.

    Example:
        >>> saddle = Objective.of(lambda theta: (1 - theta[0] * theta[1]) ** 2, torch.zeros(2, dtype=torch.float64))
        >>> found = surface(saddle, torch.tensor([1.0, 1.0]), reach=1.0, points=3)
        >>> found.losses.tolist(), found.curvatures.tolist()
        ([0.0, 1.0, 0.0], [-4.0])
    """
    begin = time.perf_counter()
    if dimensions not in (1, 2) or points < 2 or (reach is not None and not 0 < reach < math.inf):
        raise UserError(
            f"dimensions are 1 or 2, points at least 2 and reach above 0; seen dimensions={dimensions}, "
            f"points={points}, reach={reach}"
        )
    steps = None if path is None else _stacked(path, objective.size)
    chosen = directions_of(objective, along, dimensions=dimensions, path=steps, seed=seed)
    if not bool(chosen.vectors.norm(dim=0).all()):
        raise UserError(
            "a direction is zero: random ones are as long as θ's rows, so where θ is 0, name parameters or give vectors"
        )
    loss, gradient = objective.loss(), objective.gradient()
    curvatures = (chosen.vectors * objective.hessian_product(chosen.vectors)).sum(0).double().cpu()
    offsets = None if steps is None else steps - objective.theta.double().cpu()
    drawn = None if offsets is None else chosen.origin + _coordinates(chosen, offsets)
    low, high = _ends(chosen, objective, drawn, reach, bend=(loss, curvatures))
    axes = tuple(
        torch.linspace(float(a), float(b), points, dtype=torch.float64) for a, b in zip(low, high, strict=True)
    )
    places = torch.cartesian_prod(*axes).view(-1, len(axes)) - chosen.origin
    return Surface(
        kind=chosen.kind,
        labels=chosen.labels,
        directions=chosen.vectors.double().cpu(),
        origin=chosen.origin,
        axes=axes,
        losses=_losses(objective, chosen, places).view([points] * len(axes)),
        loss=loss,
        slopes=(gradient @ chosen.vectors).double().cpu(),
        curvatures=curvatures,
        path=drawn,
        path_losses=None if steps is None else objective.losses(steps),
        share=None if offsets is None else _share(chosen, offsets),
        seconds=time.perf_counter() - begin,
    )


def _stacked(path: Sequence[Tensor] | Tensor, size: int) -> Tensor:
    """Return a path as [steps, size] in double precision on the CPU."""
    steps = list(path)
    for place, step in enumerate(steps):
        if not isinstance(step, Tensor) or step.shape != (size,) or not bool(step.isfinite().all()):
            seen = f"the shape {tuple(step.shape)}" if isinstance(step, Tensor) else type(step).__name__
            raise UserError(f"each θ of the path must be finite, of the shape ({size},); number {place} has {seen}")
    if not steps:
        raise UserError("the path holds no θ")
    return torch.stack([step.detach().double().cpu() for step in steps])


def _coordinates(chosen: Directions, offsets: Tensor) -> Tensor:
    """Return the points of the plane that are nearest to θ + offsets [steps, size], as [steps, k]."""
    nearest: Tensor = torch.linalg.lstsq(chosen.vectors.double().cpu(), offsets.T).solution
    return nearest.T


def _share(chosen: Directions, offsets: Tensor) -> float:
    """Return how much of the squared length of offsets lies in the plane."""
    inside = _coordinates(chosen, offsets) @ chosen.vectors.double().cpu().T
    whole = float(offsets.square().sum())
    return float(inside.square().sum()) / whole if whole else 1.0


def _ends(
    chosen: Directions, objective: Objective, drawn: Tensor | None, reach: float | None, *, bend: tuple[float, Tensor]
) -> tuple[Tensor, Tensor]:
    """Return the least and the largest coordinates, [k] each; bend holds L and its curvatures at θ."""
    if drawn is not None and reach is None:
        return _around(torch.cat([drawn, chosen.origin[None]]))
    away = _reach(chosen, objective, *bend) if reach is None else reach
    return chosen.origin - away, chosen.origin + away


def _reach(chosen: Directions, objective: Objective, loss: float, curvatures: Tensor) -> Tensor:
    """Return how far to go along each axis, [k]: as far as L changes by its own size, within θ's length."""
    if chosen.kind == "random":
        return torch.ones_like(chosen.origin)
    lengths = chosen.vectors.norm(dim=0).double().cpu()
    most = (float(objective.theta.norm()) or 1.0) / lengths
    bent = (2 * abs(loss) / curvatures.abs()).sqrt().nan_to_num(math.inf)
    return torch.minimum(torch.maximum(bent, _LEAST_REACH * most), most)


def _around(shown: Tensor) -> tuple[Tensor, Tensor]:
    """Return the least and the largest coordinates around some points [n, k]."""
    low, high = shown.min(0).values, shown.max(0).values
    extent = high - low
    margin = _MARGIN * torch.where(extent > 0, extent, extent.max().clamp_min(1e-3))
    return low - margin, high + margin


def _losses(objective: Objective, chosen: Directions, places: Tensor) -> Tensor:
    """Return the loss at places [n, k] as seen from θ, whose θ are never all held at once."""
    theta, found = objective.theta, []
    for part in torch.split(places, max(1, _NUMBERS_AT_ONCE // objective.size)):
        found.append(objective.losses(theta + part.to(theta) @ chosen.vectors.T))
    return torch.cat(found)
