"""One part of the rows held out to judge."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from thetastar.data.row_codes import Rows, class_codes, dealt, group_codes, time_ranks
from thetastar.data.split import Fold, check_split
from thetastar.errors import UserError

__all__ = ["holdout"]


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
    check_split(rows, 2, how)
    if how == "time" or (how == "blocked" and times is not None):
        judges = _latest(time_ranks(times, rows), share)
    elif how == "blocked":
        judges = np.arange(rows) >= rows - _count(rows, share)
    elif how == "group":
        judges = _some_groups(group_codes(groups, rows), share, seed)
    elif how == "stratified":
        judges = _some_of_each_class(class_codes(y, rows), share, seed)
    else:
        judges = np.isin(np.arange(rows), np.random.default_rng(seed).permutation(rows)[: _count(rows, share)])
    if judges.all() or not judges.any():
        raise UserError(f"holding out {share:.0%} of {rows} rows ({how}) leaves one part empty: more rows are needed")
    return Fold(np.flatnonzero(~judges), np.flatnonzero(judges))


def _count(rows: int, share: float) -> int:
    return min(max(1, round(rows * share)), rows - 1)


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
    order, _ = dealt(codes, seed)
    sizes = np.bincount(codes)
    judges = np.zeros(len(codes), dtype=np.bool_)
    if not order.size:
        return judges
    drawn = np.diff(np.arange(len(order) + 1) * _count(len(order), share) // len(order)) > 0  # evenly along the order
    judges[order[drawn]] = True
    emptied = np.flatnonzero(np.bincount(codes[judges], minlength=len(sizes)) == sizes)
    last = [np.flatnonzero(codes == label)[0] for label in emptied if sizes[label]]
    judges[np.asarray(last, dtype=np.int64)] = False
    return judges
