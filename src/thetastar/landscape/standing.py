"""An objective at one θ: its loss, its gradient, and products from graphs that are kept between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd import grad

from thetastar.errors import UserError
from thetastar.landscape.graphs import Graph, loss_on
from thetastar.landscape.model import Model
from thetastar.landscape.rows import Rows
from thetastar.landscape.setting import Setting

__all__ = ["Products", "checked", "gradient_at", "loss_at"]

_BATCHED_WORK = 1 << 19  # rows times parameters of a chunk, up to which several vectors at once beat a loop

Outputs = Callable[[Tensor], Any]
Build = Callable[[Model, tuple[Tensor, ...], Outputs, Rows], Graph]


def loss_at(setting: Setting, theta: Tensor) -> float:
    """Return the mean loss over all rows."""

    def work(outputs: Outputs) -> float:
        with torch.no_grad():
            chunks = setting.chunks.rows
            return sum(setting.share(rows) * float(loss_on(setting.model, outputs, rows)) for rows in chunks)

    mean = setting.run(setting.model.leaves(theta), work)
    return float(setting.summed(torch.tensor(mean, dtype=torch.float64, device=theta.device)))


def gradient_at(setting: Setting, theta: Tensor) -> Tensor:
    """Return the gradient of the mean loss, [size].

    Raises:
        UserError: It is not finite.
    """
    parts = setting.model.leaves(theta)

    def work(outputs: Outputs) -> Tensor:
        total = torch.zeros_like(theta)
        for rows in setting.chunks.rows:
            loss = loss_on(setting.model, outputs, rows)
            slopes = grad(loss, parts, allow_unused=True, materialize_grads=True)
            total += setting.share(rows) * torch.cat([slope.flatten() for slope in slopes])
        return total

    return checked(setting.summed(setting.run(parts, work)), "gradient", setting=setting, theta=theta)


class Products:
    """Products with one matrix at one θ, from graphs of which as many are kept as memory allows."""

    def __init__(self, setting: Setting, theta: Tensor, build: Build) -> None:
        self._setting, self._theta, self._build = setting, theta, build
        self._parts = setting.model.leaves(theta)
        self._kept: list[Graph] = []

    def product(self, vectors: Tensor) -> Tensor:
        """Return the products with vectors [size, k], [size, k].

        Raises:
            UserError: They are not finite.
        """
        products = self._setting.summed(self._setting.run(self._parts, lambda outputs: self._local(vectors, outputs)))
        return checked(products, "product", setting=self._setting, theta=self._theta)

    def _local(self, vectors: Tensor, outputs: Outputs) -> Tensor:
        """Return the part of this rank's rows."""
        total = torch.zeros_like(vectors)
        for index, rows in enumerate(self._setting.chunks.rows):
            products = _multiply(self._graph(index, outputs), vectors, self._setting.model, rows)
            total.add_(products, alpha=self._setting.share(rows))
        return total

    def _graph(self, index: int, outputs: Outputs) -> Graph:
        if index < len(self._kept):
            return self._kept[index]
        graph = self._build(self._setting.model, self._parts, outputs, self._setting.chunks.rows[index])
        if index < self._setting.chunks.kept:
            self._kept.append(graph)
        return graph


def _multiply(graph: Graph, vectors: Tensor, model: Model, rows: Rows) -> Tensor:
    """Return a graph's products with vectors [size, k], [size, k]."""
    if vectors.shape[1] > 1 and len(rows) * len(vectors) <= _BATCHED_WORK:
        pieces = graph.product(model.cut(vectors.T), batched=True)
        return torch.cat([piece.reshape(len(piece), -1) for piece in pieces], 1).T
    columns = (graph.product(model.cut(vector), batched=False) for vector in vectors.T)
    return torch.stack([torch.cat([piece.flatten() for piece in pieces]) for pieces in columns], 1)


def checked(values: Tensor, what: str, *, setting: Setting, theta: Tensor) -> Tensor:
    """Return what was computed at θ if all of it is finite.

    Raises:
        UserError: if it isn't; the message says what the loss is there, and in which rows it is lost.
    """
    if bool(values.isfinite().all()):
        return values
    loss = loss_at(setting, theta)
    raise UserError(f"the {what} at this θ is not finite, where the loss is {loss:.6g}{_lost(setting, theta)}")


def _lost(setting: Setting, theta: Tensor) -> str:
    """Return the words for the first chunk whose loss is not finite."""

    def work(outputs: Outputs) -> str:
        begin = 0
        with torch.no_grad():
            for rows in setting.chunks.rows:
                if not bool(loss_on(setting.model, outputs, rows).isfinite()):
                    return f"; it is not finite in rows {begin} to {begin + len(rows) - 1}"
                begin += len(rows)
        return ": look for a root, a logarithm or a division at 0, or for numbers that overflow"

    return setting.run(setting.model.leaves(theta), work)
