"""What the folds show of the function found, as plain values: which columns it needs, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Importance"]


@dataclass(frozen=True)
class Importance:
    """How much worse the kept function predicts held-out rows whose values of one column were shuffled."""

    column: str
    loss: tuple[float, ...]  # increase of the loss per fold, mean over the permutations
    error: tuple[float, ...]  # increase of the error per fold, in the target's unit or as a share of wrong rows
    permutations: int
