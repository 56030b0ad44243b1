from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

import thetastar as ts
from tests.landscape import nets
from thetastar.errors import UserError


def product(theta: torch.Tensor) -> torch.Tensor:
    return (1 - theta[0] * theta[1]) ** 2


@pytest.mark.parametrize(
    ("at", "hessian"), [((0.0, 0.0), [[0.0, -2.0], [-2.0, 0.0]]), ((1.0, 1.0), [[2.0, 2.0], [2.0, 2.0]])]
)
def test_the_course_example_has_the_hessian_of_its_formula(at: tuple[float, float], hessian: list[list[float]]) -> None:
    objective = ts.Objective.of(product, torch.tensor(at, dtype=torch.float64))
    assert objective.loss() == (1 - at[0] * at[1]) ** 2
    assert_close(objective.gradient(), torch.zeros(2, dtype=torch.float64))
    assert_close(objective.hessian_product(torch.eye(2)), torch.tensor(hessian, dtype=torch.float64))


def test_least_squares_has_2_over_n_of_the_products() -> None:
    torch.manual_seed(0)
    X, y = torch.randn(50, 4, dtype=torch.float64), torch.randn(50, 1, dtype=torch.float64)
    line = nn.Linear(4, 1).double()
    objective = ts.Objective(line, nn.MSELoss(), (X, y))
    ones = torch.cat([X, torch.ones(50, 1)], 1)
    theta = torch.cat([line.weight[0], line.bias]).detach()
    assert_close(objective.theta, theta)
    assert objective.loss() == pytest.approx(float((ones @ theta - y[:, 0]).square().mean()), rel=1e-14)
    assert_close(objective.gradient(), 2 * ones.T @ (ones @ theta - y[:, 0]) / 50)
    expected = 2 * ones.T @ ones / 50
    assert_close(objective.hessian_product(torch.eye(5)), expected)
    assert_close(objective.gauss_newton_product(torch.eye(5)), expected)


def test_logistic_regression_weighs_rows_by_their_variance() -> None:
    torch.manual_seed(1)
    X, y = torch.randn(40, 3, dtype=torch.float64), torch.randint(2, (40,)).double()
    logit = nn.Sequential(nn.Linear(3, 1, bias=False), nn.Flatten(0)).double()
    objective = ts.Objective(logit, nn.BCEWithLogitsLoss(), (X, y))
    p = torch.sigmoid(X @ objective.theta)
    expected = X.T @ ((p * (1 - p))[:, None] * X) / 40
    assert_close(objective.hessian_product(torch.eye(3)), expected)
    assert_close(objective.gauss_newton_product(torch.eye(3)), expected)


@pytest.mark.parametrize("name", nets.NETS)
def test_every_kind_of_layer_gives_its_brute_force_hessian(name: str) -> None:
    module, loss, rows = nets.case(name)
    objective = ts.Objective(module, loss, rows)
    assert objective.method == "double_backward"
    theta = objective.theta
    assert_close(theta, nets.flat(module))
    of_theta = nets.loss_of(module, loss, rows)
    assert objective.loss() == pytest.approx(float(of_theta(theta)), rel=1e-12)
    assert_close(objective.gradient(), torch.autograd.functional.jacobian(of_theta, theta))
    hessian = nets.brute_force_hessian(module, loss, rows)
    assert_close(objective.hessian_product(torch.eye(objective.size)), hessian)
    assert_close(objective.hessian_product(torch.eye(objective.size)), hessian)  # from the graph that was kept
    assert_close(objective.hessian_product(hessian[:, 0]), hessian @ hessian[:, 0])


@pytest.mark.parametrize("name", ["mlp", "convolution", "checkpointed", "weight norm", "gru"])
def test_it_stands_elsewhere_when_asked(name: str) -> None:
    module, loss, rows = nets.case(name)
    objective = ts.Objective(module, loss, rows)
    there = objective.theta + 0.3 * torch.randn(objective.size, dtype=torch.float64)
    hessian = nets.brute_force_hessian(module, loss, rows, there)
    vector = torch.randn(objective.size, dtype=torch.float64)
    assert_close(objective.hessian_product(vector, there), hessian @ vector)
    moved = objective.at(there)
    assert_close(moved.theta, there)
    assert_close(moved.hessian_product(vector), hessian @ vector)
    assert_close(objective.gradient(there), moved.gradient())
    assert objective.loss(there) == moved.loss() != objective.loss()


