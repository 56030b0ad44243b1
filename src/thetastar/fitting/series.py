"""A table arranged for a fit: which columns are inputs, and for a series its windows, and how it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from thetastar.arrays import Flags
from thetastar.data import Lags, Windows, recent_rows, windows, windows_before
from thetastar.data.convert import as_labels
from thetastar.data.windows import check_times, lagged_name, moments, values_after
from thetastar.errors import DataError, UserError
from thetastar.fitting.fit import Fit
from thetastar.fitting.history import History
from thetastar.fitting.question import Question
from thetastar.fitting.record import Series

__all__ = ["Arranged", "arrange", "follow", "targets_after"]


@dataclass(frozen=True, eq=False)
class Arranged:
    """What ``fit`` takes, from a table whose columns of time and group are named.

    Attributes:
        question: Inputs, target, and what is known of the rows.
        history: How the series goes on; None if no lags were asked for.
    """

    question: Question
    history: History | None

    def kinds(self, asked: Mapping[str, str]) -> dict[str, str]:
        """Return kinds that were asked for by column as kinds of the inputs: a column's lags are of its kind."""
        if self.history is None:
            return dict(asked)
        lags = self.history.lags
        steps = range(lags.horizon, lags.horizon + lags.lags)
        if unknown := sorted(set(asked) - set(lags.columns)):
            raise UserError(f"kinds were given for {unknown}, but the columns are {list(lags.columns)}")
        return {lagged_name(column, step): kind for column, kind in asked.items() for step in steps}

    def completed(self, found: Fit) -> Fit:
        """Return a fit whose function remembers how its series goes on."""
        return replace(found, function=replace(found.function, history=self.history))


def arrange(
    table: pl.DataFrame, *, target: str, time: str = "", group: str = "", lags: int = 0, horizon: int = 1
) -> Arranged:
    """Return a table's inputs and target; with ``lags`` those of its windows.

    The columns of time and group are no inputs: new rows are later, or of other groups, than all that was seen.

    Args:
        table: With the target.
        target: Column to predict.
        time: Column that says when, or empty.
        group: Column that says which rows belong together, or empty. Of windows, it tells the series apart.
        lags: Rows of a window; 0 for none.
        horizon: Steps from the window's last row to the value to predict.

    Raises:
        UserError: if lags are asked for without a time, or a horizon without lags, or not enough of either.
        DataError: as ``thetastar.data.windows``.
    """
    if not lags:
        if horizon != 1:
            raise UserError(f"a horizon of {horizon} steps needs --lags: how many past rows are read")
        aside = [name for name in (target, time, group) if name]
        series = Series(time, group) if time or group else None
        times, groups = (table[name] if name else None for name in (time, group))
        return Arranged(Question(table.drop(aside), table[target], groups=groups, times=times, series=series), None)
    if not time:
        raise UserError(f"{lags} lags need --time: the column that says in which order the rows came")
    cut = windows(table, target=target, time=time, lags=lags, horizon=horizon, group=group)
    question = Question(cut.table, cut.y, times=cut.times, known=cut.known, series=_series(cut))
    return Arranged(question, _history(table, cut.lags))


def follow(history: History, rows: pl.DataFrame) -> tuple[pl.DataFrame, Flags]:
    """Return for each new row the window that ends with it, and whether it is complete.

    The rows go on where the rows that the function was found in end; where both have a time, the new row counts.

    Raises:
        DataError: if a column isn't there, or a time can't be read or occurs twice in a group.
    """
    lags = history.lags
    needed = [name for name in (lags.group, lags.time, *lags.columns) if name]
    if absent := [name for name in needed if name not in rows.columns]:
        raise DataError(
            f"the rows lack the column(s) {absent}: to go on with the series, the function reads {needed} of every row"
        )
    check_times(rows, lags)
    new, kept = _plain(rows.select(needed), lags), pl.DataFrame(history.rows)
    place = [name for name in (lags.group, lags.time) if name]
    kept = kept.with_columns(pl.col(name).cast(new[name].dtype) for name in place).join(new, on=place, how="anti")
    both = pl.concat([_like(kept, new), _like(new, kept)])
    table, complete = windows_before(both, lags)
    return table[kept.height :], complete[kept.height :]


def targets_after(history: History, rows: pl.DataFrame) -> pl.Series:
    """Return what each new row's window predicts, as far as later rows among them hold it.

    Raises:
        DataError: as ``follow``.
    """
    return values_after(_plain(rows, history.lags), history.lags)


def _series(cut: Windows) -> Series:
    lags = cut.lags
    return Series(
        time=lags.time,
        group=lags.group,
        lags=lags.lags,
        horizon=lags.horizon,
        windows=len(cut.y),
        left_out=cut.left_out,
        missing=cut.missing if cut.y.dtype.is_numeric() else 0,
        stretches=cut.stretches,
    )


def _history(table: pl.DataFrame, lags: Lags) -> History:
    """Return the last rows as plain values."""
    recent = _plain(recent_rows(table, lags), lags)
    values = {
        series.name: series.fill_nan(None) if series.dtype.is_float() else _text_unless_plain(series)
        for series in recent
    }
    return History(lags, {name: tuple(series.to_list()) for name, series in values.items()})


def _plain(rows: pl.DataFrame, lags: Lags) -> pl.DataFrame:
    """Return rows with the time as a number and the group as text, however they were written."""
    rows = rows.with_columns(pl.Series(lags.time, moments(rows[lags.time])))
    return rows.with_columns(as_labels(rows[lags.group])) if lags.group else rows


def _text_unless_plain(series: pl.Series) -> pl.Series:
    plain = series.dtype.is_integer() or series.dtype in (pl.String, pl.Boolean)
    return series if plain else series.cast(pl.String)


def _like(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Return rows with types that the others' values have room in: floats for numbers, text where one is no number."""
    return pl.DataFrame([_with_room(series, others[series.name]) for series in rows])


def _with_room(series: pl.Series, other: pl.Series) -> pl.Series:
    if series.dtype == other.dtype:
        return series
    numbers = series.dtype.is_numeric() and other.dtype.is_numeric()
    cast: pl.Series = series.cast(pl.Float64 if numbers else pl.String)
    return cast
