"""Trace and Frobenius norm of a Hessian from few products, each with its standard error."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.errors import UserError
from thetastar.landscape.operator import Counted, HasHessian, Operator, dense, stream
from thetastar.landscape.spectrum import Spectrum

__all__ = ["Trace", "trace"]

_LEAST_PRODUCTS = 6  # two vectors for each of the three parts


@dataclass(frozen=True)
class Trace:
    """Sums over all eigenvalues.

    Attributes:
        value: Σ λ, the trace.
        error: Its standard error; that of rounding if the whole matrix was taken.
        frobenius: √Σ λ², the Frobenius norm.
        frobenius_error: Its standard error.
        size: Number of eigenvalues.
        samples: Random vectors that the errors come from; 0 if the whole matrix was taken.
        products: Counted with a vector that were used.
        seconds: Time taken.
    """

    value: float
    error: float
    frobenius: float
    frobenius_error: float
    size: int
    samples: int
    products: int
    seconds: float

    def __str__(self) -> str:
        """Return both with their standard errors, and the cost."""
        lines = (
            f"trace           {self.value:.6g} ± {self.error:.1g}",
            f"Frobenius norm  {self.frobenius:.6g} ± {self.frobenius_error:.1g}",
            f"{self.products} products, {self.seconds:.2g} s",
        )
        return "\n".join(lines)


def trace(
    objective: HasHessian | Operator, *, products: int = 60, known: Spectrum | None = None, seed: int = 0
) -> Trace:
    """Estimate the trace by Hutch++, and the Frobenius norm from the same products.

    What the operator does on the span of some vectors is summed exactly, what is left outside it is sampled. The span
    is that of the eigenvectors that are known, or else of a third of the products with random vectors: R. Meyer,
    C. Musco, C. Musco, D. Woodruff, "Hutch++: optimal stochastic trace estimation" (2021), algorithm 1.

    Args:
        objective: Whose Hessian, or a symmetric operator.
        products: Counted with a vector; if there are as many as parameters, the whole matrix is taken.
        known: A spectrum of the same Hessian at the same parameters, if it has been found already.
        seed: Of the random vectors.

    Raises:
        UserError: if there are fewer than six products, or they aren't finite.

    Example:
        >>> diagonal = torch.linspace(-1, 3, 2001, dtype=torch.float64)[:, None]
        >>> found = trace(Operator(lambda V: diagonal * V, size=2001, dtype=torch.float64))
        >>> abs(found.value - 2001) < 3 * found.error
        True
    """
    begin, counted = time.perf_counter(), Counted(objective)
    if products < _LEAST_PRODUCTS:
        raise UserError(f"a trace with an error needs at least {_LEAST_PRODUCTS} products; seen {products}")
    if counted.size <= products:
        matrix = dense(counted)
        norm = float(matrix.norm())
        return _trace(counted, float(matrix.trace()), norm**2, torch.zeros(0), torch.zeros(0), begin=begin)
    random = stream("trace", seed)
    span, images = _span(counted, products // 3, known, random=random)
    samples = products - counted.used
    drawn = counted.normal(samples, random=random).sign()
    drawn = drawn - span @ (span.T @ drawn)
    outside = counted(drawn).double()
    inside, inside_square = float((span * images).sum()), float(images.square().sum())
    slopes, squares = (drawn.double() * outside).sum(0), outside.square().sum(0)
    return _trace(counted, inside, inside_square, slopes, squares, begin=begin)


def _span(products: Counted, columns: int, known: Spectrum | None, *, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return orthonormal vectors and their products, [size, columns] each."""
    if known is not None:
        return known.vectors.double(), known.vectors.double() * known.values.to(known.vectors.device)
    sketch = products(products.normal(columns, random=random))
    span = torch.linalg.qr(sketch).Q
    return span, products(span)


def _trace(
    products: Counted, inside: float, inside_square: float, slopes: Tensor, squares: Tensor, *, begin: float
) -> Trace:
    """Add what was summed to the mean of what was sampled: ‖H‖² = ‖HQ‖² + ‖H(1 − QQᵀ)‖²."""
    count = len(slopes)
    value, error = _mean(slopes)
    square, square_error = _mean(squares)
    frobenius = math.sqrt(inside_square + square)
    rounding = torch.finfo(products.dtype).eps * math.sqrt(products.size) * frobenius
    return Trace(
        value=inside + value,
        error=math.hypot(error, rounding),
        frobenius=frobenius,
        frobenius_error=math.hypot(square_error / (2 * frobenius), rounding) if frobenius else 0.0,
        size=products.size,
        samples=count,
        products=products.used,
        seconds=time.perf_counter() - begin,
    )


def _mean(samples: Tensor) -> tuple[float, float]:
    """Return the mean of samples and its standard error; 0 and 0 of none."""
    if not len(samples):
        return 0.0, 0.0
    return float(samples.mean()), float(samples.std()) / math.sqrt(len(samples))
