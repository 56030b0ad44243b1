"""Distributions on the line as points with weights: spread between neighbours, compared, and summed up to a place."""

from __future__ import annotations

import math

import torch
from scipy.special import chdtriv
from scipy.stats import wasserstein_distance
from torch import Tensor

from thetastar.landscape.quadrature import Quadrature

__all__ = ["distance", "mass_below", "mass_error", "sampling_error", "spread"]

CONFIDENCE = 0.95
_MANY = 1e6  # eigenvalues from which on their random parts are normal
_HALF = 8  # points that half of a node's weight is spread over


def spread(found: Quadrature) -> tuple[Tensor, Tensor]:
    """Return the points that each node's weight is spread over, and their weights, [starts, points] each.

    A node that has converged is an eigenvalue, and stays a point. Another one stands for all eigenvalues around it, so
    its weight is laid evenly over as far as its residual, at most half-way to the nearer neighbour. That keeps the mean
    of the measure, and brings it three to eight times closer to a continuous one.
    """
    gap = _nearer_gap(found.nodes)
    reach = torch.minimum(found.residuals.square() / gap, gap / 2).nan_to_num(0.0)
    offsets = (torch.arange(2 * _HALF, dtype=reach.dtype) + 0.5) / _HALF - 1
    points = found.nodes[..., None] + reach[..., None] * offsets
    weights = (found.weights[..., None] / len(offsets)).expand_as(points)
    return points.flatten(1), weights.flatten(1)


def distance(one: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]) -> float:
    """Return the Wasserstein-1 distance of two measures, each as points and weights [points]."""
    return float(wasserstein_distance(one[0].numpy(), other[0].numpy(), one[1].numpy(), other[1].numpy()))


def mass_error(mass: Tensor, *, draws: int) -> Tensor:
    """Return how far shares of the eigenvalues may be off that random directions give, with 95 %.

    The part of a random direction in m of n eigenvectors has the squared length B(m/2, (n − m)/2), which is close to
    χ²_m/n for the smaller of both parts. So the error is known without looking at how the directions scatter, and
    holds for one eigenvalue as for many.

    Args:
        mass: Mean squared length of the parts, any shape.
        draws: Directions times eigenvalues.
    """
    part = torch.minimum(mass, 1 - mass).clamp_min(0)
    seen, below = part * draws, (1 - CONFIDENCE) / 2
    few = seen.clamp_max(_MANY)
    most, least = (torch.from_numpy(chdtriv(chance, few.numpy())) for chance in (below, 1 - below))
    # χ² of many degrees of freedom is normal, and its inverse fails.
    error = torch.maximum(most - few, few - least) * (seen / _MANY).clamp_min(1).sqrt() / draws
    return torch.where(part > 0, error * (1 - part).sqrt(), 0)


def sampling_error(points: Tensor, weights: Tensor, *, draws: int) -> float:
    """Return the Wasserstein-1 distance that random directions leave open, with 95 %, as if all erred one way.

    Args:
        points: Ascending, [points].
        weights: They add up to 1, [points].
        draws: Directions times eigenvalues.
    """
    return float(mass_error(weights.cumsum(0)[:-1], draws=draws) @ points.diff())


def mass_below(found: Quadrature, place: float) -> tuple[Tensor, Tensor]:
    """Return each measure's mass below a place, and how much that may be off, [starts] each.

    Between two nodes the true mass is known up to the larger of their weights (Chebyshev, Markov, Stieltjes: G. Szegő,
    "Orthogonal Polynomials", 3.41). Of a node that has converged only a small part can lie beyond the place: by
    Chebyshev's inequality (r/d)² at a residual of r and a distance of d.
    """
    points, weights = spread(found)
    below = torch.where(points < place, weights, 0).sum(1)
    away = found.nodes - place
    beyond = found.weights * (found.residuals / away).square().nan_to_num(1.0).clamp_max(1)
    next_above = torch.where(away >= 0, away, math.inf).argmin(1, keepdim=True)
    next_below = torch.where(away < 0, -away, math.inf).argmin(1, keepdim=True)
    has_above, has_below = (away >= 0).any(1), (away < 0).any(1)
    above = torch.where(has_above, beyond.gather(1, next_above)[:, 0], 0)
    return below, above + torch.where(has_below, beyond.gather(1, next_below)[:, 0], 0)


def _nearer_gap(nodes: Tensor) -> Tensor:
    """Return the distance from each node to the nearer of its neighbours, [starts, steps]."""
    if nodes.shape[1] == 1:
        return torch.full_like(nodes, math.inf)
    gaps = nodes.diff(dim=1)
    return torch.cat([gaps[:, :1], torch.minimum(gaps[:, 1:], gaps[:, :-1]), gaps[:, -1:]], dim=1)
