"""What can't be judged is refused before anything is computed, with words that say what was seen and what to do."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import thetastar as ts
from tests.landscape import nets
from thetastar.errors import FallbackWarning, UserError

Loss = nets.Loss


def judged(loss: Loss, module: nn.Module | None = None, rows: nets.Rows | None = None) -> ts.Objective:
    default, _, pairs = nets.case("mlp")
    return ts.Objective(module or default, loss, rows or pairs)


def test_a_loss_for_each_row_is_refused() -> None:
    with pytest.raises(UserError, match=r"one number, the mean over rows; on 7 rows it has the shape \(7,\): use redu"):
        judged(nn.CrossEntropyLoss(reduction="none"))


def test_a_loss_that_left_autograd_is_refused() -> None:
    with pytest.raises(UserError, match="the loss must be a tensor, seen float: return it as it is, without"):
        judged(lambda outputs, targets: F.cross_entropy(outputs, targets).item())
    with pytest.raises(UserError, match=r"does not depend on the parameters as far as .*: look for \.detach"):
        judged(lambda outputs, targets: F.cross_entropy(outputs.detach(), targets))
    with pytest.raises(UserError, match="does not depend on the parameters"):
        judged(lambda outputs, targets: (outputs.argmax(1) != targets).double().mean())


def test_a_sum_over_rows_is_refused() -> None:
    with pytest.raises(UserError, match=r"the loss is a sum over rows: .* on 7 rows and .* use reduction=\"mean\""):
        judged(nn.CrossEntropyLoss(reduction="sum"))


def test_a_loss_that_compares_rows_is_refused() -> None:
    with pytest.raises(UserError, match=r"the loss is no mean over rows: .* Losses that compare rows with each other"):
        judged(lambda outputs, _: torch.pdist(outputs).mean())


def test_dropout_that_stays_on_is_detected() -> None:
    class Noisy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nets.mlp().double()

        def forward(self, x: Tensor) -> Tensor:
            return F.dropout(self.inner(x), training=True)

    with pytest.raises(UserError, match=r"the loss is random: on the same 7 rows it was .* functional.dropout without"):
        judged(nn.CrossEntropyLoss(), Noisy())


def test_a_loss_that_is_not_finite_is_refused() -> None:
    module, loss, (X, y) = nets.case("mlp")
    X[2, 1] = torch.nan
    with pytest.raises(UserError, match="the loss of the first 7 rows is nan at the parameters as they are: look for"):
        judged(loss, module, (X, y))


def test_later_rows_that_are_not_finite_are_found() -> None:
    module, loss, (X, y) = nets.case("mlp")
    X, y = torch.cat([X] * 3), torch.cat([y] * 3)
    X[15, 1] = torch.nan
    objective = ts.Objective(module, loss, (X, y), memory=1)  # a chunk for each row
    expected = "at this θ is not finite, where the loss is nan; it is not finite in rows 15 to 15"
    for compute in (
        objective.gradient,
        lambda: objective.hessian_product(torch.ones(27)),
        lambda: objective.at(objective.theta).gauss_newton_product(torch.ones(27)),
    ):
        with pytest.raises(UserError, match=expected):
            compute()


def test_a_loss_without_second_derivative_at_theta_is_told() -> None:
    objective = ts.Objective.of(lambda theta: theta.clamp_min(0).pow(1.5).sum(), torch.ones(2))
    with pytest.raises(UserError, match="the product at this θ is not finite, where the loss is 0: look for a root"):
        objective.hessian_product(torch.ones(2), torch.zeros(2))


def test_weights_of_classes_are_told_where_rows_come_in_chunks() -> None:
    module, _, rows = nets.case("mlp")
    weighted = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 5.0, 25.0], dtype=torch.float64))
    ts.Objective(module, weighted, rows)  # one chunk: nothing is averaged
    with pytest.warns(FallbackWarning, match="is not the mean of their losses .*: the mean by rows over 7 chunks"):
        ts.Objective(module, weighted, rows, memory=1)


class Cubed(torch.autograd.Function):
    """x³ whose gradient autograd may not differentiate."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: torch.autograd.function.FunctionCtx, slope: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return 3 * x**2 * slope


