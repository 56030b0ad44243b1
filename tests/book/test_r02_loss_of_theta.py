"""R2: the loss is a function of θ: the contour of L over (w, b), with the path of descent on it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

import thetastar as ts
from thetastar.descent import RULES, Examples, Member, Plan, mean_loss, train
from thetastar.functions import FunctionSet
from thetastar.losses import Absolute, CrossEntropy, Loss, Squared

X = np.array([-1.5, -0.5, 0.0, 0.7, 1.0, 2.0])
Y = np.array([-2.0, -1.1, 0.3, 1.2, 1.0, 3.9])
CLASSES = np.array([0, 0, 1, 0, 1, 1])
ROWS = torch.arange(len(X))
LINE = FunctionSet(inputs=1, outputs=1, shortcut=1)
B, W = np.meshgrid(np.linspace(-2, 2, 9), np.linspace(-3, 5, 17), indexing="ij")


def examples(targets: torch.Tensor) -> Examples:
    return Examples(torch.tensor(X).view(1, -1, 1), targets, torch.ones(1, len(X)))


def surface(functions: FunctionSet, loss: Loss, theta: np.ndarray, *, seen: Examples) -> np.ndarray:
    """Return L at every θ: each one is a member of a population that isn't trained."""
    state, count = torch.tensor(theta), len(theta)
    return mean_loss(functions, loss, state=state, examples=seen, sources=[0] * count, rows=[ROWS] * count).numpy()


@pytest.mark.parametrize(("loss", "of_error"), [(Absolute(), np.abs), (Squared(), np.square)])
def test_the_contour_equals_brute_force(loss: Loss, of_error: np.ufunc) -> None:
    theta = np.stack([B.ravel(), W.ravel()], 1)
    found = surface(LINE, loss, theta, seen=examples(torch.tensor(Y).view(1, -1, 1)))
    expected = [np.mean([of_error(b + w * x - y) for x, y in zip(X, Y, strict=True)]) for b, w in theta]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_contour_of_cross_entropy_equals_brute_force() -> None:
    """Two logits, the first one 0: −ln of the probability of the class."""
    two = FunctionSet(inputs=1, outputs=2, shortcut=1)
    b, w = B.ravel(), W.ravel()
    none = np.zeros_like(b)
    found = surface(two, CrossEntropy(), np.stack([none, b, none, w], 1), seen=examples(torch.tensor(CLASSES)[None]))
    second = 1 / (1 + np.exp(-(b[:, None] + w[:, None] * X)))
    expected = -np.log(np.where(CLASSES == 1, second, 1 - second)).mean(1)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_the_surface_of_a_module_is_the_same_contour_with_its_path() -> None:
    line = torch.nn.Linear(1, 1, dtype=torch.float64)
    optimizer, path = torch.optim.SGD(line.parameters(), lr=0.1), []
    x, y = torch.tensor(X)[:, None], torch.tensor(Y)[:, None]
    for _ in range(40):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(line(x), y).backward()
        optimizer.step()
        path.append(torch.cat([line.weight.detach().flatten(), line.bias.detach()]))
    found = ts.surface(ts.Objective(line, torch.nn.MSELoss(), (x, y)), (1, 0), path=path, points=9)
    assert found.share == pytest.approx(1)
    assert found.path is not None
    np.testing.assert_allclose(found.path, torch.stack(path).flip(1), rtol=1e-12)
    b, w = torch.meshgrid(*found.axes, indexing="ij")
    theta = np.stack([b.numpy().ravel(), w.numpy().ravel()], 1)
    expected = surface(LINE, Squared(), theta, seen=examples(torch.tensor(Y).view(1, -1, 1)))
    np.testing.assert_allclose(found.losses.flatten(), expected, rtol=1e-12)


def test_the_path_of_descent_lies_on_the_surface_and_leads_down() -> None:
    seen, updates = examples(torch.tensor(Y).view(1, -1, 1)), 40
    plan = Plan(updates=updates, rule=RULES["gradient_descent"], snapshots=updates)
    begin = torch.tensor([[-2.0, 5.0]], dtype=torch.float64)
    member = Member(train=ROWS, learning_rate=0.1)
    trained = train(LINE, Squared(), examples=seen, members=[member], plan=plan, state=begin)
    path = torch.cat([begin, trained.snapshots]).numpy()
    heights = surface(LINE, Squared(), path, seen=seen)
    assert len(path) == updates + 1
    np.testing.assert_allclose(trained.curves[0].loss.numpy(), heights[:-1], rtol=1e-10)
    assert all(later < earlier for earlier, later in pairwise(heights))
