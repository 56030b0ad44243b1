"""How rows are split, so that the same rule can split any part of them again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.data import Fold, split

__all__ = ["Splitter"]


@dataclass(frozen=True)
class Splitter:
    """A way to split rows into folds.

    Attributes:
        how: random, stratified, time, group or blocked.
        folds: Parts.
        y: Target values or class codes, [rows].
        groups: Which group each row belongs to, or None.
        times: When each row happened, or None.
        seed: Of random splits.
    """

    how: str
    folds: int
    y: npt.NDArray[np.generic]
    groups: pl.Series | None
    times: pl.Series | None
    seed: int

    def split(self, rows: npt.NDArray[np.int64] | None = None) -> tuple[Fold, ...]:
        """Split some rows (all of them if None); the folds hold positions among all rows."""
        rows = np.arange(len(self.y)) if rows is None else rows
        folds = split(
            len(rows),
            folds=self.folds,
            how=self.how,
            y=self.y[rows] if self.how == "stratified" else None,
            groups=None if self.groups is None else self.groups[rows],
            times=None if self.times is None else self.times[rows],
            seed=self.seed,
        )
        return tuple(Fold(rows[fold.train], rows[fold.validation]) for fold in folds)
