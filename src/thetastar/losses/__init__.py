"""Step 2: how wrong θ is. One file a loss; each carries its own gradient."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from thetastar.errors import UserError
from thetastar.losses.absolute import Absolute
from thetastar.losses.cross_entropy import CrossEntropy
from thetastar.losses.huber import Huber
from thetastar.losses.loss import Loss
from thetastar.losses.one_hot import one_hot
from thetastar.losses.softmax import already_softmaxed, softmax
from thetastar.losses.squared import Squared
from thetastar.losses.squared_after_softmax import SquaredAfterSoftmax

__all__ = [
    "LOSSES",
    "Absolute",
    "CrossEntropy",
    "Huber",
    "Loss",
    "Squared",
    "SquaredAfterSoftmax",
    "already_softmaxed",
    "loss_named",
    "one_hot",
    "softmax",
]

LOSSES: Mapping[str, Loss] = MappingProxyType(
    {each.name: each for each in (Squared(), Absolute(), Huber(), CrossEntropy(), SquaredAfterSoftmax())}
)
"""Every loss by its name, with its default settings."""


def loss_named(name: str) -> Loss:
    """Look a loss up by its name; it has its default settings.

    Raises:
        UserError: There is no loss of that name.

    Example:
        >>> loss_named("squared")
        Squared()
    """
    if name not in LOSSES:
        raise UserError(f"unknown loss {name!r}; choose one of {', '.join(LOSSES)}")
    return LOSSES[name]
