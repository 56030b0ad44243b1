from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from thetastar.descent.schedules import (
    Constant,
    Cosine,
    Exponential,
    InverseRoot,
    Schedule,
    Step,
    Transformer,
    WarmUp,
)
from thetastar.errors import UserError

TOTAL = 40
EVERY: list[Schedule] = [
    Constant(),
    InverseRoot(),
    Exponential(end=0.05),
    Step(every=7, by=0.3),
    Cosine(end=0.1),
    WarmUp(updates=5, then=Cosine()),
    Transformer(width=64, warm_up=10),
]


def factors(schedule: Schedule) -> list[float]:
    return [schedule.factor(update, TOTAL) for update in range(TOTAL)]


def of_torch(make: type, **settings: float) -> list[float]:
    """Return what torch's own scheduler multiplies a learning rate of 1 by."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = make(optimizer, **settings)
    found = []
    for _ in range(TOTAL):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


def test_step_and_cosine_and_exponential_equal_torch() -> None:
    of = torch.optim.lr_scheduler
    assert factors(Step(every=7, by=0.3)) == pytest.approx(of_torch(of.StepLR, step_size=7, gamma=0.3))
    assert factors(Cosine(end=0.1)) == pytest.approx(of_torch(of.CosineAnnealingLR, T_max=TOTAL, eta_min=0.1))
    a_step = 0.05 ** (1 / TOTAL)
    assert factors(Exponential(end=0.05)) == pytest.approx(of_torch(of.ExponentialLR, gamma=a_step))


@pytest.mark.parametrize("schedule", EVERY, ids=repr)
@given(update=st.integers(0, 1000), total=st.integers(0, 500))
def test_always_between_zero_and_one_also_beyond_the_total(schedule: Schedule, update: int, total: int) -> None:
    assert 0.0 <= schedule.factor(update, total) <= 1.0


def test_cosine_ends_where_it_is_told_and_stays() -> None:
    assert Cosine(end=0.25).factor(10, 10) == pytest.approx(0.25)
    assert Cosine(end=0.25).factor(15, 10) == pytest.approx(0.25)


def test_warm_up_rises_to_one_then_hands_over_the_rest() -> None:
    found = factors(WarmUp(updates=4, then=Cosine()))
    assert found[:5] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert found[4:] == [Cosine().factor(update, TOTAL - 4) for update in range(TOTAL - 4)]


def test_a_warm_up_may_be_longer_than_the_descent() -> None:
    assert WarmUp(updates=10, then=Cosine()).factor(12, 5) == pytest.approx(0.0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Exponential(end=0.0),
        lambda: Exponential(end=1.5),
        lambda: Step(every=0),
        lambda: Step(every=1, by=2.0),
        lambda: Cosine(end=-0.1),
        lambda: Cosine(end=math.nan),
        lambda: WarmUp(updates=0),
        lambda: Transformer(width=0),
        lambda: Transformer(width=4, warm_up=0),
    ],
)
def test_refuses_what_makes_no_schedule(make: Callable[[], Schedule]) -> None:
    with pytest.raises(UserError, match=r"must end|needs|must be at least"):
        make()
