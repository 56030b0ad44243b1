"""The loss as a function of one flat vector θ: its value, its gradient, and products with its second derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, nn

from thetastar.errors import UserError
from thetastar.landscape.differences import gauss_newton_by_differences, hessian_by_differences
from thetastar.landscape.graphs import gauss_newton_graph, gradient_graph
from thetastar.landscape.model import from_function, from_module
from thetastar.landscape.parts import random_parts
from thetastar.landscape.setting import Setting, prepare
from thetastar.landscape.several import losses_at
from thetastar.landscape.standing import Products, checked, gradient_at, loss_at
from thetastar.landscape.trial import Method

__all__ = ["Objective"]

_Kind = Literal["hessian", "gauss_newton"]


class Objective:
    """L(θ), the mean loss of fixed rows, standing at the θ that the module had when the objective was made.

    Dropout is off and batch statistics are frozen, and the module is given back exactly as it came after each call:
    parameters, gradients, buffers, mode, hooks, the random state, torch's flags. θ is copied, so training on doesn't
    move an objective; make another one, or use ``at``. Parameters that don't require gradients are read where they are.

    Rows are summed in chunks, each by its number of rows. The graph of the gradient is built with the first product
    and kept, so that each product is one backward pass; beyond ``memory``, graphs of chunks are built anew for each
    product. After ``torch.distributed.init_process_group`` (as under ``torchrun``) every rank holds its own rows, every
    rank has to make the same calls with the same vectors, and sums go over all ranks.

    Args:
        module: Any module that autograd differentiates twice; its parameters that require gradients are θ, in the order
            of ``module.parameters()``, shared ones once.
        loss_fn: Of what the module returns and the targets; a mean over rows.
        data: (X, y) as tensors or arrays, an iterable of such batches (a ``DataLoader``, a list), or a ``Dataset`` of
            pairs. Floating numbers get the precision that is computed in.
        dtype: What to compute in, torch.float32 or torch.float64; that of the parameters by default. The module keeps
            its own.
        memory: Bytes that graphs may take; half of what is free by default. More than this is only taken if a single
            row needs it.
        across_ranks: Whether to sum over the ranks of a distributed run; False judges this process's rows alone.

    Raises:
        UserError: The module, the loss or the data can't be used; the message says what was seen and what to do.

    Example:
        >>> line = torch.nn.Linear(1, 1)
        >>> X, y = torch.tensor([[0.0], [2.0]]), torch.tensor([[1.0], [3.0]])
        >>> objective = Objective(line, torch.nn.MSELoss(), (X, y))
        >>> objective
        Objective of 2 parameters (float32, cpu) on 2 rows
        >>> objective.hessian_product(torch.eye(2))  # 2/n · XᵀX, with a column of ones
        tensor([[4., 2.],
                [2., 2.]])
    """

    def __init__(
        self,
        module: nn.Module,
        loss_fn: Callable[[Any, Tensor], Any],
        data: Any,
        *,
        dtype: torch.dtype | None = None,
        memory: float | None = None,
        across_ranks: bool = True,
    ) -> None:
        model = from_module(module, loss_fn, dtype=dtype)
        self._stand(prepare(model, data, memory=memory, across_ranks=across_ranks), model.theta)

    @classmethod
    def of(
        cls,
        function: Callable[..., Any],
        theta: Tensor,
        data: Any = None,
        *,
        loss_fn: Callable[[Any, Tensor], Any] | None = None,
        memory: float | None = None,
    ) -> Objective:
        """Return the objective of a pure function of a flat θ.

        Args:
            function: Of θ and X to outputs if there is a ``loss_fn``. Without one it is the loss itself: of θ, X and y,
                a mean over rows; or of θ alone, without data.
            theta: Where to stand, float32 or float64, [size].
            data: As for a module; None if the loss depends on θ alone.
            loss_fn: Of outputs and targets; a mean over rows.
            memory: As for a module.

        Raises:
            UserError: The function, θ or the data can't be used.

        Example:
            >>> saddle = Objective.of(lambda theta: (1 - theta[0] * theta[1]) ** 2, torch.zeros(2))
            >>> saddle.loss()
            1.0
            >>> saddle.hessian_product(torch.eye(2))
            tensor([[ 0., -2.],
                    [-2.,  0.]])
        """
        if data is None and loss_fn is not None:
            raise UserError("a loss_fn compares outputs with targets, so data is needed; a loss of θ alone has none")
        model = from_function(function, theta, loss_fn, without_data=data is None)
        one_row = (model.theta.new_zeros(1, 1), model.theta.new_zeros(1, 1))
        rows = one_row if data is None else data
        return cls._at(prepare(model, rows, memory=memory, across_ranks=data is not None), model.theta)

    @property
    def size(self) -> int:
        """The number of parameters."""
        return len(self._theta)

    @property
    def rows(self) -> int:
        """The number of rows, of all ranks."""
        return self._setting.total

    @property
    def dtype(self) -> torch.dtype:
        """The precision of θ."""
        return self._theta.dtype

    @property
    def device(self) -> torch.device:
        """Where θ is."""
        return self._theta.device

    @property
    def theta(self) -> Tensor:
        """A copy of θ where the objective stands, [size]."""
        return self._theta.clone()

    @property
    def shapes(self) -> tuple[torch.Size, ...]:
        """The shapes of the tensors that θ is cut into, in its order."""
        return self._setting.model.shapes

    @property
    def parameters(self) -> tuple[nn.Parameter, ...]:
        """The module's own parameters, which θ was copied from, in its order; none of a plain function."""
        return self._setting.model.parameters

    @property
    def method(self) -> Method:
        """How products are made: "double_backward", or "finite_differences" where that fails."""
        return self._setting.method

    def at(self, theta: Tensor) -> Objective:
        """Return the same objective standing at another θ [size], with graphs of its own.

        Raises:
            UserError: θ has another size.
        """
        return self._at(self._setting, self._checked_theta(theta))

    def parts(self, count: int, *, seed: int = 0) -> tuple[Objective, ...]:
        """Return objectives of disjoint random rows, standing here; together they hold all rows.

        Args:
            count: How many; every one gets as many rows as the others, or one more.
            seed: Of the dealing.

        Raises:
            UserError: There are fewer rows than parts on this rank.
        """
        held = sum(map(len, self._setting.chunks.rows))
        if not 1 <= count <= held:
            raise UserError(f"{count} parts were asked for of {held:,} rows; there can be from 1 part to one a row")
        return tuple(self._at(part, self._theta) for part in random_parts(self._setting, count, seed=seed))

    def loss(self, theta: Tensor | None = None) -> float:
        """Return L, here or at another θ [size]; it may be infinite or nan elsewhere."""
        return loss_at(self._setting, self._theta if theta is None else self._checked_theta(theta))

    def losses(self, thetas: Tensor) -> Tensor:
        """Return L at several θ [k, size], as [k] in double precision; they may be infinite or nan.

        Small ones are gone through together (``torch.func.vmap``) where the module's operations allow it.

        Raises:
            UserError: The θ have another size.
        """
        if not isinstance(thetas, Tensor) or thetas.ndim != 2 or thetas.shape[1] != self.size:
            raise UserError(f"thetas must be a tensor [k, {self.size}]; seen {_described(thetas)}")
        return losses_at(self._setting, thetas.detach().to(self._theta))

    def gradient(self, theta: Tensor | None = None) -> Tensor:
        """Return ∂L/∂θ, here or at another θ [size], as [size].

        Raises:
            UserError: It is not finite.
        """
        return gradient_at(self._setting, self._theta if theta is None else self._checked_theta(theta))

    def hessian_product(self, vectors: Tensor, theta: Tensor | None = None) -> Tensor:
        """Return Hv for a vector [size] or several [size, k], here or at another θ, in the vectors' shape.

        At another θ nothing is kept for a next product: for several of them there, use ``at``.

        Raises:
            UserError: A shape is wrong, or the product is not finite.
        """
        return self._product("hessian", vectors, theta)

    def gauss_newton_product(self, vectors: Tensor, theta: Tensor | None = None) -> Tensor:
        """Return JᵀH_out J v for a vector [size] or several [size, k], here or at another θ, in the vectors' shape.

        J is the derivative of the outputs by θ, H_out the Hessian of the loss by the outputs (Schraudolph, Fast
        Curvature Matrix-Vector Products for Second-Order Gradient Descent, 2002). It is the Hessian without the
        curvature of the outputs: equal for functions that are linear in θ, never negative for losses that are convex.

        Raises:
            UserError: A shape is wrong, the product is not finite, or a loss without outputs was given.
        """
        if not self._setting.model.has_outputs:
            raise UserError(
                "a Gauss–Newton product needs outputs: give Objective.of a function of θ and X, and a loss_fn"
            )
        return self._product("gauss_newton", vectors, theta)

    def __repr__(self) -> str:
        kind = str(self.dtype).removeprefix("torch.")
        return f"Objective of {self.size:,} parameters ({kind}, {self.device}) on {self.rows:,} rows"

    @classmethod
    def _at(cls, setting: Setting, theta: Tensor) -> Objective:
        """Return an objective from parts at hand."""
        objective = cls.__new__(cls)
        objective._stand(setting, theta)
        return objective

    def _stand(self, setting: Setting, theta: Tensor) -> None:
        self._setting, self._theta = setting, theta
        self._graphs: dict[_Kind, Products] = {}  # of one kind at a time: both would take twice the memory

    def _product(self, kind: _Kind, vectors: Tensor, theta: Tensor | None) -> Tensor:
        """Return the products with one of the matrices."""
        if theta is not None:
            return self.at(theta)._product(kind, vectors, None)
        columns = self._columns(vectors)
        if columns.shape[1] == 0:
            return torch.empty_like(columns)
        if self.method == "double_backward":
            products = self._from_graphs(kind).product(columns)
        elif kind == "hessian":
            products = hessian_by_differences(self.gradient, self._theta, columns)
        else:
            products = self._differenced(columns)
        return products.reshape(vectors.shape)

    def _from_graphs(self, kind: _Kind) -> Products:
        """Return the products with a matrix, whose graphs stay until the other matrix is asked for."""
        if kind not in self._graphs:
            self._graphs.clear()
            build = gradient_graph if kind == "hessian" else gauss_newton_graph
            self._graphs[kind] = Products(self._setting, self._theta, build)
        return self._graphs[kind]

    def _differenced(self, columns: Tensor) -> Tensor:
        """Return Gauss–Newton products by differences of outputs, [size, k]."""
        setting, total = self._setting, torch.zeros_like(columns)
        for rows in setting.chunks.rows:
            for place, vector in enumerate(columns.T):
                product = gauss_newton_by_differences(setting.model, self._theta, rows, vector)
                total[:, place] += setting.share(rows) * product
        return checked(setting.summed(total), "product", setting=setting, theta=self._theta)

    def _checked_theta(self, theta: Tensor) -> Tensor:
        """Return a copy of θ in the objective's precision and place."""
        if not isinstance(theta, Tensor) or theta.shape != self._theta.shape:
            raise UserError(f"theta must be a tensor of shape ({self.size},); seen {_described(theta)}")
        return theta.detach().to(self._theta, copy=True)

    def _columns(self, vectors: Tensor) -> Tensor:
        """Return vectors as columns [size, k] in the objective's precision and place."""
        if not isinstance(vectors, Tensor) or vectors.ndim not in (1, 2) or len(vectors) != self.size:
            raise UserError(f"vectors must be a tensor [{self.size}] or [{self.size}, k]; seen {_described(vectors)}")
        return vectors.detach().to(self._theta).reshape(self.size, math.prod(vectors.shape[1:]))


def _described(value: object) -> str:
    return f"the shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
