"""The loss at several θ, together where that is faster."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from thetastar.landscape.graphs import loss_on
from thetastar.landscape.setting import Setting

__all__ = ["losses_at"]

_MOST_AT_ONCE = 1024
_CACHED = 16 << 20  # bytes on a CPU of what is computed together: values are then still in its caches when used again

Outputs = Callable[[Tensor], Any]


def losses_at(setting: Setting, thetas: Tensor) -> Tensor:
    """Return the mean loss over all rows at each θ [k, size], as [k] in double precision on the CPU."""
    losses = _together(setting, thetas)
    if losses is None:
        losses = torch.stack([_mean(setting, theta) for theta in thetas]) if len(thetas) else thetas.new_zeros(0)
    return setting.summed(losses.double()).cpu()


def _together(setting: Setting, thetas: Tensor) -> Tensor | None:
    """Return the losses from passes over many θ each; None where one after another is faster or has to be."""
    count = _at_once(setting)
    if count < 2 or len(thetas) < 2:
        return None
    mean = torch.func.vmap(lambda theta: _mean(setting, theta))
    with warnings.catch_warnings():
        # An operation that torch can't batch is gone through θ by θ, as it says: all of the module might as well be.
        warnings.simplefilter("error", UserWarning)
        try:
            return torch.cat([mean(part) for part in torch.split(thetas, count)])
        except (RuntimeError, UserWarning):
            # Torch refuses operations that look at values. Whatever else it was, one after another raises it again.
            return None


def _at_once(setting: Setting) -> int:
    """Return how many θ fit into memory together, on a CPU into its caches: beyond them it would be slower."""
    largest = max(len(rows) for rows in setting.chunks.rows)
    each = setting.footprint.fixed + setting.footprint.per_row * largest
    room = setting.memory if setting.model.theta.device.type != "cpu" else min(setting.memory, _CACHED)
    return min(_MOST_AT_ONCE, int(room / each))


def _mean(setting: Setting, theta: Tensor) -> Tensor:
    """Return the mean loss of this rank's rows, weighed by all rows, a scalar."""

    def work(outputs: Outputs) -> Tensor:
        with torch.no_grad():
            losses = [setting.share(rows) * loss_on(setting.model, outputs, rows) for rows in setting.chunks.rows]
            return torch.stack(losses).sum()

    return setting.run(setting.model.cut(theta), work)
