"""How the eigenvalues of a Hessian are distributed, with an error that covers the distance to all of them."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.errors import UserError
from thetastar.landscape.measure import distance, sampling_error, spread
from thetastar.landscape.operator import Counted, HasHessian, Operator, dense, stream
from thetastar.landscape.quadrature import Quadrature, Tridiagonal, tridiagonal
from thetastar.landscape.spectrum import EXACT, Spectrum

__all__ = ["Density", "spectral_density"]

_LEAST_STEPS = 2  # with one node there is nothing to compare with


@dataclass(frozen=True)
class Density:
    """The distribution of all eigenvalues, as points with weights.

    Attributes:
        nodes: Ascending, [points].
        weights: They add up to 1, [points].
        error: The Wasserstein-1 distance to the full spectrum is at most this, with 95 %.
        size: Number of all eigenvalues.
        known: Those of them that are known one by one, [n].
        quadrature: What each random vector says of the others; None if there are no others.
        products: Counted with a vector that were used.
        seconds: Time taken.
    """

    nodes: Tensor
    weights: Tensor
    error: float
    size: int
    known: Tensor
    quadrature: Quadrature | None
    products: int
    seconds: float

    def distance(self, values: Tensor) -> float:
        """Return the Wasserstein-1 distance to the distribution of some eigenvalues."""
        evenly = torch.full((len(values),), 1 / len(values), dtype=torch.float64)
        return distance((self.nodes, self.weights), (values.detach().cpu().double(), evenly))

    def smooth(self, places: Tensor, *, width: float) -> Tensor:
        """Return the density at some places, each point drawn as a normal curve of this standard deviation."""
        away = (places.double()[:, None] - self.nodes) / width
        return (away.square() / -2).exp() @ self.weights / (width * math.sqrt(2 * math.pi))

    def __str__(self) -> str:
        """Return where the mass lies, the error and the cost."""
        below = self.weights.cumsum(0)
        shares = (0.05, 0.25, 0.5, 0.75, 0.95)
        places = [float(self.nodes[min(int((below < share).sum()), len(below) - 1)]) for share in shares]
        lines = [
            f"{share:>4.0%} of {self.size:,} below  {place:.4g}" for share, place in zip(shares, places, strict=True)
        ]
        return "\n".join(
            [*lines, f"Wasserstein error ≤ {self.error:.2g}", f"{self.products} products, {self.seconds:.2g} s"]
        )


def spectral_density(
    objective: HasHessian | Operator,
    *,
    probes: int = 2,
    steps: int = 80,
    known: Spectrum | None = None,
    seed: int = 0,
) -> Density:
    """Estimate the distribution of all eigenvalues by stochastic Lanczos quadrature.

    Random vectors are gone through side by side, one product each for every step. Up to 512 parameters, or where that
    would take as many products as there are parameters, the whole matrix is taken, and the distribution is exact.

    Args:
        objective: Whose Hessian, or a symmetric operator.
        probes: Random vectors; more of them lower the sampling error, which is small for many parameters.
        steps: Nodes for each; more of them resolve more.
        known: A spectrum of the same Hessian at the same parameters, if it has been found already: its eigenvalues
            enter exactly, and the probes are kept to the others.
        seed: Of the probes.

    Raises:
        UserError: if there are no probes or fewer than two steps, or the products aren't finite.

    Example:
        >>> diagonal = torch.linspace(-1, 3, 2001, dtype=torch.float64)
        >>> uniform = Operator(lambda V: diagonal[:, None] * V, size=2001, dtype=torch.float64)
        >>> density = spectral_density(uniform, steps=20)
        >>> density.distance(diagonal) <= density.error <= 0.1
        True
    """
    begin, products = time.perf_counter(), Counted(objective)
    if probes < 1 or steps < _LEAST_STEPS:
        raise UserError(f"the density needs at least one probe and two steps; seen probes={probes}, steps={steps}")
    if known is not None and known.size != products.size:
        raise UserError(f"the known spectrum is of {known.size:,} parameters, the objective has {products.size:,}")
    if products.size <= max(EXACT, probes * steps) or (known is not None and known.complete):
        return _exact(products, known, begin=begin)
    locked = products.none() if known is None else known.vectors.T.to(products.dtype)
    left = products.size - len(locked)
    starts = _starts(products, min(probes, left), locked=locked, seed=seed)
    lanczos = tridiagonal(products, starts, steps=min(steps, left), locked=locked)
    found = lanczos.quadrature(lanczos.diagonal.shape[1])
    values = torch.empty(0, dtype=torch.float64) if known is None else known.values
    nodes, weights = _merged(found, values, size=products.size)
    error = _error(lanczos, found, left=left) * left / products.size
    # Products lead out of the known vectors by no more than the residuals; L. Mirsky's bound of what that changes.
    leak = 0.0 if known is None else 2 * float(known.residuals.sum()) / products.size
    rounding = float(torch.finfo(products.dtype).eps * nodes.abs().max())
    return Density(
        nodes=nodes,
        weights=weights,
        error=error + leak + rounding,
        size=products.size,
        known=values,
        quadrature=found,
        products=products.used,
        seconds=time.perf_counter() - begin,
    )


def _exact(products: Counted, known: Spectrum | None, *, begin: float) -> Density:
    complete = known is not None and known.complete
    values = known.values.flip(0) if known is not None and complete else torch.linalg.eigvalsh(dense(products)).cpu()
    return Density(
        nodes=values,
        weights=torch.full_like(values, 1 / len(values)),
        error=float(torch.finfo(products.dtype).eps * values.abs().max()),
        size=products.size,
        known=values,
        quadrature=None,
        products=products.used,
        seconds=time.perf_counter() - begin,
    )


def _starts(products: Counted, probes: int, *, locked: Tensor, seed: int) -> Tensor:
    """Return independent random directions, each orthogonal to what is locked, [size, probes]."""
    starts = products.normal(probes, random=stream("density", seed))
    starts = starts - locked.T @ (locked @ starts)
    return torch.nn.functional.normalize(starts, dim=0)


def _merged(found: Quadrature, known: Tensor, *, size: int) -> tuple[Tensor, Tensor]:
    """Return the points of all probes and of the known eigenvalues in ascending order, and their weights."""
    points, weights = spread(found)
    share = (size - len(known)) / size / len(points)
    nodes = torch.cat([points.flatten(), known])
    masses = torch.cat([weights.flatten() * share, torch.full_like(known, 1 / size)])
    return _sorted(nodes, masses)


def _sorted(nodes: Tensor, masses: Tensor) -> tuple[Tensor, Tensor]:
    order = nodes.argsort()
    return nodes[order], masses[order]


def _error(lanczos: Tridiagonal, found: Quadrature, *, left: int) -> float:
    """Return what few probes and few nodes leave open, with 95 %.

    For the nodes that is the distance to what half the steps gave, which is larger than what is left after all of them.
    """
    points, weights = spread(found)
    half_points, half_weights = spread(lanczos.quadrature(max(1, lanczos.diagonal.shape[1] // 2)))
    apart = [
        distance(one, half)
        for one, half in zip(
            zip(points, weights, strict=True), zip(half_points, half_weights, strict=True), strict=True
        )
    ]
    merged, masses = _sorted(points.flatten(), weights.flatten() / len(points))
    sampling = sampling_error(merged, masses, draws=len(points) * left)
    return math.hypot(sampling, sum(apart) / len(apart))
