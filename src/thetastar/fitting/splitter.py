"""How rows are split, so that the same rule can split any part of them again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.data import Fold, split
from thetastar.data.split import check_split
from thetastar.errors import UserError

__all__ = ["Splitter"]

Rows = npt.NDArray[np.signedinteger]

_BLOCK = 1 << 20  # rows whose folds are drawn at once: the numbers on the way take several times the room of the result
_ODD, _HALF = np.uint64(0xD6E8FEB86659FD93), np.uint64(32)  # of a mixing of bits (Steele et al., SplitMix, 2014)


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
        contents: A number for each row, the same for identical rows, which a random split then keeps together; or None,
            where there are no identical rows.
        known: When each row's inputs were known, on the scale of the times; or None, where that is the row's own time.
    """

    how: str
    folds: int
    y: npt.NDArray[np.generic]
    groups: pl.Series | None
    times: pl.Series | None
    seed: int
    contents: npt.NDArray[np.uint64] | None = None
    known: pl.Series | None = None

    @property
    def keeps_together(self) -> bool:
        """Tell whether the split keeps rows together that may depend on each other."""
        return self.how in ("time", "group", "blocked")

    def split(self, rows: Rows | None = None) -> tuple[Fold, ...]:
        """Split some rows (all of them if None); the folds hold positions among all rows.

        With times, no training row's target is later than the inputs of the validation row that is known first:
        otherwise functions would learn from values that nobody has when the prediction is due.

        Raises:
            UserError: as ``thetastar.data.split``, or if no training row is early enough.
        """
        rows = np.arange(len(self.y), dtype=np.int32) if rows is None else rows
        if self.contents is not None:
            check_split(len(rows), self.folds, self.how)
            return self._by_content(rows, self.contents)
        folds = split(
            len(rows),
            folds=self.folds,
            how=self.how,
            y=self.y[rows] if self.how == "stratified" else None,
            groups=None if self.groups is None else self.groups[rows],
            times=None if self.times is None else self.times[rows],
            seed=self.seed,
        )
        return tuple(self._purged(Fold(rows[fold.train], rows[fold.validation])) for fold in folds)

    def _purged(self, fold: Fold) -> Fold:
        """Leave out the training rows whose targets weren't known when the first validation row's inputs were."""
        if self.how != "time" or self.known is None or self.times is None:
            return fold
        first = self.known.to_numpy()[fold.validation].min()
        train = fold.train[self.times.to_numpy()[fold.train] <= first]
        if not train.size:
            raise UserError(
                f"with {self.folds} folds the first training rows are not known before the rows that judge them: ask "
                "for fewer folds, or for a shorter horizon"
            )
        return Fold(train, fold.validation)

    def _by_content(self, rows: Rows, contents: npt.NDArray[np.uint64]) -> tuple[Fold, ...]:
        """Draw each row's fold from its content; other parts of the rows are drawn anew."""
        fold_of = np.empty(len(rows), dtype=np.min_scalar_type(self.folds))
        for begin in range(0, len(rows), _BLOCK):
            block = slice(begin, begin + _BLOCK)
            drawn = contents[rows[block]] ^ np.uint64((self.seed * 2**32 + len(rows)) % 2**64)
            for _ in range(2):
                drawn = (drawn ^ (drawn >> _HALF)) * _ODD
            fold_of[block] = (drawn >> _HALF) % np.uint64(self.folds)
        places = range(self.folds)
        return tuple(Fold(rows[fold_of != place], rows[fold_of == place]) for place in places)
