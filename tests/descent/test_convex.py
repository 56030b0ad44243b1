"""θ* of convex losses, compared with closed forms, scikit-learn, and tighter solutions by scipy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import scipy.optimize
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression, Ridge
from torch import Tensor

from thetastar.descent import ConvexProblem, Deadline, convex
from thetastar.errors import BudgetError, UserError
from thetastar.functions import FunctionSet
from thetastar.losses import Huber, Loss, loss_named, softmax

Floats = npt.NDArray[np.float64]


def linear(inputs: int, outputs: int = 1) -> FunctionSet:
    return FunctionSet(inputs=inputs, outputs=outputs, shortcut=inputs)


def numbers(rows: int = 80, width: int = 5, *, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Return inputs, a noisy linear target and weights that sum to one."""
    stream = torch.Generator().manual_seed(seed)
    x = torch.randn(rows, width, generator=stream)
    y = x @ torch.linspace(-1, 2, width)[:, None] + 0.7 + 0.3 * torch.randn(rows, 1, generator=stream)
    weights = torch.rand(rows, generator=stream) + 0.1
    return x, y, weights / weights.sum()


def labels(rows: int = 90, width: int = 4, *, classes: int = 3, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Return inputs, noisy classes and weights that sum to one."""
    x, _, weights = numbers(rows, width, seed=seed)
    stream = torch.Generator().manual_seed(seed + 1)
    logits = x @ torch.randn(width, classes, generator=stream) + 0.5 * torch.randn(rows, classes, generator=stream)
    return x, logits.argmax(1), weights


def value(
    problem: ConvexProblem, loss: Loss, data: tuple[Tensor, Tensor, Tensor], penalty: Floats, theta: Tensor
) -> float:
    """Return the penalised loss in float64."""
    return float(penalised(problem.functions, loss, data, penalty, theta.detach().double()))


def penalised(
    functions: FunctionSet, loss: Loss, data: tuple[Tensor, Tensor, Tensor], penalty: Floats, theta: Tensor
) -> Tensor:
    inputs, targets, weights = data
    bias, shortcut = theta[: functions.outputs], theta[functions.outputs :].view(-1, functions.outputs)
    outputs = inputs.double() @ shortcut + bias
    targets = targets.double() if targets.is_floating_point() else targets
    found = loss.value(outputs.unsqueeze(0), targets.unsqueeze(0), weights.double().unsqueeze(0))[0]
    return found + (torch.from_numpy(penalty)[:, None] * shortcut.square()).sum()


def tight(functions: FunctionSet, loss: Loss, data: tuple[Tensor, Tensor, Tensor], penalty: Floats) -> float:
    """Return the least penalised loss, by scipy to many digits."""

    def objective(place: Floats) -> tuple[float, Floats]:
        theta = torch.from_numpy(place).requires_grad_(True)
        result = penalised(functions, loss, data, penalty, theta)
        (gradient,) = torch.autograd.grad(result, theta)
        return float(result.detach()), gradient.numpy()

    found = scipy.optimize.minimize(
        objective,
        np.zeros(functions.size),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-15, "gtol": 1e-10},
    )
    return float(found.fun)


def solved(
    loss: Loss, data: tuple[Tensor, Tensor, Tensor], penalty: Floats, *, outputs: int = 1, start: Tensor | None = None
) -> tuple[ConvexProblem, Tensor]:
    inputs, targets, weights = data
    functions = linear(inputs.shape[1], outputs)
    problem = ConvexProblem(functions, loss, inputs=inputs, targets=targets, weights=weights)
    return problem, problem.minimise(penalty, start=start)


def test_least_squares_equal_ridge_regression_with_weights() -> None:
    x, y, weights = numbers()
    _, theta = solved(loss_named("squared"), (x, y, weights), np.full(5, 0.03))
    ridge = Ridge(alpha=0.03).fit(x.double(), y[:, 0].double(), sample_weight=weights.double())
    np.testing.assert_allclose(theta[0], ridge.intercept_, atol=2e-6)
    np.testing.assert_allclose(theta[1:], ridge.coef_, atol=2e-6)


def test_every_column_has_its_own_penalty() -> None:
    x, y, weights = numbers()
    penalty = np.array([0.0, 0.01, 0.1, 1.0, 1e6])
    _, theta = solved(loss_named("squared"), (x, y, weights), penalty)
    design = np.column_stack([np.ones(len(x)), x.double()])
    mass = weights.double().numpy()
    expected = np.linalg.solve(
        design.T @ (design * mass[:, None]) + np.diag([0.0, *penalty]), design.T @ (mass * y[:, 0].double().numpy())
    )
    np.testing.assert_allclose(theta, expected, atol=2e-6)


@pytest.mark.parametrize("strength", [1e-1, 1e-3, 1e-5])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(("rows", "width"), [(200, 4), (20, 30)], ids=["tall", "wide"])
def test_cross_entropy_is_as_low_as_a_tighter_solution(rows: int, width: int, classes: int, strength: float) -> None:
    data, loss = labels(rows, width, classes=classes), loss_named("cross_entropy")
    penalty = np.full(width, strength)
    problem, theta = solved(loss, data, penalty, outputs=classes)
    least = tight(problem.functions, loss, data, penalty)
    reached = value(problem, loss, data, penalty, theta)
    assert least - 1e-7 < reached < least + 2e-3 * least + 1e-4


@pytest.mark.parametrize("classes", [2, 3])
def test_probabilities_equal_logistic_regression(classes: int) -> None:
    x, y, weights = labels(200, classes=classes)
    _, theta = solved(loss_named("cross_entropy"), (x, y, weights), np.full(4, 1e-2), outputs=classes)
    # scikit-learn's penalty is Σ u²/(2C) for one vector of weights; two classes' softmax spreads it over two vectors,
    # whose squares then sum to half as much.
    strength = 1e-2 if classes > 2 else 5e-3
    peer = LogisticRegression(C=1 / (2 * strength), tol=1e-10, max_iter=10_000)
    peer.fit(x.double(), y, sample_weight=weights.double())
    mine = softmax(x @ theta[classes:].view(4, classes) + theta[:classes])
    np.testing.assert_allclose(mine, peer.predict_proba(x.double()), atol=2e-3)


@pytest.mark.parametrize("strength", [1e-1, 1e-3, 1e-5])
def test_huber_is_as_low_as_a_tighter_solution(strength: float) -> None:
    x, y, weights = numbers(rows=150)
    y[::7] += 20.0  # what Huber is for
    penalty = np.full(5, strength)
    problem, theta = solved(Huber(), (x, y, weights), penalty)
    least = tight(problem.functions, Huber(), (x, y, weights), penalty)
    assert value(problem, Huber(), (x, y, weights), penalty, theta) < least + 1e-5 * least


def test_absolute_error_without_inputs_is_least_at_the_median() -> None:
    y = torch.tensor([[0.0], [1.0], [2.0], [3.0], [100.0]])
    data = torch.empty(5, 0), y, torch.full((5,), 0.2)
    _, theta = solved(loss_named("absolute"), data, np.zeros(0))
    assert theta.tolist() == pytest.approx([2.0], abs=1e-2)


@pytest.mark.parametrize("strength", [0.5, 0.05, 0.005])
def test_absolute_error_with_a_penalty_is_least_where_a_search_finds_it(strength: float) -> None:
    """Mean |y − b − ux| + strength·u²: for every slope the best intercept is a median."""
    stream = np.random.default_rng(0)
    x = stream.normal(size=301)
    y = 1 + 2 * x + stream.normal(size=301)

    def least(slope: float) -> float:
        return float(np.abs(y - slope * x - np.median(y - slope * x)).mean() + strength * slope**2)

    data = torch.tensor(x[:, None]).float(), torch.tensor(y[:, None]).float(), torch.full((301,), 1 / 301)
    _, theta = solved(loss_named("absolute"), data, np.full(1, strength))
    found = scipy.optimize.minimize_scalar(least, bounds=(-5, 5), method="bounded").x
    assert theta[1].item() == pytest.approx(found, abs=0.03)


def test_absolute_error_ignores_outliers() -> None:
    x = torch.linspace(-1, 1, 101)[:, None]
    y = 3 * x - 0.5
    y[::10] += 30.0
    _, theta = solved(loss_named("absolute"), (x, y, torch.full((101,), 1 / 101)), np.full(1, 1e-8))
    assert theta.tolist() == pytest.approx([-0.5, 3.0], abs=2e-2)


def test_squared_error_after_softmax_goes_through() -> None:
    data, loss = labels(), loss_named("squared_after_softmax")
    penalty = np.full(4, 1e-3)
    problem, theta = solved(loss, data, penalty, outputs=3)
    assert value(problem, loss, data, penalty, theta) < 0.7 * value(
        problem, loss, data, penalty, torch.zeros(problem.functions.size)
    )


@pytest.mark.parametrize("name", ["cross_entropy", "huber"])
@pytest.mark.parametrize("limit", [("_LARGEST_WIDTH", 1), ("_LARGEST_MATRIX", 10)], ids=lambda limit: limit[0])
def test_large_matrices_are_solved_in_their_own_coordinates(
    name: str, limit: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = 3 if name == "cross_entropy" else 1
    data, loss = labels() if outputs == 3 else numbers(90, 4), loss_named(name)
    penalty = np.full(4, 1e-2)
    problem, theta = solved(loss, data, penalty, outputs=outputs)
    monkeypatch.setattr(convex, *limit)
    _, plainly = solved(loss, data, penalty, outputs=outputs)
    assert not torch.equal(theta, plainly)
    assert value(problem, loss, data, penalty, plainly) == pytest.approx(
        value(problem, loss, data, penalty, theta), rel=1e-3
    )


def test_separable_classes_stay_finite() -> None:
    x = torch.linspace(-1, 1, 40)[:, None]
    data, loss = (x, (x[:, 0] > 0).long(), torch.full((40,), 1 / 40)), loss_named("cross_entropy")
    for strength in (1e-1, 1e-3, 1e-5, 1e-7):
        penalty = np.full(1, strength)
        problem, theta = solved(loss, data, penalty, outputs=2)
        least = tight(problem.functions, loss, data, penalty)
        assert value(problem, loss, data, penalty, theta) < least * 1.02 + 1e-6


def test_a_class_that_no_row_has_gets_a_small_probability() -> None:
    x, y, weights = labels(classes=2)
    _, theta = solved(loss_named("cross_entropy"), (x, y, weights), np.full(4, 1e-3), outputs=3)
    assert bool(theta.isfinite().all())
    assert float(softmax(x @ theta[3:].view(4, 3) + theta[:3])[:, 2].max()) < 1e-2


@pytest.mark.parametrize("name", ["squared", "huber", "cross_entropy"])
def test_constant_and_repeated_columns_are_no_trouble(name: str) -> None:
    outputs = 2 if name == "cross_entropy" else 1
    x, y, weights = labels(classes=2) if outputs == 2 else numbers(90, 4)
    wide = torch.cat([x, x[:, :1], torch.ones(len(x), 1), torch.zeros(len(x), 1)], 1)
    loss, penalty = loss_named(name), np.full(7, 1e-9)
    problem, theta = solved(loss, (wide, y, weights), penalty, outputs=outputs)
    narrow, without = solved(loss, (x, y, weights), np.full(4, 1e-9), outputs=outputs)
    assert value(problem, loss, (wide, y, weights), penalty, theta) == pytest.approx(
        value(narrow, loss, (x, y, weights), np.full(4, 1e-9), without), rel=1e-3
    )


@pytest.mark.parametrize("name", ["squared", "huber", "cross_entropy", "absolute"])
def test_a_start_nearby_changes_nothing(name: str) -> None:
    outputs = 3 if name == "cross_entropy" else 1
    data, loss = labels() if outputs == 3 else numbers(90, 4), loss_named(name)
    _, nearby = solved(loss, data, np.full(4, 1e-1), outputs=outputs)
    problem, cold = solved(loss, data, np.full(4, 1e-2), outputs=outputs)
    _, warm = solved(loss, data, np.full(4, 1e-2), outputs=outputs, start=nearby)
    found = [value(problem, loss, data, np.full(4, 1e-2), theta) for theta in (cold, warm)]
    assert found[0] == pytest.approx(found[1], rel=1e-4)
    spread = (data[0] @ (cold - warm)[outputs:].view(4, outputs)).abs().max()
    assert float(spread) < 0.05


@pytest.mark.parametrize("name", ["squared", "cross_entropy"])
def test_a_search_that_outlasts_its_time_is_given_up(name: str) -> None:
    x, y, weights = labels(classes=2) if name == "cross_entropy" else numbers(90, 4)
    late, loss = Deadline.after(-1), loss_named(name)
    with pytest.raises(BudgetError):
        ConvexProblem(
            linear(4, 2 if name == "cross_entropy" else 1), loss, inputs=x, targets=y, weights=weights, deadline=late
        ).minimise(np.full(4, 1e-2))


def test_functions_with_hidden_layers_are_refused() -> None:
    network = FunctionSet(inputs=2, outputs=1, hidden=(3,), reads=2)
    x, y, weights = numbers(10, 2)
    with pytest.raises(UserError, match="hidden"):
        ConvexProblem(network, loss_named("squared"), inputs=x, targets=y, weights=weights)


@settings(max_examples=40)
@given(
    name=st.sampled_from(["squared", "huber", "cross_entropy"]),
    rows=st.integers(2, 60),
    width=st.integers(1, 8),
    power=st.floats(-4, 1),
    seed=st.integers(0, 1000),
)
def test_the_gradient_at_the_solution_is_zero(name: str, rows: int, width: int, power: float, seed: int) -> None:
    outputs = 3 if name == "cross_entropy" else 1
    data = labels(rows, width, seed=seed) if outputs == 3 else numbers(rows, width, seed=seed)
    loss, penalty = loss_named(name), np.full(width, 10.0**power)
    problem, theta = solved(loss, data, penalty, outputs=outputs)
    at = theta.double().requires_grad_(True)
    (gradient,) = torch.autograd.grad(penalised(problem.functions, loss, data, penalty, at), at)
    # a class may be absent from these few rows: its bias then runs towards −∞, slower and slower
    assert float(gradient.norm()) < 1e-2
