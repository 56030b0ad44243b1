"""Step 3: the one rule of descent, θ ← θ − (η_t / σ_t) · m_t, and the named ways to fill its three places.

    m_t   which way: the gradient, gathered momentum, or its running average (Adam's first moment)
    σ_t   how carefully, for each parameter by itself: 1, AdaGrad, RMSProp, or Adam's second moment
    η_t   how far: the learning rate times a schedule's factor (``schedules``)

Two forms of AdaGrad and RMSProp are in use and must not be confused. The *course's* σ_t is the root of the mean of all
squared gradients so far (or a decaying mean that starts at |g_0|), so that the first step is exactly η. The *library*
form (Duchi et al., 2011; torch.optim) takes the root of the sum, or a decaying mean that starts at zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from thetastar.errors import UserError

__all__ = ["RULES", "Hyper", "Rule", "RuleState", "coefficients", "rule_named", "shrink", "start", "step"]

_DIRECTIONS = ("gradient", "momentum", "average")
_SCALES = ("one", "root_mean", "root_sum", "decaying_from_first", "decaying", "decaying_corrected")


@dataclass(frozen=True)
class Rule:
    """What fills m and σ.

    Attributes:
        direction: "gradient": m = g. "momentum": m = λm + g. "average": m = (λm + (1 − λ)g) / (1 − λ^(t+1)).
        scale: "one". "root_mean": √(Σg²/(t+1)). "root_sum": √Σg². With v = αv + (1 − α)g²: "decaying_from_first":
            √v from v = g_0². "decaying": √v from v = 0. "decaying_corrected": √(v/(1 − α^(t+1))).
        epsilon: Added to σ; where σ is exactly 0 the course's forms make no step.
    """

    direction: str = "gradient"
    scale: str = "one"
    epsilon: float = 0.0

    def __post_init__(self) -> None:
        """Refuse unknown names."""
        if self.direction not in _DIRECTIONS or self.scale not in _SCALES:
            raise UserError(
                f"a rule's direction is one of {_DIRECTIONS} and its scale one of {_SCALES}; "
                f"seen {self.direction!r} and {self.scale!r}"
            )


RULES: dict[str, Rule] = {
    "gradient_descent": Rule(),
    "momentum": Rule("momentum"),
    "adagrad_course": Rule("gradient", "root_mean"),
    "adagrad": Rule("gradient", "root_sum", 1e-10),
    "rmsprop_course": Rule("gradient", "decaying_from_first"),
    "rmsprop": Rule("gradient", "decaying", 1e-8),
    "adam": Rule("average", "decaying_corrected", 1e-8),
}


def rule_named(name: str) -> Rule:
    """Return a rule by its name.

    Raises:
        UserError: if there is none of that name.
    """
    if name not in RULES:
        raise UserError(f"no rule of descent is called {name!r}; there are {', '.join(RULES)}")
    return RULES[name]


@dataclass(frozen=True)
class Hyper:
    """Hyper-parameters of stacked members, each [members, 1].

    Attributes:
        learning_rate: η before the schedule.
        momentum: λ of the direction (Adam's β₁).
        decay: α of the scale (Adam's β₂).
        weight_decay: Decoupled: θ ← θ − η_t · weight_decay · θ (Loshchilov and Hutter, 2019); 0 for none.
        clip: Largest norm of a member's whole gradient; inf for none.
    """

    learning_rate: Tensor
    momentum: Tensor
    decay: Tensor
    weight_decay: Tensor
    clip: Tensor

    def select(self, members: Tensor) -> Hyper:
        """Return the hyper-parameters of some members, by position."""
        return Hyper(*(getattr(self, name)[members] for name in self.__dataclass_fields__))


@dataclass
class RuleState:
    """What a rule remembers between updates.

    Attributes:
        updates: How many updates were made.
        direction: m before correction, [members, size]; empty if the rule needs none.
        squares: Sum or decaying mean of squared gradients, [members, size]; empty if the rule needs none.
        scratch: [members, size], overwritten by every step.
        inertia: 1 − λ, [members, 1].
        forgetting: 1 − α, [members, 1].
        decays: Which entries weight decay applies to, [size] of 0 and 1; None if no member decays.
    """

    updates: int
    direction: Tensor
    squares: Tensor
    scratch: Tensor
    inertia: Tensor
    forgetting: Tensor
    decays: Tensor | None

    def select(self, members: Tensor) -> RuleState:
        """Return the state of some members, by position."""
        return RuleState(
            updates=self.updates,
            direction=self.direction[members] if self.direction.numel() else self.direction,
            squares=self.squares[members] if self.squares.numel() else self.squares,
            scratch=self.scratch[members],
            inertia=self.inertia[members],
            forgetting=self.forgetting[members],
            decays=self.decays,
        )


def start(rule: Rule, theta: Tensor, *, hyper: Hyper, decays: Tensor | None = None) -> RuleState:
    """Return the state before the first update.

    Args:
        rule: The rule.
        theta: [members, size].
        hyper: Hyper-parameters; if every weight_decay is 0, none is computed.
        decays: Which entries weight decay applies to, [size]; None for all.
    """
    none = theta.new_empty(0)
    decays = torch.ones_like(theta[0]) if decays is None else decays.to(theta)
    return RuleState(
        updates=0,
        direction=none if rule.direction == "gradient" else torch.zeros_like(theta),
        squares=none if rule.scale == "one" else torch.zeros_like(theta),
        scratch=torch.empty_like(theta),
        inertia=1 - hyper.momentum,
        forgetting=1 - hyper.decay,
        decays=decays if bool((hyper.weight_decay > 0).any()) else None,
    )


def coefficients(
    rule: Rule, hyper: Hyper, *, updates: int, factors: Tensor
) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Return what several coming updates multiply by, computed at once because each is a tiny tensor.

    Args:
        rule: What fills m and σ.
        hyper: Of the members.
        updates: How many updates were made before.
        factors: The schedule's factors on η, [coming updates, members, 1].

    Returns:
        Per update, each [members, 1]: η_t; the rate that multiplies m/σ̃; and the ε̃ added to σ̃. For Adam σ̃ = √v, and
        both bias corrections are in the other two: (m/c₁)/(√(v/c₂) + ε) = (√c₂/c₁) · m/(√v + ε√c₂).
    """
    time = torch.arange(updates + 1, updates + 1 + len(factors)).to(factors).view(-1, 1, 1)
    eta = factors * hyper.learning_rate
    rate, epsilon = eta, torch.full_like(eta, rule.epsilon)
    if rule.direction == "average":
        rate = rate / (1 - hyper.momentum**time)
    if rule.scale == "decaying_corrected":
        correction = (1 - hyper.decay**time).sqrt()
        rate, epsilon = rate * correction, epsilon * correction
    elif rule.scale == "root_mean":  # √(Σg²/n) = √Σg² / √n
        rate = rate * time.sqrt()
    return list(eta.unbind()), list(rate.unbind()), list(epsilon.unbind())


def step(
    rule: Rule, theta: Tensor, gradient: Tensor, *, state: RuleState, hyper: Hyper, now: tuple[Tensor, Tensor, Tensor]
) -> None:
    """Make one update of every member, in place.

    Args:
        rule: What fills m and σ.
        theta: [members, size], overwritten.
        gradient: [members, size].
        state: From ``start``; overwritten.
        hyper: Of the members.
        now: This update's η_t, rate and ε from ``coefficients``, each [members, 1].
    """
    eta, rate, epsilon = now
    shrink(theta, eta, state=state, hyper=hyper)
    direction = _direction(rule, gradient, state=state, hyper=hyper)
    if rule.scale != "one":
        direction = _scaled(rule, gradient, direction, state=state, epsilon=epsilon)
    theta.addcmul_(direction, rate, value=-1)
    state.updates += 1


def shrink(theta: Tensor, eta: Tensor, *, state: RuleState, hyper: Hyper) -> None:
    """Apply weight decay, which comes before the rest of an update.

    Args:
        theta: [members, size], overwritten.
        eta: η_t, [members, 1].
        state: From ``start``.
        hyper: Of the members.
    """
    if state.decays is not None:
        torch.mul(state.decays, eta * hyper.weight_decay, out=state.scratch)
        theta.addcmul_(theta, state.scratch, value=-1)


def _direction(rule: Rule, gradient: Tensor, *, state: RuleState, hyper: Hyper) -> Tensor:
    """Return m, before Adam's correction."""
    if rule.direction == "momentum":
        return state.direction.mul_(hyper.momentum).add_(gradient)
    if rule.direction == "average":
        return state.direction.lerp_(gradient, state.inertia)
    return gradient


def _scaled(rule: Rule, gradient: Tensor, direction: Tensor, *, state: RuleState, epsilon: Tensor) -> Tensor:
    """Return m/σ̃, in the state's scratch."""
    squares, scratch = state.squares, state.scratch
    if rule.scale in ("root_mean", "root_sum"):
        squares.addcmul_(gradient, gradient)
    elif rule.scale == "decaying_from_first" and state.updates == 0:
        torch.mul(gradient, gradient, out=squares)
    else:
        torch.mul(gradient, gradient, out=scratch)
        squares.lerp_(scratch, state.forgetting)
    torch.sqrt(squares, out=scratch)
    if rule.epsilon:
        return torch.div(direction, scratch.add_(epsilon), out=scratch)
    torch.div(direction, scratch, out=scratch)
    # 0/0: no gradient so far. x/0: squares too small for the precision. Neither makes a step.
    return torch.nan_to_num(scratch, nan=0.0, posinf=0.0, neginf=0.0, out=scratch)
