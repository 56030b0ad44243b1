"""The directions that a line or a plane through θ is spanned by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from thetastar.errors import UserError
from thetastar.landscape.objective import Objective
from thetastar.landscape.operator import stream
from thetastar.landscape.perturb import row_sized
from thetastar.landscape.spectrum import Spectrum

__all__ = ["Along", "Directions", "Kind", "directions_of"]

Kind = Literal["parameters", "eigenvectors", "random", "path", "given"]
Along = Literal["random", "path"] | Spectrum | Sequence[int] | Tensor


@dataclass(frozen=True)
class Directions:
    """One or two directions.

    Attributes:
        kind: What they are.
        vectors: [size, k].
        labels: A name for each.
        origin: The coordinates of θ, [k].
    """

    kind: Kind
    vectors: Tensor
    labels: tuple[str, ...]
    origin: Tensor


def directions_of(objective: Objective, along: Along, *, dimensions: int, path: Tensor | None, seed: int) -> Directions:
    """Return what was asked for as vectors.

    Raises:
        UserError: if it is no line or plane.
    """
    if isinstance(along, Spectrum):
        return _eigenvectors(along, dimensions, objective.size)
    if isinstance(along, Tensor):
        return _given(along, objective)
    if along == "random":
        return _random(objective, dimensions, seed)
    if along == "path":
        return _main(path, objective, dimensions)
    return _parameters(along, objective)


def _unnamed(kind: Kind, vectors: Tensor, labels: Sequence[str]) -> Directions:
    """Return directions whose coordinates are distances from θ."""
    return Directions(kind, vectors, tuple(labels), torch.zeros(vectors.shape[1], dtype=torch.float64))


def _eigenvectors(found: Spectrum, dimensions: int, size: int) -> Directions:
    """Return the vector of the largest eigenvalue, and of the smallest."""
    if found.size != size or len(found.values) < dimensions:
        raise UserError(
            f"the spectrum holds {len(found.values)} of {found.size:,} eigenvalues, the objective has {size:,} "
            f"parameters, and {dimensions} eigenvectors were asked for"
        )
    places = [0, len(found.values) - 1][:dimensions]
    return _unnamed(
        "eigenvectors",
        found.vectors[:, places],
        [f"eigenvector of λ = {float(found.values[place]):.4g}" for place in places],
    )


def _given(vectors: Tensor, objective: Objective) -> Directions:
    columns = vectors.detach().to(objective.theta)
    columns = columns[:, None] if columns.ndim == 1 else columns
    if columns.ndim != 2 or columns.shape[0] != objective.size or columns.shape[1] not in (1, 2):
        raise UserError(
            f"directions are a tensor [{objective.size}] or [{objective.size}, 2]; seen the shape "
            f"{tuple(vectors.shape)}"
        )
    return _unnamed("given", columns, [f"direction {place + 1}" for place in range(columns.shape[1])])


def _random(objective: Objective, dimensions: int, seed: int) -> Directions:
    random, theta = stream("surface", seed), objective.theta
    drawn = [row_sized(theta, objective.shapes, random=random) for _ in range(dimensions)]
    return _unnamed("random", torch.stack(drawn, 1), [f"random direction {place + 1}" for place in range(dimensions)])


def _main(path: Tensor | None, objective: Objective, dimensions: int) -> Directions:
    """Return the main directions of a path as seen from θ (Li et al. 2018, section 7.2)."""
    if path is None:
        raise UserError('along="path" needs the path: a list of θ [size], or a tensor [steps, size]')
    offsets = path - objective.theta.double().cpu()
    _, extents, axes = torch.linalg.svd(offsets, full_matrices=False)
    rank = int((extents > extents.max() * max(offsets.shape) * torch.finfo(objective.dtype).eps).sum())
    if rank < dimensions:
        raise UserError(
            f"a path of {len(path)} θ that spans {rank} directions from where the objective stands has no "
            f"{dimensions} main ones: record more of it, or ask for dimensions=1"
        )
    shares = extents.square() / extents.square().sum()
    labels = [f"main direction {place + 1} of the path ({float(shares[place]):.0%})" for place in range(dimensions)]
    return _unnamed("path", axes[:dimensions].T.to(objective.theta), labels)


def _parameters(places: Sequence[int], objective: Objective) -> Directions:
    if not isinstance(places, Sequence) or not all(isinstance(place, int) for place in places):
        raise UserError(
            'along must be "random", "path", a spectrum, one or two places in θ, or a tensor of directions; '
            f"seen {places!r}"
        )
    inside = [place for place in places if -objective.size <= place < objective.size]
    distinct = {place % objective.size for place in inside}
    if len(inside) != len(places) or len(distinct) != len(places) or len(places) not in (1, 2):
        raise UserError(
            f"along names one or two different places in θ, from 0 to {objective.size - 1}; seen {list(places)}"
        )
    theta = objective.theta
    vectors = torch.zeros(objective.size, len(places), dtype=theta.dtype, device=theta.device)
    vectors[list(places), range(len(places))] = 1.0
    labels = [f"θ[{place % objective.size}]" for place in places]
    return Directions("parameters", vectors, tuple(labels), theta[list(places)].double().cpu())
