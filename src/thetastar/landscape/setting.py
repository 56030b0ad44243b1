"""Everything about an objective that doesn't depend on where θ is."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor

from thetastar.data.memory import reuse_freed
from thetastar.errors import FallbackWarning, UserError
from thetastar.functions import fast_products
from thetastar.landscape.chunks import Chunks, cut_into_chunks, default_memory
from thetastar.landscape.model import Model
from thetastar.landscape.ranks import check_same_theta, several_ranks, sum_over_ranks
from thetastar.landscape.rows import Rows, read_rows
from thetastar.landscape.trial import Footprint, Method, is_additive, try_out

__all__ = ["Setting", "prepare"]

Result = TypeVar("Result")


@dataclass(frozen=True)
class Setting:
    """A function, its loss and its rows.

    Attributes:
        model: The function and its loss.
        chunks: Its rows, of this rank.
        total: The number of rows of all ranks.
        method: How products with the Hessian are made.
        footprint: Bytes that the graph of a gradient holds.
        memory: Bytes that graphs may take.
        across_ranks: Whether sums go over several ranks.
    """

    model: Model
    chunks: Chunks
    total: int
    method: Method
    footprint: Footprint
    memory: float
    across_ranks: bool

    def run(self, parts: Sequence[Tensor], work: Callable[[Callable[[Tensor], Any]], Result]) -> Result:
        """Call work with the function of inputs at θ, in the state in which it is judged."""
        with self._products():
            result: Result = self.model.run(parts, work)
            return result

    def summed(self, value: Tensor) -> Tensor:
        """Return the sum over all ranks."""
        return sum_over_ranks(value) if self.across_ranks else value

    def share(self, rows: Rows) -> float:
        """Return which share of all rows some are."""
        return len(rows) / self.total

    def _products(self) -> AbstractContextManager[object]:
        """Let matrices be multiplied by the faster of torch's libraries, exactly as precise."""
        largest = max(shape.numel() for shape in self.model.shapes)
        return fast_products(self.model.theta, work=largest * max(len(rows) for rows in self.chunks.rows))


def prepare(model: Model, data: Any, *, memory: float | None, across_ranks: bool) -> Setting:
    """Read the rows, try a few, and cut all of them to what memory holds.

    Raises:
        UserError: The data, the loss or the limit can't be used; the message says why.
    """
    if memory is not None and not memory > 0:
        raise UserError(f"memory is a number of bytes above 0; seen {memory!r}")
    reuse_freed()
    theta, ranks = model.theta, across_ranks and several_ranks()
    memory = default_memory(theta.device) if memory is None else float(memory)
    blocks = read_rows(data, dtype=theta.dtype, device=theta.device, most_bytes=default_memory(torch.device("cpu")))
    trial = try_out(model, blocks[0])
    if trial.why_not_twice:
        warnings.warn(
            f"autograd can't differentiate the gradient ({trial.why_not_twice}): products with the Hessian are central "
            "differences of gradients",
            FallbackWarning,
            stacklevel=3,
        )
    chunks = cut_into_chunks(blocks, trial.footprint, memory=memory, device=theta.device)
    total = sum(len(rows) for rows in chunks.rows)
    if ranks:
        check_same_theta(theta)
        total = int(sum_over_ranks(torch.tensor(total, device=theta.device)))
    if (len(chunks.rows) > 1 or ranks) and not is_additive(model, blocks[0]):
        warnings.warn(
            "the loss of several rows is not the mean of their losses (weights of classes, ignored targets, or "
            f"statistics of a batch?): the mean by rows over {len(chunks.rows)} chunks stands for it",
            FallbackWarning,
            stacklevel=3,
        )
    return Setting(model, chunks, total, trial.method, trial.footprint, memory, ranks)