@pytest.mark.parametrize("name", nets.NETS)
def test_single_precision_comes_near(name: str) -> None:
    module, loss, rows = nets.case(name, dtype=torch.float32)
    objective = ts.Objective(module, loss, rows)
    exact = nets.brute_force_hessian(module.double(), loss, (nets.case(name)[2][0], rows[1]))
    found = objective.hessian_product(torch.eye(objective.size))
    assert found.dtype == torch.float32
    assert_close(found.double(), exact, rtol=0, atol=3e-5 * float(exact.abs().max()))


@settings(max_examples=30)
@given(
    widths=st.lists(st.integers(1, 5), min_size=0, max_size=3),
    activation=st.sampled_from([nn.Tanh, nn.Sigmoid, nn.GELU, nn.Softplus]),
    rows=st.integers(1, 9),
    cuts=st.lists(st.integers(1, 8), max_size=3),
    vectors=st.integers(0, 3),
    seed=st.integers(0, 1000),
)
def test_random_networks_give_their_brute_force_hessian(
    widths: list[int], activation: type[nn.Module], rows: int, cuts: list[int], vectors: int, seed: int
) -> None:
    torch.manual_seed(seed)
    sizes, layers = [2, *widths, 2], []
    for below, above in itertools.pairwise(sizes):
        layers += [nn.Linear(below, above), activation()]
    module = nn.Sequential(*layers).double()
    X, y = torch.randn(rows, 2, dtype=torch.float64), torch.randn(rows, 2, dtype=torch.float64)
    bounds = sorted({0, rows, *(cut for cut in cuts if cut < rows)})
    batches = [(X[a:b], y[a:b]) for a, b in itertools.pairwise(bounds)]
    objective = ts.Objective(module, nn.MSELoss(), batches, memory=1)  # a chunk for each row
    V = torch.randn(objective.size, vectors, dtype=torch.float64)
    assert_close(objective.hessian_product(V), nets.brute_force_hessian(module, nn.MSELoss(), (X, y)) @ V)
    found = objective.gauss_newton_product(torch.eye(objective.size))
    assert_close(found, found.T)
    assert float(torch.linalg.eigvalsh(found).min()) > -1e-12


def test_gauss_newton_is_the_jacobian_twice() -> None:
    module, loss, rows = nets.case("convolution")
    objective = ts.Objective(module, loss, rows)

    def outputs(theta: torch.Tensor) -> torch.Tensor:
        return nets.loss_of(module, lambda out, _: out, rows)(theta).flatten()

    jacobian = torch.autograd.functional.jacobian(outputs, objective.theta)
    here = outputs(objective.theta)
    bend = torch.autograd.functional.hessian(lambda out: loss(out.view(-1, nets.CLASSES), rows[1]), here)
    assert_close(objective.gauss_newton_product(torch.eye(objective.size)), jacobian.T @ bend @ jacobian)


def test_gauss_newton_is_the_hessian_where_outputs_are_linear() -> None:
    torch.manual_seed(0)
    X, y = torch.randn(20, 3, dtype=torch.float64), torch.randint(4, (20,))
    objective = ts.Objective(nn.Linear(3, 4).double(), nn.CrossEntropyLoss(), (X, y))
    eye = torch.eye(objective.size)
    assert_close(objective.gauss_newton_product(eye), objective.hessian_product(eye))


