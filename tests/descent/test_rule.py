"""Library forms against torch.optim, course forms against a plain loop."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from thetastar.descent import RULES, Cosine, Hyper, Rule, WarmUp, coefficients, rule_named, start, step
from thetastar.errors import UserError

SIZE, UPDATES = 7, 200
RATES, MOMENTA, DECAYS, WEIGHT_DECAYS = (0.1, 0.01, 0.003), (0.9, 0.5, 0.0), (0.999, 0.9, 0.99), (0.0, 0.1, 1.0)


def slope(theta: Tensor) -> Tensor:
    """Return the gradient of a bent valley, stretched by 1 to 10 along the axes: stable for every η here."""
    stretch = torch.logspace(0, 1, SIZE, dtype=theta.dtype)
    return stretch * theta + 2 * torch.sin(theta)


def beginning(members: int = 3) -> Tensor:
    return torch.randn(members, SIZE, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def hyper(*, weight_decay: Sequence[float] = (0.0, 0.0, 0.0), members: int = 3) -> Hyper:
    columns = (RATES, MOMENTA, DECAYS, weight_decay, (math.inf,) * 3)
    return Hyper(*(torch.tensor(column[:members], dtype=torch.float64).unsqueeze(1) for column in columns))


def descend(
    rule: Rule,
    theta: Tensor,
    given_: Hyper,
    *,
    gradient: Callable[[Tensor], Tensor] = slope,
    factors: Tensor | None = None,
    decays: Tensor | None = None,
) -> list[Tensor]:
    """Return θ after each update; coefficients come in blocks, as in training."""
    theta = theta.clone()
    state, path = start(rule, theta, hyper=given_, decays=decays), []
    factors = torch.ones(UPDATES, len(theta), 1, dtype=theta.dtype) if factors is None else factors
    for block in factors.split(30):
        for now in zip(*coefficients(rule, given_, updates=state.updates, factors=block), strict=True):
            step(rule, theta, gradient(theta), state=state, hyper=given_, now=now)
            path.append(theta.clone())
    return path


def by_torch(optimizer: type[torch.optim.Optimizer], theta: Tensor, settings: dict[str, Any]) -> list[Tensor]:
    parameter = torch.nn.Parameter(theta.clone())
    descent, path = optimizer([parameter], **settings), []  # type: ignore[call-arg]  # each has its own settings
    for _ in range(UPDATES):
        parameter.grad = slope(parameter.detach())
        descent.step()
        path.append(parameter.detach().clone())
    return path


TWINS: dict[str, tuple[str, type[torch.optim.Optimizer], Callable[[int], dict[str, Any]]]] = {
    "SGD": ("gradient_descent", torch.optim.SGD, lambda _: {}),
    "SGD with momentum": ("momentum", torch.optim.SGD, lambda i: {"momentum": MOMENTA[i]}),
    "Adagrad": ("adagrad", torch.optim.Adagrad, lambda _: {}),
    "RMSprop": ("rmsprop", torch.optim.RMSprop, lambda i: {"alpha": DECAYS[i]}),
    "Adam": ("adam", torch.optim.Adam, lambda i: {"betas": (MOMENTA[i], DECAYS[i])}),
}


@pytest.mark.parametrize("name", list(TWINS))
def test_library_forms_equal_torch(name: str) -> None:
    """Three members with their own hyper-parameters, each beside its own optimizer."""
    rule, optimizer, settings = TWINS[name]
    found = descend(RULES[rule], beginning(), hyper())
    for member in range(3):
        expected = by_torch(optimizer, beginning()[member], {"lr": RATES[member], **settings(member)})
        for ours, theirs in zip(found, expected, strict=True):
            torch.testing.assert_close(ours[member], theirs, rtol=1e-8, atol=1e-10)


def test_decoupled_weight_decay_equals_adamw() -> None:
    found = descend(RULES["adam"], beginning(), hyper(weight_decay=WEIGHT_DECAYS))
    for member in range(3):
        settings = {
            "lr": RATES[member],
            "betas": (MOMENTA[member], DECAYS[member]),
            "weight_decay": WEIGHT_DECAYS[member],
        }
        expected = by_torch(torch.optim.AdamW, beginning()[member], settings)
        for ours, theirs in zip(found, expected, strict=True):
            torch.testing.assert_close(ours[member], theirs, rtol=1e-8, atol=1e-10)


def test_weight_decay_leaves_what_it_does_not_apply_to() -> None:
    decays = torch.tensor([True] * 3 + [False] * (SIZE - 3))
    given_ = hyper(weight_decay=WEIGHT_DECAYS)
    found = descend(RULES["gradient_descent"], beginning(), given_, gradient=torch.zeros_like, decays=decays)[-1]
    shrunk = (1 - given_.learning_rate * given_.weight_decay) ** UPDATES
    torch.testing.assert_close(found[:, :3], beginning()[:, :3] * shrunk)
    assert torch.equal(found[:, 3:], beginning()[:, 3:])


def by_course(rule: str, theta: np.ndarray, *, eta: float, momentum: float, alpha: float) -> list[np.ndarray]:
    """Write the course's formulas down as they stand, one parameter vector, t from 0."""
    stretch = np.logspace(0, 1, SIZE)
    seen, m, path = [], np.zeros(SIZE), []
    variance = np.zeros(SIZE)
    for t in range(UPDATES):
        g = stretch * theta + 2 * np.sin(theta)
        seen.append(g)
        variance = g**2 if t == 0 else alpha * variance + (1 - alpha) * g**2
        if rule == "momentum":
            m = momentum * m - eta * g
            theta = theta + m
        elif rule == "adagrad_course":
            theta = theta - eta / np.sqrt(np.mean(np.square(seen), 0)) * g
        else:
            theta = theta - eta / np.sqrt(variance) * g
        path.append(theta)
    return path


