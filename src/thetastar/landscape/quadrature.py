"""Gauss quadrature of an operator's spectral measure, for several random vectors side by side.

S. Ubaru, J. Chen, Y. Saad, "Fast estimation of tr(f(A)) via stochastic Lanczos quadrature", SIAM J. Matrix Anal. Appl.
38 (2017).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.landscape.operator import Counted

__all__ = ["Quadrature", "Tridiagonal", "tridiagonal"]

_ROUNDING = 8  # roundings of the largest image below which nothing is left of a vector


@dataclass(frozen=True)
class Quadrature:
    """For each start v the measure Σ_i (vᵀu_i)² δ(λ − λ_i), as few points that integrate polynomials exactly.

    Attributes:
        nodes: Ascending for each start, [starts, steps].
        weights: They add up to 1 for each start, [starts, steps].
        residuals: An eigenvalue lies within each of its node, [starts, steps].
    """

    nodes: Tensor
    weights: Tensor
    residuals: Tensor


@dataclass(frozen=True)
class Tridiagonal:
    """What Lanczos leaves of an operator for each start.

    Attributes:
        diagonal: [starts, steps].
        beside: Next to the diagonal, the last one leading out of the matrix, [starts, steps].
    """

    diagonal: Tensor
    beside: Tensor

    def quadrature(self, steps: int) -> Quadrature:
        """Return what the first steps alone give: eigenvalues, and squared first entries of eigenvectors."""
        matrices = torch.diag_embed(self.diagonal[:, :steps])
        above = torch.diag_embed(self.beside[:, : steps - 1], offset=1)
        nodes, vectors = torch.linalg.eigh(matrices + above + above.transpose(1, 2))
        return Quadrature(nodes, vectors[:, 0].square(), self.beside[:, steps - 1, None] * vectors[:, -1].abs())


def tridiagonal(products: Counted, starts: Tensor, *, steps: int, locked: Tensor) -> Tridiagonal:
    """Run Lanczos from each start, independently of the others.

    The vectors aren't orthogonalised against all earlier ones. Copies of a converged node then appear, but their
    weights add up to that of the one: T. Chen, "The Lanczos algorithm for matrix functions" (2024), section 4.

    Args:
        products: Of the operator; each step takes one for each start.
        starts: Of length 1 and orthogonal to what is locked, [size, starts].
        steps: Nodes for each start.
        locked: Orthonormal vectors that are left out, [L, size], a row each.
    """
    diagonal, beside = [], []
    before, now = torch.zeros_like(starts), starts
    length = largest = torch.zeros(starts.shape[1], dtype=starts.dtype, device=starts.device)
    for _ in range(steps):
        image = products(now)
        largest = torch.maximum(largest, image.norm(dim=0))
        rest = image - before * length
        along = (rest * now).sum(0)
        rest = rest - now * along
        rest = rest - locked.T @ (locked @ rest)
        length = rest.norm(dim=0)
        # Where nothing is left the run has ended: its further products are 0, and their nodes get no weight.
        length = torch.where(length > _ROUNDING * torch.finfo(rest.dtype).eps * largest, length, 0)
        before, now = now, torch.where(length > 0, rest / length, 0)
        diagonal.append(along)
        beside.append(length)
    return Tridiagonal(torch.stack(diagonal, dim=1).double().cpu(), torch.stack(beside, dim=1).double().cpu())