def test_outputs_may_be_any_structure() -> None:
    module, _, rows = nets.case("gru")

    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = module

        def forward(self, x: torch.Tensor) -> dict[str, object]:
            return {"all": (self.inner(x), "a word"), "none": None}

    def loss(outputs: dict[str, tuple[torch.Tensor, str]], y: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(outputs["all"][0], y)

    wrapped, plain = ts.Objective(Both(), loss, rows), ts.Objective(module, nn.CrossEntropyLoss(), rows)
    eye = torch.eye(plain.size)
    assert_close(wrapped.hessian_product(eye), plain.hessian_product(eye))
    assert_close(wrapped.gauss_newton_product(eye), plain.gauss_newton_product(eye))


def test_frozen_parameters_are_no_part_of_theta() -> None:
    module, loss, rows = nets.case("mlp")
    module[0].weight.requires_grad_(False)
    objective = ts.Objective(module, loss, rows)
    assert objective.size == 4 + 4 * 3 + 3
    found = objective.hessian_product(torch.eye(objective.size))
    assert_close(found, nets.brute_force_hessian(module, loss, rows))


def test_parameters_that_are_not_used_have_no_curvature() -> None:
    module, loss, rows = nets.case("mlp")
    module.spare = nn.Parameter(torch.ones(2, dtype=torch.float64))
    inner = nn.Sequential(*list(module))
    module.forward = inner.forward
    objective = ts.Objective(module, loss, rows)
    found = objective.hessian_product(torch.eye(objective.size))
    spare = [name for name, _ in module.named_parameters()].index("spare") * 0  # the first of the parameters
    assert_close(found[:, spare : spare + 2], torch.zeros(objective.size, 2, dtype=torch.float64))
    assert float(found.abs().max()) > 0


def test_a_loss_that_is_linear_has_no_curvature() -> None:
    objective = ts.Objective.of(lambda theta: 3 * theta.sum(), torch.ones(4))
    assert_close(objective.hessian_product(torch.eye(4)), torch.zeros(4, 4))
    assert_close(objective.gradient(), torch.full((4,), 3.0))


def test_training_on_does_not_move_it() -> None:
    module, loss, rows = nets.case("convolution")
    objective = ts.Objective(module, loss, rows)
    vector = torch.randn(objective.size, dtype=torch.float64)
    before = objective.theta, objective.loss(), objective.hessian_product(vector)
    optimizer = torch.optim.SGD(module.parameters(), 0.1)
    loss(module(rows[0]), rows[1]).backward()
    optimizer.step()
    assert_close((objective.theta, objective.loss(), objective.hessian_product(vector)), before, rtol=0, atol=0)
    assert_close(objective.at(objective.theta).hessian_product(vector), before[2])


def test_a_function_of_theta_and_rows_is_the_same_as_its_module() -> None:
    torch.manual_seed(0)
    X, y = torch.randn(30, 2, dtype=torch.float64), torch.randn(30, 1, dtype=torch.float64)
    module = nn.Linear(2, 1).double()
    wanted = ts.Objective(module, nn.MSELoss(), (X, y))

    def line(theta: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
        return inputs @ theta[:2, None] + theta[2]

    def squared(theta: torch.Tensor, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return (line(theta, inputs) - targets).square().mean()

    eye = torch.eye(3)
    for found in (
        ts.Objective.of(line, wanted.theta, (X, y), loss_fn=nn.MSELoss()),
        ts.Objective.of(squared, wanted.theta, (X, y)),
    ):
        assert found.loss() == pytest.approx(wanted.loss(), rel=1e-14)
        assert_close(found.gradient(), wanted.gradient())
        assert_close(found.hessian_product(eye), wanted.hessian_product(eye))
    assert_close(
        ts.Objective.of(line, wanted.theta, (X, y), loss_fn=nn.MSELoss()).gauss_newton_product(eye),
        wanted.hessian_product(eye),
    )


def test_what_it_says_of_itself() -> None:
    module, loss, rows = nets.case("mlp")
    objective = ts.Objective(module, loss, rows)
    assert repr(objective) == "Objective of 27 parameters (float64, cpu) on 7 rows"
    assert (objective.size, objective.rows, objective.dtype) == (27, 7, torch.float64)
    assert objective.device == torch.device("cpu")
    objective.theta.zero_()  # a copy
    assert_close(objective.theta, nets.flat(module))


def test_wrong_shapes_are_told() -> None:
    module, loss, rows = nets.case("mlp")
    objective = ts.Objective(module, loss, rows)
    with pytest.raises(UserError, match=r"vectors must be a tensor \[27\] or \[27, k\]; seen the shape \(26,\)"):
        objective.hessian_product(torch.ones(26))
    with pytest.raises(UserError, match="seen ndarray"):
        objective.gauss_newton_product(np.ones(27))
    with pytest.raises(UserError, match=r"theta must be a tensor of shape \(27,\); seen the shape \(27, 1\)"):
        objective.loss(torch.ones(27, 1))
    with pytest.raises(UserError, match="a Gauss–Newton product needs outputs"):
        ts.Objective.of(product, torch.ones(2)).gauss_newton_product(torch.ones(2))
    with pytest.raises(UserError, match=r"theta must be a tensor .* seen torch.int64"):
        ts.Objective.of(product, torch.ones(2, dtype=torch.int64))
    with pytest.raises(UserError, match="data is needed"):
        ts.Objective.of(product, torch.ones(2), loss_fn=nn.MSELoss())
    with pytest.raises(UserError, match="memory is a number of bytes above 0; seen -1"):
        ts.Objective(module, loss, rows, memory=-1)


def test_gradients_may_be_switched_off_around_it() -> None:
    module, loss, rows = nets.case("mlp")
    wanted = nets.brute_force_hessian(module, loss, rows)
    for context in (torch.no_grad(), torch.inference_mode(), torch.autocast("cpu", torch.bfloat16)):
        with context:
            objective = ts.Objective(module, loss, rows)
            assert_close(objective.hessian_product(torch.eye(objective.size)), wanted)
            assert_close(
                objective.gauss_newton_product(torch.eye(objective.size)).T,
                objective.gauss_newton_product(torch.eye(objective.size)),
            )
