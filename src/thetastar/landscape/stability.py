"""How an optimizer steps, read from its own settings and state, so that curvature can be compared with its limit.

With its preconditioner P and learning rate η held fixed, each optimizer here is stable on a quadratic exactly while
λ_max(S^½ (H + W) S^½) < 2 with S = 2η/(P·limit): gradient descent with one step size for each parameter. W is the
weight decay that joins the gradient, and ``limit`` what η·λ may reach, derived from torch's form of the update:

- gradient descent, x ← x − ηg: 2;
- heavy ball, m ← βm + (1 − τ)g, x ← x − ηm, with dampening τ: 2(1 + β)/(1 − τ);
- Nesterov, m ← βm + g, x ← x − η(g + βm): 2(1 + β)/(1 + 2β);
- Adam, m ← β₁m + (1 − β₁)g, x ← x − ηm/P: 2(1 + β₁)/(1 − β₁), which is 38 at β₁ = 0.9 (Cohen et al., Adaptive Gradient
  Methods at the Edge of Stability, 2022, proposition 1), with P = (1 − β₁ᵗ)(√(v/(1 − β₂ᵗ)) + ε);
- AdamW also shrinks x by δ = η·decay before: (2 − δ)(1 + β₁)/(1 − β₁);
- RMSProp, m ← βm + g/P, x ← x − ηm: 2(1 + β), with P = √v + ε.

All of them turn unstable by changing sign at every step, z = −1 in their characteristic polynomial, and there the
parameters of groups with different settings still make one symmetric problem. (With y of length 1, an eigenvalue z of
heavy ball solves z² − (1 + b − a)z + b = 0 for the numbers b = y*By and a = y*Ay, so |z| < 1 while a < 2(1 + b).)
Those of Nesterov's method don't if β differs.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor

from thetastar.errors import DataTypeError, FallbackWarning, UserError
from thetastar.landscape.objective import Objective

__all__ = ["Steps", "read_steps"]

_ALIKE = 0.01  # limits of groups that differ by less are told as one, as where only some parameters decay

_Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Steps:
    """How an optimizer moves θ.

    Attributes:
        rule: What it is called.
        sizes: S, the step sizes of gradient descent that turns unstable where the optimizer does, [size].
        decay: Weight decay that joins the gradient, [size].
        limit: Which η·λ the optimizer is stable below; 2, as for gradient descent, if its groups of parameters differ.
        rates: Its learning rates, each once.
        moved: How many parameters it moves.
    """

    rule: str
    sizes: Tensor
    decay: Tensor
    limit: float
    rates: tuple[float, ...]
    moved: int


@dataclass(frozen=True)
class _Rule:
    """How to read the settings of one class of optimizers.

    Attributes:
        name: By its settings.
        limit: Of η·λ, by its settings.
        divisor: P by settings and one parameter's state; None if the rule has no state.
    """

    name: Callable[[_Settings], str]
    limit: Callable[[_Settings], float]
    divisor: Callable[[_Settings, _Settings], Tensor] | None = None


def read_steps(optimizer: torch.optim.Optimizer, objective: Objective) -> Steps:
    """Read how an optimizer moves the parameters of an objective, as of its last step.

    Raises:
        DataTypeError: It is no ``torch.optim.Optimizer``.
        UserError: Its class isn't known, it hasn't taken the step that its state comes from, its parameters are others,
            or its settings have no limit; the message says what was seen.
    """
    rule = _rule_of(optimizer)
    places = _places(optimizer, objective)
    sizes, decay = (torch.zeros_like(objective.theta) for _ in range(2))
    settings = [group for group, _, _ in places]
    limits = {_checked_limit(rule, group) for group in settings}
    _check_groups(settings, limits)
    for group, parameter, place in places:
        state = optimizer.state.get(parameter, {})
        if rule.divisor is not None and not state:  # it never had a gradient, so it never moves
            continue
        divisor = torch.ones(()) if rule.divisor is None else rule.divisor(group, state).detach().flatten()
        sizes[place] = (2 * float(group["lr"]) / (divisor * rule.limit(group))).to(sizes)
        decay[place] = 0.0 if _decoupled(group) else float(group["weight_decay"])
    moved = int((sizes > 0).sum())
    if not moved:
        raise UserError(_why_nothing_moves(settings))
    return Steps(
        rule=rule.name(settings[0]),
        sizes=sizes,
        decay=decay,
        limit=min(limits) if max(limits) <= (1 + _ALIKE) * min(limits) else 2.0,
        rates=tuple(dict.fromkeys(float(group["lr"]) for group in settings)),
        moved=moved,
    )


def _rule_of(optimizer: object) -> _Rule:
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise DataTypeError(f"optimizer must be a torch.optim.Optimizer; seen {type(optimizer).__name__}")
    # Not its subclasses, which may step in any way.
    rule = _RULES.get(type(optimizer))
    if rule is None:
        known = ", ".join(sorted(each.__name__ for each in _RULES))
        raise UserError(
            f"no stability limit is known for {type(optimizer).__name__}; there is one for torch.optim's {known}. "
            "Without an optimizer, sharpness gives λ_max alone; a wrapper holds one of these inside"
        )
    return rule


def _places(optimizer: torch.optim.Optimizer, objective: Objective) -> list[tuple[dict[str, Any], Tensor, slice]]:
    """Return the group of each parameter that is part of θ, the parameter, and where in θ it is."""
    decoupled = isinstance(optimizer, torch.optim.AdamW)  # older versions of torch don't keep it in the group
    groups = [{"decoupled_weight_decay": decoupled, **group} for group in optimizer.param_groups]
    owned = [(group, parameter) for group in groups for parameter in group["params"]]
    own = objective.parameters or [parameter for _, parameter in owned]
    starts = [0, *accumulate(parameter.numel() for parameter in own)]
    if starts[-1] != objective.size:
        raise UserError(
            f"the optimizer moves {starts[-1]:,} parameters and the objective's function has {objective.size:,}: make "
            "both from the same θ"
        )
    where = {
        id(parameter): slice(start, start + parameter.numel()) for parameter, start in zip(own, starts, strict=False)
    }
    found = [(group, parameter, where[id(parameter)]) for group, parameter in owned if id(parameter) in where]
    if not found:
        raise UserError(
            "the optimizer moves none of the objective's parameters: make it from the same module, "
            "torch.optim.SGD(module.parameters(), …), not from a copy of it"
        )
    _warn_if_moved(found, objective.theta)
    return found


def _warn_if_moved(found: Sequence[tuple[_Settings, Tensor, slice]], theta: Tensor) -> None:
    """Say if the optimizer's state and the objective's θ are of different times."""
    if all(torch.equal(parameter.detach().flatten().to(theta), theta[place]) for _, parameter, place in found):
        return
    warnings.warn(
        "the parameters have moved since the objective was made: the curvature is that of θ then, the optimizer's "
        "state that of now. Make another Objective to compare them at the same θ",
        FallbackWarning,
        stacklevel=5,
    )


def _check_groups(settings: Sequence[_Settings], limits: set[float]) -> None:
    if any(group.get("maximize") for group in settings):
        raise UserError(
            "the optimizer climbs (maximize=True): the limit is that of a descent on −L, so negate the loss"
        )
    if len(limits) > 1 and any(group.get("nesterov") for group in settings):
        raise UserError(
            "Nesterov momentum that differs between groups of parameters has no known limit; seen momentum "
            f"{sorted({float(group['momentum']) for group in settings})}"
        )


def _checked_limit(rule: _Rule, group: _Settings) -> float:
    momentum = float(group["betas"][0] if "betas" in group else group.get("momentum", 0.0))
    limit = rule.limit(group) if momentum < 1 and float(group.get("dampening", 0.0)) < 1 else 0.0
    if limit <= 0:
        seen = {name: group[name] for name in ("lr", "momentum", "dampening", "betas", "weight_decay") if name in group}
        raise UserError(f"with these settings the optimizer is stable on no quadratic at all: {seen}")
    return limit


def _why_nothing_moves(settings: Sequence[_Settings]) -> str:
    if all(float(group["lr"]) == 0 for group in settings):
        return "the optimizer's learning rate is 0, so nothing moves: ask again after its first step (a warm-up?)"
    return "the optimizer hasn't taken a step yet, so it has no sizes of gradients to divide by: let it train first"


def _decoupled(group: _Settings) -> bool:
    """Tell whether weight decay is kept out of the gradient, as AdamW does."""
    return bool(group["decoupled_weight_decay"])


def _sgd_name(group: _Settings) -> str:
    if not group["momentum"]:
        return "gradient descent"
    return "Nesterov's method" if group["nesterov"] else "heavy ball"


def _sgd_limit(group: _Settings) -> float:
    momentum = float(group["momentum"])
    if group["nesterov"]:
        return 2 * (1 + momentum) / (1 + 2 * momentum)
    # Without momentum torch leaves dampening out.
    return 2 * (1 + momentum) / (1 - float(group["dampening"])) if momentum else 2.0


def _adam_name(group: _Settings) -> str:
    return "AdamW" if _decoupled(group) else "Adam"


def _adam_limit(group: _Settings) -> float:
    beta = float(group["betas"][0])
    shrunk = float(group["lr"]) * float(group["weight_decay"]) if _decoupled(group) else 0.0
    return (2 - shrunk) * (1 + beta) / (1 - beta)


def _adam_divisor(group: _Settings, state: _Settings) -> Tensor:
    first, second = (float(beta) for beta in group["betas"])
    count = float(state["step"])
    squares: Tensor = state["max_exp_avg_sq" if group["amsgrad"] else "exp_avg_sq"]
    corrections: tuple[float, float] = 1 - first**count, 1 - second**count
    return corrections[0] * ((squares / corrections[1]).sqrt() + float(group["eps"]))


def _rmsprop_name(group: _Settings) -> str:
    return "RMSProp, centred" if group["centered"] else "RMSProp"


def _rmsprop_limit(group: _Settings) -> float:
    return 2 * (1 + float(group["momentum"]))


def _rmsprop_divisor(group: _Settings, state: _Settings) -> Tensor:
    squares: Tensor = state["square_avg"]
    if group["centered"]:
        squares = squares - state["grad_avg"].square()
    return squares.sqrt() + float(group["eps"])


_RULES: dict[type[torch.optim.Optimizer], _Rule] = {
    torch.optim.SGD: _Rule(_sgd_name, _sgd_limit),
    torch.optim.Adam: _Rule(_adam_name, _adam_limit, _adam_divisor),
    torch.optim.AdamW: _Rule(_adam_name, _adam_limit, _adam_divisor),
    torch.optim.RMSprop: _Rule(_rmsprop_name, _rmsprop_limit, _rmsprop_divisor),
}
