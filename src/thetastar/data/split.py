"""Which rows train and which rows judge: folds and one held-out part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.model_selection import GroupKFold, KFold, TimeSeriesSplit

from thetastar.data.convert import as_days, as_labels, as_numbers
from thetastar.data.read import read_series
from thetastar.errors import DataError, UserError

__all__ = ["Fold", "holdout", "split"]

Rows = npt.NDArray[np.int64]

HOWS = ("random", "stratified", "time", "group", "blocked")


@dataclass(frozen=True)
class Fold:
    """Row numbers (from 0, ascending) that train, and others that judge."""

    train: Rows
    validation: Rows


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
    _check(rows, folds, how)
    if how == "random":
        pairs = KFold(folds, shuffle=True, random_state=seed).split(np.empty(rows))
    elif how == "stratified":
        return _stratified(_class_codes(y, rows), folds, seed)
    elif how == "group":
        return _grouped(_group_codes(groups, rows), folds)
    elif how == "time":
        return _expanding(_time_order(times, rows), folds)
    else:
        order = np.argsort(_time_order(times, rows), kind="stable")
        pairs = ((order[train], order[validation]) for train, validation in KFold(folds).split(order))
    return tuple(_fold(train, validation) for train, validation in pairs)


def holdout(
    rows: int,
    *,
    share: float = 0.2,
    how: str = "random",
    y: Any = None,
    groups: Any = None,
    times: Any = None,
    seed: int = 0,
) -> Fold:
    """Return one split whose validation part holds about ``share`` of the rows, of the same five ways as ``split``.

    ``group`` draws whole groups until the share is reached; ``time`` and ``blocked`` hold out the last rows.

    Raises:
        UserError: as ``split``, or if the share leaves either part empty.

    Example:
        >>> holdout(10, share=0.3, how="time").validation.tolist()
        [7, 8, 9]
    """
    if not 0 < share < 1:
        raise UserError(f"the share held out must lie between 0 and 1, but {share} was asked for")
    _check(rows, 2, how)
    if how == "time" or (how == "blocked" and times is not None):
        judges = _latest(_time_order(times, rows), share)
    elif how == "blocked":
        judges = np.arange(rows) >= rows - _count(rows, share)
    elif how == "group":
        judges = _some_groups(_group_codes(groups, rows), share, seed)
    elif how == "stratified":
        judges = _some_of_each_class(_class_codes(y, rows), share, seed)
    else:
        judges = np.isin(np.arange(rows), np.random.default_rng(seed).permutation(rows)[: _count(rows, share)])
    if judges.all() or not judges.any():
        raise UserError(f"holding out {share:.0%} of {rows} rows ({how}) leaves one part empty: more rows are needed")
    return Fold(np.flatnonzero(~judges), np.flatnonzero(judges))


def _check(rows: int, folds: int, how: str) -> None:
    if how not in HOWS:
        raise UserError(f"there is no split {how!r}; the splits are {', '.join(HOWS)}")
    if folds < 2:
        raise UserError(f"{folds} fold(s) were asked for, at least 2 are needed")
    if rows < folds:
        raise UserError(f"{rows} row(s) can't be split into {folds} folds: ask for fewer folds, or give more rows")


def _fold(train: npt.NDArray[Any], validation: npt.NDArray[Any]) -> Fold:
    return Fold(np.sort(train).astype(np.int64), np.sort(validation).astype(np.int64))


def _count(rows: int, share: float) -> int:
    return min(max(1, round(rows * share)), rows - 1)


def _dealt(codes: Rows, seed: int) -> tuple[Rows, Rows]:
    """Return the rows of classes with several rows, class after class in random order, and the other rows."""
    counts = np.bincount(codes)[codes]
    shuffled = np.random.default_rng(seed).permutation(len(codes))
    order = shuffled[np.argsort(codes[shuffled], kind="stable")]
    return order[counts[order] > 1], order[counts[order] == 1]


def _stratified(codes: Rows, folds: int, seed: int) -> tuple[Fold, ...]:
    # Dealt out like cards, class after class: every class is spread to within one row, and so is the whole.
    # scikit-learn's splitter refuses classes that all have fewer rows than folds, and can leave a class of
    # one out of training.
    order, single = _dealt(codes, seed)
    if len(order) < folds:
        raise UserError(
            f"only {len(order)} rows belong to a class that occurs twice or more, too few for {folds} stratified "
            "folds: ask for fewer folds, or for a random split"
        )
    turn = np.arange(len(order)) % folds
    return tuple(_fold(np.concatenate([order[turn != k], single]), order[turn == k]) for k in range(folds))


def _grouped(codes: Rows, folds: int) -> tuple[Fold, ...]:
    if codes.max() + 1 < folds:
        raise UserError(f"{codes.max() + 1} group(s) can't be split into {folds} folds: ask for fewer folds")
    pairs = GroupKFold(folds).split(np.empty(len(codes)), groups=codes)
    return tuple(_fold(train, validation) for train, validation in pairs)


def _expanding(times: Rows, folds: int) -> tuple[Fold, ...]:
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


def _latest(times: Rows, share: float) -> npt.NDArray[np.bool_]:
    """Mark the rows from the first time on after which at most about the share of the rows is left."""
    later = np.bincount(times)[::-1].cumsum()[::-1]  # rows at or after each time
    target = _count(len(times), share)
    start = int(np.abs(later[1:] - target).argmin()) + 1 if len(later) > 1 else 0
    return np.asarray(times >= start)


def _some_groups(codes: Rows, share: float, seed: int) -> npt.NDArray[np.bool_]:
    """Mark whole groups, drawn at random, until the share is reached as nearly as whole groups allow."""
    sizes = np.bincount(codes)
    order = np.random.default_rng(seed).permutation(len(sizes))
    reached = np.cumsum(sizes[order])[:-1]
    if not reached.size:
        raise UserError("all rows belong to one group: no group can be held out")
    drawn = order[: int(np.abs(reached - _count(len(codes), share)).argmin()) + 1]
    return np.isin(codes, drawn)


def _some_of_each_class(codes: Rows, share: float, seed: int) -> npt.NDArray[np.bool_]:
    """Mark the share of every class to within a row; a class's last row in training always stays there."""
    order, _ = _dealt(codes, seed)
    sizes = np.bincount(codes, minlength=1)
    drawn = np.floor(np.arange(1, len(order) + 1) * share + 1e-9) > np.floor(np.arange(len(order)) * share + 1e-9)
    judges = np.zeros(len(codes), dtype=np.bool_)
    judges[order[drawn]] = True
    emptied = np.flatnonzero(np.bincount(codes[judges], minlength=len(sizes)) == sizes)
    last = [np.flatnonzero(codes == label)[0] for label in emptied if sizes[label]]
    judges[np.asarray(last, dtype=np.int64)] = False
    return judges


