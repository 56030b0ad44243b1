"""The largest and smallest signed eigenvalues of a Hessian, each with its vector and how far it may be off."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.errors import UserError
from thetastar.landscape.extremes import MISSED, Aim, Pairs, ends, extremes
from thetastar.landscape.operator import Counted, HasHessian, Operator, dense, stream

__all__ = ["EXACT", "Spectrum", "spectrum"]

EXACT = 512  # parameters up to which the whole matrix costs about as much as a search
MOST_EXACT = 20_000  # parameters up to which the whole matrix may be asked for: 3.2 GB
_MOST_PRODUCTS = 1000
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Spectrum:
    """Signed eigenvalues of a symmetric operator at both ends, in descending order.

    Whatever the search did, a true eigenvalue lies within each residual of its value. That they are the outermost
    ones is known for certain if the whole matrix was taken; otherwise ``others`` bounds the rest, with 99.9 %.

    Attributes:
        values: The largest, then the smallest, descending, [n].
        vectors: Of length 1, a column each, [size, n].
        residuals: ‖Hv − λv‖, [n].
        largest: How many of the values are the largest; the remaining are the smallest.
        size: Number of all eigenvalues.
        tolerance: What residuals were to reach, relative to the largest |λ|.
        others: All other eigenvalues lie between these two; not a number where there are none.
        exact: Whether the whole matrix was taken.
        products: Counted with a vector that were used.
        seconds: Time taken.
    """

    values: Tensor
    vectors: Tensor
    residuals: Tensor
    largest: int
    size: int
    tolerance: float
    others: tuple[float, float]
    exact: bool
    products: int
    seconds: float

    @property
    def converged(self) -> Tensor:
        """Which values have reached the tolerance, [n]."""
        return self.residuals <= self.tolerance * self.scale

    @property
    def scale(self) -> float:
        """The largest absolute value."""
        return float(self.values.abs().max())

    @property
    def complete(self) -> bool:
        """Whether these are all eigenvalues."""
        return len(self.values) == self.size

    def __str__(self) -> str:
        """Return a line for each eigenvalue, then what is known of the others."""
        places = [*range(1, self.largest + 1), *range(self.size - len(self.values) + self.largest + 1, self.size + 1)]
        wide = len(f"{self.size:,}")
        lines = [f"{'':>{wide}}  {'eigenvalue':>12}  ± residual"]
        for row, (place, value, residual, good) in enumerate(
            zip(places, self.values.tolist(), self.residuals.tolist(), self.converged.tolist(), strict=True)
        ):
            if row == self.largest and not self.complete:
                lines.append(f"{'…':>{wide}}  {self._between()}")
            lines.append(f"{place:>{wide},}  {value:>12.6g}  {residual:.1e}{'' if good else '  not converged'}")
        lines.append(f"{self.products} products, {self.seconds:.2g} s")
        return "\n".join(lines)

    def _between(self) -> str:
        low, high = self.others
        if math.isinf(low) or math.isinf(high):
            return "others not searched for"
        return f"{low:>12.6g} … {high:.6g}" + ("" if self.exact else f" ({1 - MISSED:.1%})")


def spectrum(
    objective: HasHessian | Operator,
    k: int = 10,
    *,
    tolerance: float = TOLERANCE,
    products: int = _MOST_PRODUCTS,
    seed: int = 0,
) -> Spectrum:
    """Find the k largest and the k smallest signed eigenvalues, with multiplicity.

    Up to 512 parameters the whole matrix is taken and the eigenvalues are exact to rounding. Beyond that both ends come
    from one Krylov space, and a second random start looks for what the first has missed. Should that not converge
    within as many products as there are parameters, the whole matrix is taken after all.

    Args:
        objective: Whose Hessian, or a symmetric operator.
        k: Eigenvalues at each end. If 2k reaches the number of parameters, all of them are given.
        tolerance: Largest residual, relative to the largest |λ|.
        products: After so many the search ends; the values that haven't converged by then say so.
        seed: Of the random starts.

    Raises:
        UserError: if k, tolerance or products can't be, the operator isn't symmetric, or isn't finite.

    Example:
        >>> diagonal = torch.linspace(-1, 3, 1001, dtype=torch.float64)[:, None]
        >>> found = spectrum(Operator(lambda V: diagonal * V, size=1001, dtype=torch.float64), k=2, tolerance=1e-6)
        >>> [round(value, 4) for value in found.values.tolist()]
        [3.0, 2.996, -0.996, -1.0]
    """
    begin, counted = time.perf_counter(), Counted(objective)
    if k < 1 or products < 1 or not 0 < tolerance < 1:
        raise UserError(
            f"k and products are at least 1, and the tolerance lies between 0 and 1; seen k={k}, products={products}, "
            f"tolerance={tolerance}"
        )
    whole = counted.size <= EXACT or 2 * k >= counted.size
    if not whole:
        # Within as many products as there are parameters, or the whole matrix would have been cheaper.
        aim = Aim(k, tolerance, min(products, counted.size))
        found = extremes(counted, aim, random=stream("spectrum", seed))
        scale = float(found.values.abs().max())
        whole = counted.size <= products and not bool((found.residuals <= tolerance * scale).all())
    if whole:
        found = _whole(counted, k)
    return Spectrum(
        values=found.values,
        vectors=found.vectors.T,
        residuals=found.residuals,
        largest=min(k, len(found.values) - len(found.values) // 2),
        size=counted.size,
        tolerance=tolerance,
        others=found.others,
        exact=whole,
        products=counted.used,
        seconds=time.perf_counter() - begin,
    )


def _whole(products: Counted, each: int) -> Pairs:
    """Return both ends of all eigenpairs, or all of them if they are no more than that."""
    if products.size > MOST_EXACT:
        raise UserError(
            f"all {products.size:,} eigenvalues were asked for; a matrix of that size would take "
            f"{8 * products.size**2 / 1e9:.0f} GB. Ask for fewer, or for their density (spectral_density)"
        )
    matrix = dense(products)
    values, vectors = torch.linalg.eigh(matrix)
    count = products.size
    kept = torch.arange(count) if 2 * each >= count else ends(count, each)
    chosen = kept.flip(0)
    rest = [float(values[each]), float(values[count - each - 1])] if len(kept) < count else [math.nan, math.nan]
    columns = vectors[:, chosen.to(vectors.device)]
    residuals = (matrix @ columns - columns * values[chosen]).norm(dim=0)
    rounding = torch.finfo(products.dtype).eps * values.abs().max()  # of the products themselves
    return Pairs(values[chosen].cpu(), columns.T, residuals.hypot(rounding).cpu(), (rest[0], rest[1]))
