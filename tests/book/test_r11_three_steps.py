"""R11: the three steps, f_θ(x), L(θ) and θ* = argmin L, are what the program reads like."""

from __future__ import annotations

import torch

from thetastar.descent import RULES, Examples, Member, Plan, train
from thetastar.functions import FunctionSet
from thetastar.losses import Squared


def test_the_three_steps() -> None:
    x = torch.linspace(-1, 1, 21, dtype=torch.float64).view(1, -1, 1)
    examples = Examples(inputs=x, targets=2.0 + 3.0 * x, weights=torch.ones(1, 21))

    functions = FunctionSet(inputs=1, outputs=1, shortcut=1)  # step 1: f_θ(x) = b + w·x
    loss = Squared()  # step 2: L(θ)
    trained = train(  # step 3: θ* = argmin L
        functions,
        loss,
        examples=examples,
        members=[Member(train=torch.arange(21), learning_rate=0.3)],
        plan=Plan(updates=200, rule=RULES["gradient_descent"]),
    )

    torch.testing.assert_close(trained.state, torch.tensor([[2.0, 3.0]], dtype=torch.float64))
