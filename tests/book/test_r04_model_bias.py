"""R4: a linear function has model bias: it can't follow a bent curve, and neither more data nor more training help."""

from __future__ import annotations

import pytest
import torch

from thetastar.descent import Examples, Member, Plan, train
from thetastar.functions import ladder
from thetastar.functions.piecewise import hard_sigmoid
from thetastar.losses import Squared

KNOTS = torch.linspace(-1, 1, 9)
RUNGS = ladder(inputs=9, plain=1, outputs=1)
# The best line through y = |x| on [−1, 1] is the constant 1/2: its squared error is ∫(|x| − 1/2)² dx / 2 = 1/12.
BIAS = 1 / 12


def bent(rows: int) -> Examples:
    """Return y = |x|, as a line reads it (x) and as the hard sigmoids do (one per segment)."""
    x = torch.linspace(-1, 1, rows).unsqueeze(1)
    pieces = hard_sigmoid(x, KNOTS[:-1], KNOTS[1:], torch.ones(8))
    return Examples(torch.cat([x, pieces], 1)[None], x.abs()[None], torch.ones(1, rows))


def training_loss(rung: str, *, rows: int, updates: int) -> float:
    member = Member(train=torch.arange(rows), learning_rate=0.02, batch_size=rows)
    trained = train(RUNGS[rung], Squared(), examples=bent(rows), members=[member], plan=Plan(updates=updates))
    return trained.curves[0].loss[-1].item()


@pytest.mark.parametrize(("rows", "updates"), [(101, 500), (101, 3000), (4001, 500)])
def test_a_line_stays_at_its_model_bias(rows: int, updates: int) -> None:
    assert training_loss("linear", rows=rows, updates=updates) == pytest.approx(BIAS, rel=0.05)


def test_a_more_flexible_set_follows_the_curve() -> None:
    assert training_loss("hard_sigmoids", rows=101, updates=3000) < BIAS / 1000
