"""A series as rows that a function can learn from: what was known before, and the value some steps later.

Rows are put in order of time, each group by itself. A window of ``lags`` rows gives the inputs (the target's own past
and the other columns'), and the target is the value ``horizon`` steps after the window's last row. No window reaches
across a gap: a step in time that is more than half as long again as all but the longest 5 % of the steps. So the
weekends of a series of working days and the unequal months of a monthly one are no gaps; a missing day among hours is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from thetastar.arrays import Flags, Floats, Integers
from thetastar.data.convert import as_days, as_labels, as_numbers, is_missing
from thetastar.errors import DataError, UserError

__all__ = [
    "Lags",
    "Windows",
    "check_times",
    "is_date",
    "lagged_name",
    "longest_step",
    "moments",
    "recent_rows",
    "values_after",
    "windows",
    "windows_before",
]

_USUAL = 0.95  # quantile of the steps in time
_OFTEN = 3  # rows that a series has on average, at least
_GAP = 1.5  # times as long as the usual step
_DAY = 86_400_000  # milliseconds
_MOST_INPUTS = 5000  # columns: more would fill the memory, and tell little


@dataclass(frozen=True)
class Lags:
    """How windows are cut from a series.

    Attributes:
        target: Column to predict.
        time: Column that says when.
        group: Column that tells series apart; empty if there is one.
        lags: Rows of a window.
        horizon: Steps from the window's last row to the value that is predicted.
        columns: What is read of each row: the target and the inputs.
        gap: A longer step in time is a gap; in days for dates, otherwise in the time's own unit.
    """

    target: str
    time: str
    group: str
    lags: int
    horizon: int
    columns: tuple[str, ...]
    gap: float


@dataclass(frozen=True)
class Windows:
    """Windows of a series, one a row, in order of group and time.

    Attributes:
        table: Inputs, named like ``y[t-1]``: t is the time of the value to predict.
        y: The value to predict.
        times: When that is: a moment in UTC for dates, otherwise in the time's own unit.
        known: Likewise, the time of the window's last row: the inputs are known from then on.
        left_out: Rows with a value that no complete window stands before.
        missing: Rows without one.
        stretches: Parts of the series between gaps, over all groups.
        lags: How they were cut.
    """

    table: pl.DataFrame
    y: pl.Series
    times: pl.Series
    known: pl.Series
    left_out: int
    missing: int
    stretches: int
    lags: Lags


def windows(table: pl.DataFrame, *, target: str, time: str, lags: int, horizon: int = 1, group: str = "") -> Windows:
    """Return the windows of a series, or of several told apart by ``group``.

    A row without a target can't be predicted, but is part of later windows: where the target is a number, the nearest
    one known in the window stands in for it, the last one before if there is one; otherwise that value is missing.

    Raises:
        UserError: if fewer than one lag or step is asked for, or more inputs come out than can be used.
        DataError: if a column isn't in the table, a time can't be read or occurs twice in a group, or no window is
            complete.

    Example:
        >>> table = pl.DataFrame({"hour": [1, 2, 3, 4], "y": [10.0, 20.0, 30.0, 40.0]})
        >>> found = windows(table, target="y", time="hour", lags=2)
        >>> found.table.to_dict(as_series=False), found.y.to_list()
        ({'y[t-1]': [20.0, 30.0], 'y[t-2]': [10.0, 20.0]}, [30.0, 40.0])
    """
    if lags < 1 or horizon < 1:
        raise UserError(
            f"a window has at least 1 row and looks at least 1 step ahead; seen {lags} lags, {horizon} steps"
        )
    _check_present(table, [name for name in (target, time, group) if name])
    columns = (target, *(name for name in table.columns if name not in (target, time, group)))
    if len(columns) * lags > _MOST_INPUTS:
        raise UserError(
            f"{lags} lags of {len(columns)} columns are {len(columns) * lags} inputs, at most {_MOST_INPUTS} can be "
            "used: ask for fewer lags, or leave columns out"
        )
    when, order = _in_order(table, time, group)
    ordered, when = table[order], when[order]
    gap = longest_step(np.diff(when)[_same_group(ordered, group)])
    place, stretches = _places(ordered, when, group, gap)
    complete = (place >= lags + horizon - 1) & ~is_missing(ordered[target]).to_numpy()
    if not complete.any():
        raise DataError(
            f"no window of {lags} rows with a value {horizon} step(s) later: the longest stretch without a gap (a step "
            f"in {time!r} above {gap:g}) has {int(place.max()) + 1} rows; ask for fewer lags"
        )
    rows, missing = np.flatnonzero(complete), int(is_missing(ordered[target]).sum())
    settings = Lags(target, time, group, lags, horizon, columns, gap)
    return Windows(
        table=_lagged(ordered, settings, back=horizon)[rows],
        y=ordered[target][rows],
        times=_as_times(when[rows], like=table[time]),
        known=_as_times(when[rows - horizon], like=table[time]),
        left_out=ordered.height - missing - len(rows),
        missing=missing,
        stretches=stretches,
        lags=settings,
    )


def windows_before(table: pl.DataFrame, lags: Lags) -> tuple[pl.DataFrame, Flags]:
    """Return for each row the window that ends with it, and whether that is complete; the rows keep their order.

    A function of the window predicts the value ``lags.horizon`` steps later.

    Raises:
        DataError: if a column isn't in the table, or a time can't be read or occurs twice in a group.
    """
    _check_present(table, [name for name in (*lags.columns, lags.time, lags.group) if name])
    when, order = _in_order(table, lags.time, lags.group)
    ordered = table[order]
    place, _ = _places(ordered, when[order], lags.group, lags.gap)
    back = np.argsort(order)
    return _lagged(ordered, lags, back=0)[back], (place >= lags.lags - 1)[back]


def check_times(table: pl.DataFrame, lags: Lags) -> None:
    """Refuse times as they were written, so that the message holds what stands in the table and its row.

    Raises:
        DataError: if a time can't be read or occurs twice in a group.
    """
    _in_order(table, lags.time, lags.group)


def values_after(table: pl.DataFrame, lags: Lags) -> pl.Series:
    """Return for each row what a function of the window that ends with it predicts: the target some steps later.

    It is missing where the table doesn't reach that far, or a gap lies between; the rows keep their order.

    Raises:
        DataError: as ``windows_before``.

    Example:
        >>> lags = Lags(target="y", time="hour", group="", lags=2, horizon=1, columns=("y",), gap=1.5)
        >>> values_after(pl.DataFrame({"hour": [3, 1, 2, 9], "y": [30, 10, 20, 90]}), lags).to_list()
        [None, 20, 30, None]
    """
    when, order = _in_order(table, lags.time, lags.group)
    ordered, steps = table[order], lags.horizon
    place, _ = _places(ordered, when[order], lags.group, lags.gap)
    reached = np.zeros(len(place), dtype=np.bool_)
    reached[:-steps] = place[steps:] == place[:-steps] + steps
    later: pl.Series = ordered[lags.target].shift(-steps).set(pl.Series(~reached), None)
    return later[np.argsort(order)]


def recent_rows(table: pl.DataFrame, lags: Lags) -> pl.DataFrame:
    """Return the last rows of every group: what a window of the next row needs, in order of group and time.

    Raises:
        DataError: as ``windows``.
    """
    when, order = _in_order(table, lags.time, lags.group)
    ordered = table.select(name for name in (lags.group, lags.time, *lags.columns) if name)[order]
    ends = np.flatnonzero(~np.append(_same_group(ordered, lags.group), False))
    left = ends[np.searchsorted(ends, np.arange(len(when)))] - np.arange(len(when))
    return ordered[np.flatnonzero(left < lags.lags)]


def lagged_name(column: str, steps: int) -> str:
    """Return the name of a column's value so many steps before the value to predict.

    Example:
        >>> lagged_name("sales", 3)
        'sales[t-3]'
    """
    return f"{column}[t-{steps}]"


def _lagged(ordered: pl.DataFrame, lags: Lags, *, back: int) -> pl.DataFrame:
    """Return each column's values ``back``, ``back`` + 1, … rows before, across gaps too: take complete rows only.

    Where a value of the target is missing, the last one before it in the window stands in for it, or else the next: a
    series goes on from where it was, and its mean may be far away.
    """

    def value(column: str, step: int) -> pl.Expr:
        if column != lags.target:
            return pl.col(column)
        return _nearest_known(ordered[column], before=lags.lags - 1 - step, after=step)

    return ordered.select(
        value(column, step).shift(back + step).alias(lagged_name(column, lags.horizon + step))
        for column in lags.columns
        for step in range(lags.lags)
    )


def _nearest_known(series: pl.Series, *, before: int, after: int) -> pl.Expr:
    """Return numbers with missing ones taken from at most so many rows before or after; others as they are."""
    values = pl.col(series.name)
    if not series.dtype.is_numeric():
        return values
    values = values.fill_nan(None) if series.dtype.is_float() else values
    values = values.fill_null(strategy="forward", limit=before) if before else values  # 0 would be no limit
    return values.fill_null(strategy="backward", limit=after) if after else values


def _in_order(table: pl.DataFrame, time: str, group: str) -> tuple[Floats, Integers]:
    """Return each row's time, and the rows in order of group and time."""
    when = moments(table[time])
    codes = np.zeros(len(when), dtype=np.int64)
    if group:
        labels = as_labels(table[group])
        if labels.null_count():
            raise DataError(f"{group!r} is missing in row {int(labels.is_null().arg_max() or 0) + 1}")
        codes = np.unique(labels.to_numpy(), return_inverse=True)[1]
    order = np.lexsort([when, codes])
    twice = np.flatnonzero((np.diff(when[order]) == 0) & (np.diff(codes[order]) == 0))
    if twice.size:
        raise _repeated(table, (time, group), rows=order[twice[0] : twice[0] + 2], times=int(twice.size), codes=codes)
    return when, order


