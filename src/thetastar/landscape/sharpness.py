"""How sharp the loss is at θ: its curvature against what the optimizer can bear, and its rise nearby."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.errors import UserError
from thetastar.landscape.objective import Objective
from thetastar.landscape.operator import Operator, stream
from thetastar.landscape.perturb import rise_at_random, worst_rise
from thetastar.landscape.spectrum import Spectrum, spectrum
from thetastar.landscape.stability import Steps, read_steps

__all__ = ["Sharpness", "Stability", "sharpness"]

_LEAST_DRAWS = 2  # for a standard error


@dataclass(frozen=True)
class Stability:
    """Curvature as the optimizer meets it, against the most that it is stable with.

    Attributes:
        rule: The optimizer's method.
        value: η·λ_max, of the Hessian as preconditioned by the optimizer and with its weight decay.
        residual: A true eigenvalue lies within this of it.
        limit: Of η·λ_max: beyond it a quadratic of this curvature makes the optimizer diverge.
        rates: The learning rates, each once.
        moved: How many parameters the optimizer moves.
    """

    rule: str
    value: float
    residual: float
    limit: float
    rates: tuple[float, ...]
    moved: int

    @property
    def ratio(self) -> float:
        """The share of the limit that is reached."""
        return self.value / self.limit

    def __str__(self) -> str:
        """Return the value, the limit and what that means."""
        rates = ", ".join(f"{rate:.3g}" for rate in self.rates)
        where = f"{self.ratio:.0%} of the limit" if self.ratio <= 1 else f"beyond the limit by {self.ratio - 1:.0%}"
        if self.value <= 0:
            where = "curved upwards nowhere"
        return f"{self.value:.4g} ± {self.residual:.1g} of at most {self.limit:.4g} ({self.rule}, η = {rates}): {where}"


@dataclass(frozen=True)
class Sharpness:
    """How sharp the loss is at θ.

    λ_max alone depends on how the function is written: a ReLU network whose layers are scaled up and down in turn is
    the same function with another λ_max. What follows it can be compared: η·λ_max with the optimizer's limit, and the
    rises of the loss when parameters move by a share of their own size.

    Attributes:
        loss: L(θ).
        largest: λ_max, the largest eigenvalue of the Hessian.
        residual: A true eigenvalue lies within this of it.
        converged: Whether the search for it reached its tolerance.
        stability: Against the optimizer's limit; None without an optimizer.
        worst: The largest rise of L found if no parameter moves by more than ``share`` of its size, a lower bound.
        share: Of each parameter's size, for ``worst``.
        mean: Mean rise of L if each row moves at random by ``row_share`` of its length.
        error: Standard error of that mean.
        row_share: Of each row's length, for ``mean``.
        draws: Random moves that the mean is over.
        seconds: Time taken.
    """

    loss: float
    largest: float
    residual: float
    converged: bool
    stability: Stability | None
    worst: float
    share: float
    mean: float
    error: float
    row_share: float
    draws: int
    seconds: float

    def __str__(self) -> str:
        """Return a line for each measure."""
        lines = [f"λ_max   {self.largest:.6g} ± {self.residual:.1g}{'' if self.converged else ', not converged'}"]
        if self.stability is not None:
            lines.append(f"η·λ_max {self.stability}")
        lines += [
            f"L = {self.loss:.4g} rises by at least {self.worst:.2g} at worst, if no parameter moves by more than "
            f"{self.share:.2g} of its size",
            f"L = {self.loss:.4g} rises by {self.mean:.2g} ± {self.error:.1g} at random, if each row moves by "
            f"{self.row_share:.2g} of its length ({self.draws} draws)",
            f"{self.seconds:.2g} s",
        ]
        return "\n".join(lines)


def sharpness(
    objective: Objective,
    optimizer: torch.optim.Optimizer | None = None,
    *,
    share: float = 1e-3,
    row_share: float = 0.1,
    draws: int = 10,
    tolerance: float = 1e-3,
    seed: int = 0,
) -> Sharpness:
    """Measure how sharp the loss is at θ.

    The rise at worst is the adaptive sharpness of J. Kwon et al., ASAM (2021), definition 2, with the element-wise
    operator |θ| and p = ∞: the box of N. Keskar et al., On Large-Batch Training (2017), with |θ| in place of |θ| + 1,
    so that scales of layers that cancel out change nothing.

    Args:
        objective: Whose loss.
        optimizer: The one that trains: torch.optim's SGD (with momentum, dampening, Nesterov), Adam, AdamW or RMSprop,
            at its present learning rates and state. It is only read.
        share: Of its size that each parameter may move by at worst; Keskar's 1e-3.
        row_share: Of its length that each row (or filter) moves by at random.
        draws: Random moves.
        tolerance: Largest residual of an eigenvalue, relative to the largest |λ|.
        seed: Of the random starts and moves.

    Raises:
        DataTypeError: The optimizer is none.
        UserError: It has no known limit or hasn't taken a step yet, or a share or number is out of range.

    Example:
        >>> theta = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> bowl = Objective.of(lambda w: (3 * w[0] ** 2 + w[1] ** 2) / 2, theta)
        >>> found = sharpness(bowl, torch.optim.SGD([theta], lr=0.5))
        >>> round(found.stability.value, 4), found.stability.limit
        (1.5, 2.0)
    """
    begin = time.perf_counter()
    if not (share > 0 and row_share > 0) or draws < _LEAST_DRAWS:
        raise UserError(
            f"shares are above 0 and draws at least {_LEAST_DRAWS}; seen share={share}, row_share={row_share}, "
            f"draws={draws}"
        )
    steps = None if optimizer is None else read_steps(optimizer, objective)
    found = spectrum(objective, k=1, tolerance=tolerance, seed=seed)
    loss, top = objective.loss(), found.vectors[:, 0]
    anywhere = torch.randn(objective.size, generator=stream("corners", seed)).to(top)
    mean, error = rise_at_random(objective, share=row_share, draws=draws, loss=loss, seed=seed)
    return Sharpness(
        loss=loss,
        largest=float(found.values[0]),
        residual=float(found.residuals[0]),
        converged=bool(found.converged[0]),
        stability=None if steps is None else _stability(steps, objective, found, tolerance=tolerance, seed=seed),
        worst=worst_rise(objective, [objective.gradient(), top, -top, anywhere, -anywhere], share=share, loss=loss),
        share=share,
        mean=mean,
        error=error,
        row_share=row_share,
        draws=draws,
        seconds=time.perf_counter() - begin,
    )


def _stability(steps: Steps, objective: Objective, found: Spectrum, *, tolerance: float, seed: int) -> Stability:
    """Compare with the limit: λ_max(S^½ (H + W) S^½) / 2 is the share of it that is reached."""
    if bool((steps.sizes == steps.sizes[0]).all() and (steps.decay == steps.decay[0]).all()):
        size, decay = float(steps.sizes[0]), float(steps.decay[0])
        value, residual = size * (float(found.values[0]) + decay), size * float(found.residuals[0])
    else:
        top = spectrum(_as_met(steps, objective), k=1, tolerance=tolerance, seed=seed)
        value, residual = float(top.values[0]), float(top.residuals[0])
    return Stability(
        rule=steps.rule,
        value=value * steps.limit / 2,
        residual=residual * steps.limit / 2,
        limit=steps.limit,
        rates=steps.rates,
        moved=steps.moved,
    )


def _as_met(steps: Steps, objective: Objective) -> Operator:
    """Return S^½ (H + W) S^½."""
    root, decay = steps.sizes.sqrt()[:, None], steps.decay[:, None]

    def product(vectors: Tensor) -> Tensor:
        scaled = root * vectors
        return root * (objective.hessian_product(scaled) + decay * scaled)

    return Operator(product, size=objective.size, dtype=objective.dtype, device=objective.device)
