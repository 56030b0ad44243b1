"""R8: many features, ŷ = b + cᵀσ(b + Wx): one hidden layer reads all of them together."""

from __future__ import annotations

import torch

from thetastar.descent import Cosine, Examples, Member, Plan, train
from thetastar.functions import FunctionSet, evaluate, initial
from thetastar.functions.piecewise import hard_sigmoid
from thetastar.losses import Squared


def test_the_formula() -> None:
    """With θ laid out as (b, W, **b**, c), each written as the course writes it."""
    functions = FunctionSet(inputs=3, outputs=1, reads=3, hidden=(4,), activation="sigmoid")
    stream = torch.Generator().manual_seed(0)
    b, biases, c, w = (
        torch.randn(shape, generator=stream, dtype=torch.float64) for shape in [(1,), (4,), (4,), (4, 3)]
    )
    theta = torch.cat([b, w.T.flatten(), biases, c])[None]
    x = torch.randn(10, 3, generator=stream, dtype=torch.float64)
    expected = torch.stack([b[0] + c @ torch.sigmoid(biases + w @ row) for row in x])
    torch.testing.assert_close(evaluate(functions, theta, x[None])[0, :, 0], expected, rtol=1e-14, atol=1e-14)


def test_it_learns_what_no_sum_of_curves_can() -> None:
    """y = x₁x₂ on a square: the best sum of one curve per feature is the constant 0, whose squared error is 1/9."""
    axis, knots = torch.linspace(-1, 1, 21), torch.linspace(-1, 1, 5)
    x = torch.cartesian_prod(axis, axis)
    pieces = [hard_sigmoid(x[:, [j]], knots[:-1], knots[1:], torch.ones(4)) for j in (0, 1)]
    inputs, y = torch.cat([x, *pieces], 1), x[:, :1] * x[:, 1:]
    examples = Examples(inputs[None], y[None], torch.ones(1, len(x)))
    curves = FunctionSet(inputs=10, outputs=1, shortcut=10)
    layer = FunctionSet(inputs=10, outputs=1, shortcut=10, reads=2, hidden=(16,), activation="sigmoid")
    member = Member(train=torch.arange(len(x)), learning_rate=0.05, batch_size=len(x))
    plan = Plan(updates=1500, schedule=Cosine())
    additive, together = (
        train(
            functions,
            Squared(),
            examples=examples,
            members=[member],
            plan=plan,
            state=initial(functions, [0]),
        )
        .curves[0]
        .loss[-1]
        .item()
        for functions in (curves, layer)
    )
    constant = y.square().mean().item()
    assert abs(additive - constant) < 1e-3 * constant
    assert together < constant / 100
