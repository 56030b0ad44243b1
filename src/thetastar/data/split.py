"""Which rows train and which rows judge: k folds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import GroupKFold, KFold, TimeSeriesSplit

from thetastar.arrays import Integers
from thetastar.data.row_codes import class_codes, dealt, group_codes, time_ranks
from thetastar.errors import UserError

__all__ = ["Fold", "check_split", "split"]

HOWS = ("random", "stratified", "time", "group", "blocked")
_MOST_ROWS = 2**31 - 1  # the largest number in 32 bits


@dataclass(frozen=True)
class Fold:
    """Row numbers (from 0, ascending) that train, and others that judge; kept as int32, as they are as long as tables.

    Attributes:
        train: Whole numbers, [rows].
        validation: Whole numbers, [rows].
    """

    train: npt.NDArray[np.signedinteger]
    validation: npt.NDArray[np.signedinteger]

    def __post_init__(self) -> None:
        """Bring the numbers to 32 bits."""
        for name in ("train", "validation"):
            object.__setattr__(self, name, getattr(self, name).astype(np.int32, copy=False))


def split(
    rows: int,
    *,
    folds: int = 5,
    how: str = "random",
    y: Any = None,
    groups: Any = None,
    times: Any = None,
    seed: int = 0,
) -> tuple[Fold, ...]:
    """Return k folds over the rows 0 … rows − 1.

    - ``random``: shuffled; each row judges once.
    - ``stratified``: the same with every class of ``y`` spread evenly. A class of one row trains in every
      fold and judges in none; every class of several rows is in every training part.
    - ``group``: rows of one group are never on both sides; each row judges once.
    - ``time``: expanding windows; every validation row is later than every training row, and rows of the same
      time stay together. The earliest rows only train.
    - ``blocked``: neighbours stay together: each contiguous block, in order of ``times`` if given and
      otherwise of the rows, judges once, while all the others train.

    Args:
        rows: how many rows there are.
        folds: how many folds, at least 2.
        how: one of the above.
        y: class codes or labels per row, for ``stratified``.
        groups: a label per row, for ``group``.
        times: a number, date or ISO text per row, for ``time`` (the rows' order if not given) and
            ``blocked``.
        seed: of the shuffling; ``time``, ``group`` and ``blocked`` don't shuffle.

    Raises:
        UserError: if the way isn't known, what it needs isn't given, or there are too few rows, groups or
            times.

    Example:
        >>> [fold.validation.tolist() for fold in split(6, folds=3, how="blocked")]
        [[0, 1], [2, 3], [4, 5]]
    """
    check_split(rows, folds, how)
    if how == "random":
        pairs = KFold(folds, shuffle=True, random_state=seed).split(np.empty(rows))
    elif how == "stratified":
        return _stratified(class_codes(y, rows), folds, seed)
    elif how == "group":
        return _grouped(group_codes(groups, rows), folds)
    elif how == "time":
        return _expanding(time_ranks(times, rows), folds)
    else:
        order = np.argsort(time_ranks(times, rows), kind="stable")
        pairs = ((order[train], order[validation]) for train, validation in KFold(folds).split(order))
    return tuple(_fold(train, validation) for train, validation in pairs)


def check_split(rows: int, folds: int, how: str) -> None:
    """Refuse a split that can't be.

    Raises:
        UserError: if the way isn't known, there are fewer than two folds or fewer rows than folds, or more rows than
            32 bits count.
    """
    if how not in HOWS:
        raise UserError(f"there is no split {how!r}; the splits are {', '.join(HOWS)}")
    if folds < 2:
        raise UserError(f"{folds} fold(s) were asked for, at least 2 are needed")
    if rows < folds:
        raise UserError(f"{rows} row(s) can't be split into {folds} folds: ask for fewer folds, or give more rows")
    if rows > _MOST_ROWS:
        raise UserError(f"{rows} rows can't be split, only up to {_MOST_ROWS}: give a sample of them")


def _fold(train: npt.NDArray[Any], validation: npt.NDArray[Any]) -> Fold:
    return Fold(np.sort(train), np.sort(validation))


def _stratified(codes: Integers, folds: int, seed: int) -> tuple[Fold, ...]:
    # Dealt out like cards, class after class: every class is spread to within one row, and so is the whole.
    # scikit-learn's splitter refuses classes that all have fewer rows than folds, and can leave a class of
    # one out of training.
    order, single = dealt(codes, seed)
    if len(order) < folds:
        raise UserError(
            f"only {len(order)} rows belong to a class that occurs twice or more, too few for {folds} stratified "
            "folds: ask for fewer folds, or for a random split"
        )
    turn = np.arange(len(order)) % folds
    return tuple(_fold(np.concatenate([order[turn != k], single]), order[turn == k]) for k in range(folds))


def _grouped(codes: Integers, folds: int) -> tuple[Fold, ...]:
    if codes.max() + 1 < folds:
        raise UserError(f"{codes.max() + 1} group(s) can't be split into {folds} folds: ask for fewer folds")
    pairs = GroupKFold(folds).split(np.empty(len(codes)), groups=codes)
    return tuple(_fold(train, validation) for train, validation in pairs)


def _expanding(times: Integers, folds: int) -> tuple[Fold, ...]:
    distinct = int(times.max()) + 1
    if distinct < folds + 1:
        raise UserError(
            f"{distinct} distinct time(s) don't give {folds} folds that are each later than what they are trained on: "
            f"at most {max(distinct - 1, 0)} folds are possible"
        )
    windows = TimeSeriesSplit(folds).split(np.empty(distinct))
    return tuple(
        Fold(np.flatnonzero(times <= early[-1]), np.flatnonzero((times >= late[0]) & (times <= late[-1])))
        for early, late in windows
    )