@pytest.mark.parametrize("rule", ["momentum", "adagrad_course", "rmsprop_course"])
def test_course_forms_equal_a_plain_loop(rule: str) -> None:
    found = descend(RULES[rule], beginning(), hyper())
    for member in range(3):
        expected = by_course(
            rule, beginning()[member].numpy(), eta=RATES[member], momentum=MOMENTA[member], alpha=DECAYS[member]
        )
        np.testing.assert_allclose(np.array([theta[member].numpy() for theta in found]), expected, rtol=1e-7)


@pytest.mark.parametrize("rule", ["adagrad_course", "rmsprop_course"])
@given(st.lists(st.floats(1e-6, 1e6), min_size=SIZE, max_size=SIZE))
def test_the_courses_first_step_is_exactly_eta(rule: str, sizes: list[float]) -> None:
    gradient = torch.tensor([sizes], dtype=torch.float64)
    given_ = hyper(members=1)
    moved = descend(RULES[rule], torch.zeros(1, SIZE, dtype=torch.float64), given_, gradient=lambda _: gradient)[0]
    torch.testing.assert_close(moved, torch.full_like(moved, -RATES[0]))


@pytest.mark.parametrize("rule", ["adagrad_course", "rmsprop_course"])
@pytest.mark.parametrize("small", [0.0, 1e-30])
def test_without_a_measurable_gradient_there_is_no_step(rule: str, small: float) -> None:
    """In float32 the square of 1e-30 is 0, and 1e-30/0 must not become a step."""
    given_ = Hyper(*(torch.full((1, 1), value) for value in (0.1, 0.9, 0.9, 0.0, math.inf)))
    theta = torch.ones(1, 2)
    state, gradient = start(RULES[rule], theta, hyper=given_), torch.tensor([[small, 1.0]])
    for now in zip(*coefficients(RULES[rule], given_, updates=0, factors=torch.ones(3, 1, 1)), strict=True):
        step(RULES[rule], theta, gradient, state=state, hyper=given_, now=now)
    assert theta[0, 0] == 1.0
    assert theta[0, 1].item() == pytest.approx(0.7)


@pytest.mark.parametrize("rule", list(RULES))
def test_schedules_enter(rule: str) -> None:
    """A schedule's factors are the same as another learning rate in each update."""
    schedule = WarmUp(updates=20, then=Cosine())
    factors = torch.tensor([schedule.factor(t, UPDATES) for t in range(UPDATES)], dtype=torch.float64)
    found = descend(RULES[rule], beginning(), hyper(), factors=factors.view(-1, 1, 1).expand(-1, 3, 1))
    theta = beginning()
    state = start(RULES[rule], theta, hyper=hyper())
    for t, factor in enumerate(factors):
        given_ = hyper()
        given_ = Hyper(given_.learning_rate * factor, given_.momentum, given_.decay, given_.weight_decay, given_.clip)
        now = coefficients(RULES[rule], given_, updates=t, factors=torch.ones(1, 3, 1, dtype=torch.float64))
        step(RULES[rule], theta, slope(theta), state=state, hyper=given_, now=tuple(each[0] for each in now))  # type: ignore[arg-type]  # three of them
        torch.testing.assert_close(found[t], theta)


@pytest.mark.parametrize("rule", list(RULES))
def test_members_that_stay_go_on_as_before(rule: str) -> None:
    """Selecting members from hyper-parameters and state changes nothing for them."""
    given_, theta, chosen = hyper(weight_decay=WEIGHT_DECAYS), beginning(), torch.tensor([0, 2])
    expected = descend(RULES[rule], theta, given_)[59]
    state = start(RULES[rule], theta, hyper=given_)
    for t in range(60):
        if t == 30:
            theta, given_, state = theta[chosen], given_.select(chosen), state.select(chosen)
        factors = torch.ones(1, len(theta), 1, dtype=torch.float64)
        now = coefficients(RULES[rule], given_, updates=t, factors=factors)
        step(RULES[rule], theta, slope(theta), state=state, hyper=given_, now=(now[0][0], now[1][0], now[2][0]))
    torch.testing.assert_close(theta, expected[chosen])


def test_any_direction_goes_with_any_scale() -> None:
    for direction in ("gradient", "momentum", "average"):
        for scale in ("one", "root_mean", "root_sum", "decaying_from_first", "decaying", "decaying_corrected"):
            given_ = hyper()
            given_.learning_rate.fill_(0.001)
            path = descend(Rule(direction, scale, 1e-8), beginning(), given_, gradient=lambda theta: theta)
            assert path[-1].norm() < beginning().norm()


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UserError, match=r"'lion'.*gradient_descent, momentum"):
        rule_named("lion")
    with pytest.raises(UserError, match="'sideways'"):
        Rule("sideways")
    with pytest.raises(UserError, match="'huge'"):
        Rule("gradient", "huge")
    assert rule_named("adam") == Rule("average", "decaying_corrected", 1e-8)