class Cubes(nn.Module):
    def __init__(self, cube: object = Cubed.apply) -> None:
        super().__init__()
        self.below, self.above, self.cube = nn.Linear(2, 3), nn.Linear(3, nets.CLASSES), cube

    def forward(self, x: Tensor) -> Tensor:
        return self.above(self.cube(self.below(x)))


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-8), (torch.float32, 2e-3)])
def test_differences_step_in_where_autograd_fails_and_it_is_said(dtype: torch.dtype, tolerance: float) -> None:
    _, loss, (X, y) = nets.case("mlp", dtype=dtype)
    module = Cubes().to(dtype)
    with pytest.warns(FallbackWarning, match=r"the gradient \(.*once_differentiable.*central diff") as warned:
        objective = ts.Objective(module, loss, (X, y))
    assert warned[0].filename == __file__, "it points to who made the objective"
    assert objective.method == "finite_differences"
    plain = Cubes(lambda x: x**3).to(dtype)
    plain.load_state_dict(module.state_dict())
    exact = ts.Objective(plain, loss, (X, y))
    assert exact.method == "double_backward"
    V = torch.randn(objective.size, 3, dtype=dtype)
    for found, wanted in (
        (objective.hessian_product(V), exact.hessian_product(V)),
        (objective.hessian_product(1e3 * V[:, 0]), 1e3 * exact.hessian_product(V[:, 0])),
        (objective.gauss_newton_product(V), exact.gauss_newton_product(V)),
    ):
        torch.testing.assert_close(found, wanted, rtol=0, atol=tolerance * float(wanted.abs().max()))
    assert float(objective.hessian_product(torch.zeros(objective.size)).abs().max()) == 0


def test_a_second_derivative_that_is_wrong_is_not_believed() -> None:
    """The product takes one factor for a constant in its gradient, and so loses a part of the second derivative."""

    class Halved(torch.autograd.Function):
        @staticmethod
        def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor, y: Tensor) -> Tensor:
            ctx.save_for_backward(x, y)
            return x * y**2

        @staticmethod
        def backward(ctx: torch.autograd.function.FunctionCtx, slope: Tensor) -> tuple[Tensor, Tensor]:
            x, y = ctx.saved_tensors
            return slope * y.detach() ** 2, 2 * slope * x * y

    def function(theta: Tensor) -> Tensor:
        return Halved.apply(theta[0], theta[1])

    with pytest.warns(FallbackWarning, match=r"its derivative is not symmetric: uᵀHv = .*, vᵀHu = "):
        objective = ts.Objective.of(function, torch.tensor([1.0, 2.0], dtype=torch.float64))
    wanted = torch.tensor([[0.0, 4.0], [4.0, 2.0]], dtype=torch.float64)
    torch.testing.assert_close(objective.hessian_product(torch.eye(2)), wanted, rtol=0, atol=1e-7)


class ByNumpy(torch.autograd.Function):
    """Σx⁴, whose backward pass leaves autograd without saying so."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return (x**4).sum()

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, slope: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return slope * torch.from_numpy(4 * x.detach().numpy() ** 3)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_a_backward_pass_by_numpy_is_not_believed(dtype: torch.dtype) -> None:
    """What is left of the second derivative is symmetric: only differences tell."""
    with pytest.warns(FallbackWarning, match="its derivative along a random v has the length 0, differences have"):
        objective = ts.Objective.of(ByNumpy.apply, torch.tensor([1.0, 2.0], dtype=dtype))
    wanted = torch.diag(torch.tensor([12.0, 48.0], dtype=dtype))
    torch.testing.assert_close(objective.hessian_product(torch.eye(2)), wanted, rtol=0, atol=0.01)


def test_a_function_with_a_derivative_by_hand_that_is_right_is_believed() -> None:
    class Right(torch.autograd.Function):
        @staticmethod
        def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
            ctx.save_for_backward(x)
            return torch.relu(x)

        @staticmethod
        def backward(ctx: torch.autograd.function.FunctionCtx, slope: Tensor) -> Tensor:
            (x,) = ctx.saved_tensors
            return slope * (x > 0)

    _, loss, rows = nets.case("mlp", dtype=torch.float32)
    objective = judged(loss, Cubes(Right.apply), rows)
    assert objective.method == "double_backward"