def _class_codes(y: Any, rows: int) -> Rows:
    series = _given(y, rows, "stratified folds need y, the class of each row")
    if series.dtype.is_float() and not bool((series == series.round()).all()):
        raise UserError("stratified folds need classes, but y holds numbers with decimals: use a random split")
    return _codes(series)


def _group_codes(groups: Any, rows: int) -> Rows:
    return _codes(_given(groups, rows, "a group split needs groups, a label for each row"))


def _codes(series: pl.Series) -> Rows:
    labels = as_labels(series)
    if labels.null_count():
        first = int(labels.is_null().arg_max() or 0)
        raise DataError(f"{series.name!r} is missing in {labels.null_count()} row(s), first in row {first + 1}")
    return np.asarray(np.unique(labels.to_numpy(), return_inverse=True)[1], dtype=np.int64)


def _time_order(times: Any, rows: int) -> Rows:
    """Return the rank of each row's time among the distinct times; the rows' own order if there are no times."""
    if times is None:
        return np.arange(rows)
    series = _given(times, rows, "a time for each row is needed")
    values = as_numbers(series)
    values = as_days(series) if np.isnan(values).all() else values
    unread = np.flatnonzero(~np.isfinite(values))
    if unread.size:
        raise DataError(
            f"{series.name!r}: {unread.size} time(s) can't be read as a number or an ISO date, "
            f"the first is {series[int(unread[0])]!r} in row {unread[0] + 1}"
        )
    return np.asarray(np.unique(values, return_inverse=True)[1], dtype=np.int64)


def _given(values: Any, rows: int, need: str) -> pl.Series:
    if values is None:
        raise UserError(need)
    series = read_series(values)
    if len(series) != rows:
        raise UserError(f"{need}; {len(series)} were given for {rows} rows")
    return series