def _repeated(table: pl.DataFrame, aside: tuple[str, str], *, rows: Integers, times: int, codes: Integers) -> DataError:
    """Say that times come more than once, and what to do: name what tells the series apart, or make them one row."""
    time, group = aside
    first, second = sorted((rows + 1).tolist())
    apart = _tells_apart(table.drop(name for name in aside if name), moments(table[time]), codes)
    advice = "remove the rows that repeat one, or make those of one time a single row (their mean, or their sum)"
    if apart and not group:
        advice = f"{apart!r} tells them apart: name it as the group (--group), or {advice}"
    within, more = (f" in a group of {group!r}" if group else ""), f", and {times - 1} more" if times > 1 else ""
    return DataError(
        f"{time!r} has times that come more than once{within}: {_told(table[time][first - 1])} in rows {first} and "
        f"{second}{more}; {advice}"
    )


def _told(value: object) -> str:
    """Write a time as a table does."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _tells_apart(others: pl.DataFrame, when: Floats, codes: Integers) -> str:
    """Return the column with the fewest values that no two rows of one time share; empty if there is none.

    A measurement hardly ever repeats either, so that only columns whose values come back often are looked at.
    """
    found: list[tuple[int, str]] = []
    for series in others:
        few = series.n_unique()
        if not series.dtype.is_float() and few * _OFTEN <= len(series) and not series.null_count():
            places = pl.DataFrame({"when": when, "code": codes, "series": series})
            found += [(few, series.name)] if places.is_unique().all() else []
    return min(found, default=(0, ""))[1]


def moments(series: pl.Series) -> Floats:
    """Return times as numbers: days since 1970-01-01 for dates, otherwise the values.

    Raises:
        DataError: if one can't be read.
    """
    values = as_numbers(series)
    values = as_days(series) if np.isnan(values).all() else values
    unread = np.flatnonzero(~np.isfinite(values))
    if unread.size:
        raise DataError(
            f"{series.name!r}: {unread.size} time(s) can't be read as a number or a date, the first is "
            f"{series[int(unread[0])]!r} in row {unread[0] + 1}"
        )
    return values


def is_date(series: pl.Series) -> bool:
    """Tell whether times are dates; otherwise they are numbers."""
    return series.dtype.is_temporal() or bool(np.isnan(as_numbers(series)).all())


def _as_times(when: Floats, *, like: pl.Series) -> pl.Series:
    """Return times as moments, where they were dates."""
    if not is_date(like):
        return pl.Series(like.name, when)
    milliseconds = pl.Series(like.name, np.rint(when * _DAY).astype(np.int64))
    dates: pl.Series = milliseconds.cast(pl.Datetime("ms")).cast(pl.Datetime("us"))
    return dates


def _same_group(ordered: pl.DataFrame, group: str) -> Flags:
    """Return whether each row belongs to the same group as the next one, [rows − 1]."""
    if not group:
        return np.ones(max(ordered.height - 1, 0), dtype=np.bool_)
    labels = as_labels(ordered[group]).to_numpy()
    return np.asarray(labels[1:] == labels[:-1])


def longest_step(steps: Floats) -> float:
    """Return how long a step in time may be without being a gap.

    Example:
        >>> longest_step(np.array([1.0, 1.0, 1.0, 8.0]))
        1.5
    """
    return float(_GAP * np.quantile(steps, _USUAL, method="lower")) if steps.size else 0.0


def _places(ordered: pl.DataFrame, when: Floats, group: str, gap: float) -> tuple[Integers, int]:
    """Return each row's place in its stretch, from 0, and how many stretches there are."""
    begins = np.ones(len(when), dtype=bool)
    begins[1:] = ~_same_group(ordered, group) | (np.diff(when) > gap)
    starts = np.flatnonzero(begins)
    return np.arange(len(when)) - starts[np.cumsum(begins) - 1], len(starts)


def _check_present(table: pl.DataFrame, names: Sequence[str]) -> None:
    if absent := [name for name in names if name not in table.columns]:
        raise DataError(f"the table lacks the column(s) {absent}; it has {table.columns}")
    if not table.height:
        raise DataError("the table has no rows")
