"""What a rung settled on: enough to train it again on other rows."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters of one rung.

    Attributes:
        plain_l2: Penalty on the squared weights of the plain inputs, where θ* is computed directly.
        piece_l2: The same for the hard-sigmoid pieces.
        learning_rate: η before the schedule; 0 where θ* is computed directly.
        batch_size: Rows per update.
        updates: Planned updates.
        temperature: What the folds agree that a network's outputs should be divided by, so that it is as sure as it is
            right; 0 where that doesn't apply.
        stop: Updates after which the folds' members were best, on average: what training on all rows is given.
    """

    plain_l2: float = 0.0
    piece_l2: float = 0.0
    learning_rate: float = 0.0
    batch_size: int = 0
    updates: int = 0
    temperature: float = 0.0
    stop: int = 0
