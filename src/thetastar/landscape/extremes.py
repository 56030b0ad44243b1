"""The largest and smallest eigenvalues of an operator from Krylov spaces, none missed but with a stated chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.landscape.krylov import ROUNDING, Krylov, Ritz
from thetastar.landscape.operator import Counted

__all__ = ["MISSED", "Aim", "Pairs", "bounds", "ends", "extremes"]

MISSED = 0.001  # chance that an eigenvalue lies outside what the others are said to lie in
_BASIS_BYTES = 2**30  # of vectors kept; more of them cost fewer products
_BASIS_VECTORS = 300  # beyond it the small eigenproblem costs more than the products that it saves
# A search for what was missed ends when it bounds all others to within this share of the spectrum's width, or a hundred
# tolerances if that is less; or after so many steps, with the bounds it has by then.
_NEAR = 0.1
_LOOKING_STEPS = 30
_HALVINGS = 50  # of the interval that a bound lies in


@dataclass(frozen=True)
class Pairs:
    """Eigenpairs found at both ends, values in descending order, and what is known of the others.

    Attributes:
        values: [n].
        vectors: A row each, [n, size].
        residuals: ‖Hv − λv‖, [n].
        others: All other eigenvalues lie between these two, but for the chance ``MISSED``.
    """

    values: Tensor
    vectors: Tensor
    residuals: Tensor
    others: tuple[float, float] = (-math.inf, math.inf)


@dataclass(frozen=True)
class Aim:
    """What is searched for.

    Attributes:
        each: Eigenvalues at each end.
        tolerance: Largest residual, relative to the largest |λ|.
        most: Products after which the search ends.
    """

    each: int
    tolerance: float
    most: int


def extremes(products: Counted, aim: Aim, *, random: torch.Generator) -> Pairs:
    """Return the largest and smallest eigenvalues, with multiplicity, of an operator with more than 2 × ``each``.

    One Krylov space gives both ends. It holds a repeated eigenvalue once, and may have missed one that its start was
    nearly orthogonal to. So a second space from another random start, orthogonal to what was found, is looked through
    until it bounds all other eigenvalues; whatever lies outside is taken in, and the search repeated.
    """
    found = _both_ends(_first(products, aim, random=random), aim.each)
    while products.used < aim.most:
        missed, others = _look(products, aim, found, random=random)
        if not len(missed.values):
            return Pairs(found.values, found.vectors, found.residuals, others)
        found = _both_ends(_joined(products, found, missed), aim.each)
    return found


def _first(products: Counted, aim: Aim, *, random: torch.Generator) -> Pairs:
    """Return Ritz pairs of a Krylov space once both ends have converged, or the products are used up."""
    space = Krylov(products, locked=products.none(), capacity=_capacity(products, aim.each), random=random)
    while True:
        space.grow()
        if space.dimension < 2 * aim.each or not _due(space, products, aim):
            continue
        ritz = space.ritz()
        both = ends(len(ritz.values), aim.each)
        converged = bool((ritz.residuals[both] <= aim.tolerance * ritz.scale).all())
        if converged or space.complete or products.used >= aim.most:
            return _pairs(space, ritz, both)
        if space.full:
            _shrink(space, ritz, aim.each)


def _look(products: Counted, aim: Aim, found: Pairs, *, random: torch.Generator) -> tuple[Pairs, tuple[float, float]]:
    """Search orthogonally to what was found; return what belongs to the ends, and bounds of everything else."""
    space = Krylov(products, locked=found.vectors, capacity=_capacity(products, aim.each), random=random)
    top, bottom = float(found.values[aim.each - 1]), float(found.values[-aim.each])
    scale, spread = float(found.values.abs().max()), float(found.values[0] - found.values[-1])
    steps = 0
    while True:
        space.grow()
        steps += 1
        ritz = space.ritz()
        slack = aim.tolerance * max(scale, ritz.scale)
        beyond = ((ritz.values > top + slack) | (ritz.values < bottom - slack)).nonzero()[:, 0]
        last = products.used >= aim.most or space.complete
        if len(beyond) and (last or bool((ritz.residuals[beyond] <= slack).all())):
            return _pairs(space, ritz, beyond), (-math.inf, math.inf)
        low, high = bounds(ritz, space.lengths, size=products.size - len(found.values))
        near = slack + spread * min(_NEAR, 100 * aim.tolerance)
        close = low >= bottom - near and high <= top + near
        if not len(beyond) and (close or last or steps >= _LOOKING_STEPS):
            leak = float(found.residuals.norm())  # products lead out of what was found by no more than this
            return _pairs(space, ritz, beyond), (low - leak, high + leak)
        if space.full:
            _shrink(space, ritz, aim.each)


def bounds(ritz: Ritz, lengths: list[float], *, size: int) -> tuple[float, float]:
    """Return what all eigenvalues of an operator lie between, but for the chance ``MISSED``.

    After j steps from v, uᵀq = uᵀv Π(λ − θ_i)/Πβ_i for each eigenvector u and the next basis vector q, which is not
    above 1. A random v has |uᵀv| < c with a chance of c√(2n/π), so the largest eigenvalue is where this product comes
    to 1/c, or lower. Here for both ends; J. van Dorsselaer, M. Hochstenbach, H. van der Vorst, "Computing probabilistic
    bounds for extreme eigenvalues of symmetric matrices with the Lanczos method", SIAM J. Matrix Anal. Appl. 22 (2000).
    """
    values = ritz.values
    if len(lengths) < len(values):  # restarted in between
        return -math.inf, math.inf
    if not all(lengths) or len(values) == size:  # the space is invariant
        return float(values[0]), float(values[-1])
    growth = sum(map(math.log, lengths)) - math.log(MISSED / 2 * math.sqrt(math.pi / (2 * size)))
    return -_where_grown(-values.flip(0), growth), _where_grown(values, growth)


def _where_grown(values: Tensor, growth: float) -> float:
    """Return the place above all values where Σ log(place − value) comes to ``growth``."""
    # Each of the m terms is at most the log of the distance to the lowest value, so the place is not below this one.
    low, top = max(float(values[-1]), float(values[0]) + math.exp(growth / len(values))), float(values[-1])
    high = top + math.exp(growth / len(values))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        grown = float((middle - values).log().sum()) >= growth
        low, high = (low, middle) if grown else (middle, high)
    return high


def _capacity(products: Counted, each: int) -> int:
    """Return how many vectors a space may hold."""
    of_memory = _BASIS_BYTES // (products.size * products.dtype.itemsize)
    return max(min(of_memory, _BASIS_VECTORS), 6 * each, 20)


def _due(space: Krylov, products: Counted, aim: Aim) -> bool:
    """Whether to look at the Ritz values: at each step at first, less often when that costs as much as a product."""
    return space.full or products.used >= aim.most or space.dimension % max(1, space.dimension // 32) == 0


def _shrink(space: Krylov, ritz: Ritz, each: int) -> None:
    """Restart with both ends and some of what lies next to them, which speeds up the convergence of the ends."""
    count = len(ritz.values)
    space.shrink(ritz, ends(count, each + (count - 2 * each) // 6))


def ends(count: int, each: int) -> Tensor:
    """Return the indices of the first and the last values."""
    order = torch.arange(count)
    return torch.cat([order[:each], order[count - each :]])


def _pairs(space: Krylov, ritz: Ritz, chosen: Tensor) -> Pairs:
    chosen = chosen.flip(0)
    return Pairs(ritz.values[chosen], space.vectors(ritz.coefficients[:, chosen]), ritz.residuals[chosen])


def _joined(products: Counted, one: Pairs, other: Pairs) -> Pairs:
    """Return the Ritz pairs of the span of both, which are orthonormal, values in descending order.

    Put side by side, the values of two searches may lie further out than any eigenvalue does by what their residuals
    leave between them; those of one projection never do (Cauchy). It takes a product for each vector.
    """
    rows = torch.cat([one.vectors, other.vectors])
    images = products(rows.T).T
    projected = (rows @ images.T).double().cpu()
    values, coefficients = torch.linalg.eigh((projected + projected.T) / 2)
    values, turned = values.flip(0), coefficients.flip(1).T.to(rows)
    vectors = turned @ rows
    residuals = (turned @ images - values.to(rows)[:, None] * vectors).norm(dim=1).double().cpu()
    rounding = ROUNDING * torch.finfo(rows.dtype).eps * values.abs().max()
    return Pairs(values, vectors, residuals.hypot(rounding))


def _both_ends(pairs: Pairs, each: int) -> Pairs:
    """Return as many of the largest and of the smallest."""
    kept = ends(len(pairs.values), each)
    return Pairs(pairs.values[kept], pairs.vectors[kept.to(pairs.vectors.device)], pairs.residuals[kept])
