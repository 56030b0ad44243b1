"""Are the rows independent? Random folds against folds of neighbouring rows, and whether sorting explains them.

Random folds promise too much where rows near each other resemble each other (hours of a series, patients of a ward,
windows that overlap): a row's twins are then among the training rows. Three measurements, each with its own error:

1. **Blocked against random.** Least squares is cross-validated on contiguous folds of the rows in their order, and
   in ``_ORDERS`` shuffled ones. If the rows are exchangeable, their own order is one more of the shuffled ones, so
   (blocked − mean of shuffled) / (deviation · √(1 + 1/orders)) has Student's t distribution with orders − 1 degrees
   of freedom (a two-sample test with a sample of one). The probability asked for is shared by all that is compared.
2. **Sorted?** Blocks of a table that is merely sorted make the folds extrapolate, and the first test fires. So the
   columns that it is sorted by are looked for (``sort_keys``). Sorted by the target, or all its zeros at one end:
   nothing more can be told, and no dependence is claimed.
3. **Alike beyond the sorting?** If there are such columns, neighbours must resemble each other within stretches of
   rows that are equal or nearly equal in them (``resemblance``): in other inputs, or, where one of the columns is a
   time, in the target. Rows drawn independently and then sorted don't.

Of long tables runs of consecutive rows are compared, and rows that occur twice count once.

The order may also be that of a column of dates, or, for an identifier whose values come back, that of its groups.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl
import scipy.stats

from thetastar.arrays import Floats, Integers
from thetastar.data import Column, EncodingSettings, Kind, Target, encode, fit_encoding
from thetastar.data.convert import as_days, as_labels, as_measured
from thetastar.data.kinds import is_identifier_name
from thetastar.data.sort_keys import Sortable, sort_keys, within_keys
from thetastar.descent import Deadline
from thetastar.errors import BudgetError
from thetastar.fitting.checks.order_folds import OrderFolds
from thetastar.fitting.checks.resemblance import resemblance
from thetastar.fitting.codes import Dependence
from thetastar.fitting.record import Independence

__all__ = ["check_independence"]

_FEWEST = 100  # rows; of fewer, folds can't tell
_MOST = 16_384  # rows that are looked at: of a longer table
_RUN = 256  # runs of so many consecutive rows, spread evenly
_ORDERS = 25  # shuffled
_PROBABILITY = 0.001  # of a false alarm in the first test, shared by all that is compared
_ALIKE = 5.0  # standard errors
_STRETCH = 32  # rows in which what the table is sorted by hardly changes
_PIECES = 4  # of a column of numbers, in the second of the two rungs
_PENALTIES = {"linear": 1e-4, "hard_sigmoids": 1e-3}
_CAP = 20.0  # times the median squared error: what a row counts at most, lest a few decide
_FARTHEST = 5.0  # deviations; for the same reason
_WIDEST = 320  # inputs; more are mixed at random into so many
_WORK = 7e8  # rows · inputs², about a second for all orders
_TIME_NAMES = (
    "date",
    "time",
    "datetime",
    "timestamp",
    "year",
    "quarter",
    "month",
    "week",
    "day",
    "hour",
    "minute",
    "日期",
    "时间",
    "年",
    "季度",
    "月",
    "周",
    "日",
)
_FEWEST_GROUPS = 10
_LEAST_APART = 0.05  # of the rows have the most frequent value, and another one


@dataclass(frozen=True)
class _Order:
    """An order in which neighbours may be alike: that of the rows, of a time, or of groups."""

    by: str  # "" for the rows' own, otherwise a column
    kind: str  # rows, time, group
    rows: Integers


@dataclass(frozen=True)
class _Sample:
    """The rows that are looked at, in one order."""

    table: pl.DataFrame
    y: npt.NDArray[np.generic]
    columns: tuple[Column, ...]
    target: Target


@dataclass(frozen=True)
class _Cheap:
    """A rung whose folds take a moment: its name, which of the sample's rows it reads, and the folds."""

    rung: str
    rows: Integers
    folds: OrderFolds


def check_independence(
    table: pl.DataFrame,
    y: npt.NDArray[np.generic],
    *,
    rows: Integers,
    columns: Sequence[Column],
    target: Target,
    folds: int,
    seed: int,
    deadline: Deadline,
) -> Independence:
    """Compare random folds with folds of neighbouring rows; the module says how.

    False alarms, measured: 3 of 600 shuffled tables and 4 of 600 sorted ones, synthetic and real, all of independent
    rows (``tests/fitting/checks/test_independence.py`` repeats it with 300 each).

    Args:
        table: The used columns, in the rows' own order.
        y: Target values, or class codes.
        rows: Which of them count, ascending; the table is never copied as a whole.
        columns: What the columns are.
        target: What is predicted.
        folds: How many.
        seed: Of the shuffled orders.
        deadline: When this has to be done.
    """
    used = tuple(column for column in columns if column.used)
    if len(rows) < max(_FEWEST, 2 * folds):
        return Independence("too_few_rows")
    orders = _orders(table, rows, used)
    found = [Independence("untested")]
    for order in orders:
        sample = _sample(table, y, used, target, order)
        try:
            found.append(_check(sample, order, folds=folds, seed=seed, share=len(orders), deadline=deadline))
        except BudgetError:
            return found[-1]
        if found[-1].dependent:
            break
    return found[-1]


def _orders(table: pl.DataFrame, rows: Integers, used: Sequence[Column]) -> list[_Order]:
    """Return the orders to look at; the rows' own last, and only if it is not that of a time."""
    orders = [_Order("", "rows", rows)]
    for column in used:
        if column.kind is Kind.date and not column.missing:
            by_time = rows[np.argsort(as_days(table[column.name])[rows], kind="stable")]
            orders = [order for order in orders if not np.array_equal(order.rows, by_time)]
            orders.insert(0, _Order(column.name, "time", by_time))
        elif _is_group(column, len(rows)):
            _, codes = np.unique(as_labels(table[column.name]).to_numpy()[rows], return_inverse=True)
            shuffled = np.random.default_rng(0).permutation(codes.max() + 1)[codes]  # groups' names mean no order
            orders.insert(0, _Order(column.name, "group", rows[np.argsort(shuffled, kind="stable")]))
    return orders


def _is_group(column: Column, rows: int) -> bool:
    """Tell whether a column names, without a gap, what several rows belong to."""
    repeated = _FEWEST_GROUPS <= column.distinct <= rows / 2
    return is_identifier_name(column.name) and repeated and not column.missing and column.kind is not Kind.date


def _sample(
    table: pl.DataFrame, y: npt.NDArray[np.generic], used: tuple[Column, ...], target: Target, order: _Order
) -> _Sample:
    """Return the rows in an order, each once; of a long table runs of consecutive ones."""
    rows = order.rows[_runs(len(order.rows), _MOST)]
    picked = table.select(column.name for column in used)[rows]
    keyed = picked.rename({name: f"{place}" for place, name in enumerate(picked.columns)})
    first = keyed.with_columns(pl.Series("y", y[rows])).with_row_index("row")
    distinct = first.unique(subset=first.columns[1:], keep="first", maintain_order=True)["row"].to_numpy()
    return _Sample(picked[distinct], y[rows][distinct], used, target)


def _runs(rows: int, most: int) -> Integers:
    """Return at most about so many positions, in runs of consecutive ones that are spread evenly."""
    if rows <= most:
        return np.arange(rows)
    begins = np.linspace(0, rows - _RUN, max(most // _RUN, 1)).astype(np.int64)
    return np.unique(begins[:, None] + np.arange(_RUN))


def _check(sample: _Sample, order: _Order, *, folds: int, seed: int, share: int, deadline: Deadline) -> Independence:
    """Make the three measurements on rows in one order."""
    sortable = _sortable(sample)
    keys = () if order.kind == "group" else sort_keys(sortable | {"": _target_sortable(sample)})
    hidden: Dependence | None = "sorted_by_target" if "" in keys else None  # no column has an empty name
    if hidden is None and _one_value_apart(sample):
        hidden = "one_value_apart"
    if hidden is not None:
        return Independence(hidden, order.by, order.kind, len(sample.y))
    random = np.random.default_rng(seed)
    probability = _PROBABILITY / (share * len(_PENALTIES))  # Bonferroni
    for cheap in _cheap_rungs(sample, folds, random):  # the simplest rung that shows it is the easiest to believe
        found = replace(
            _compare(cheap, sample, random=random, deadline=deadline), order=order.by, kind=order.kind, keys=keys
        )
        if found.probability <= probability:
            break
    else:
        return replace(found, decision="independent")
    if not keys or order.kind == "group":
        return replace(found, decision="dependent")
    timed = order.kind == "time" or any(map(_is_time, keys))
    inputs, aim = _resemblances(sample, sortable, keys, timed=timed)
    alike = max(inputs, aim) if timed else inputs
    return replace(found, decision="dependent" if alike > _ALIKE else "sorted", resemblance=alike)


def _is_time(name: str) -> bool:
    return name.lower() in _TIME_NAMES


def _one_value_apart(sample: _Sample) -> bool:
    """Tell whether all rows of the most frequent number stand together at one end, as in a table that was put together.

    Among n independent rows, where the value makes a share of p, that has a probability below 2·p^pn.
    """
    values, counts = np.unique(sample.y, return_counts=True)
    there = sample.y == values[counts.argmax()]
    share = float(there.mean())
    together = int(np.count_nonzero(np.diff(there))) == 1
    return not sample.target.classes and together and _LEAST_APART <= share <= 1 - _LEAST_APART


def _sortable(sample: _Sample) -> dict[str, Sortable]:
    """Return the columns as ranks; a missing value comes first."""
    ranks = {}
    for column in sample.columns:
        series = sample.table[column.name]
        ordered = column.kind.ordered
        if ordered:
            keys: npt.NDArray[np.generic] = np.nan_to_num(as_measured(series, column.kind), nan=-np.inf)
        else:
            keys = as_labels(series).fill_null("").to_numpy()
        ranks[column.name] = Sortable(np.unique(keys, return_inverse=True)[1], ordered=ordered)
    return ranks


def _target_sortable(sample: _Sample) -> Sortable:
    """Return the target as ranks; classes that come one after the other are in order, whichever comes first."""
    _, first, codes = np.unique(sample.y, return_index=True, return_inverse=True)
    if not sample.target.classes:
        return Sortable(codes, ordered=True)
    if int(np.count_nonzero(np.diff(codes))) < 2 * len(first):
        codes = np.argsort(np.argsort(first))[codes]
    return Sortable(codes, ordered=True, stray=0.0, together=False)  # a class that changes now and then is a series


def _cheap_rungs(sample: _Sample, folds: int, random: np.random.Generator) -> list[_Cheap]:
    """Return least squares on the plain inputs, and on the pieces as well where that is not too wide.

    The encoding is learned from all rows: it holds places and scales of columns, nothing of the target.
    """
    encoding = fit_encoding(sample.table, sample.columns, settings=EncodingSettings(pieces=_PIECES))
    encoded = np.clip(encode(encoding, sample.table).astype(np.float64), -_FARTHEST, _FARTHEST)
    targets = _targets(sample)
    rungs = []
    for rung, width in (("linear", encoding.plain), ("hard_sigmoids", encoding.width)):
        if rung == "linear" or encoding.plain < width <= _WIDEST:
            inputs = encoded[:, :width]
            if width > _WIDEST:
                inputs = inputs @ random.normal(size=(width, _WIDEST)) / math.sqrt(width)
            rows = _runs(len(inputs), int(_WORK / max(inputs.shape[1], 1) ** 2))
            rungs.append(_Cheap(rung, rows, OrderFolds(inputs[rows], targets[rows], _PENALTIES[rung], folds)))
    return rungs


def _targets(sample: _Sample) -> Floats:
    """Return standardised numbers [rows, 1], or for each class whether the row is of it, less its share."""
    y = sample.y.astype(np.float64)
    if sample.target.classes:
        indicators = sample.y[:, None] == np.arange(len(sample.target.classes))
        return np.asarray(indicators - indicators.mean(0), dtype=np.float64)
    standardised: Floats = (y - y.mean()) / (y.std() or 1.0)
    return standardised[:, None]


def _compare(cheap: _Cheap, sample: _Sample, *, random: np.random.Generator, deadline: Deadline) -> Independence:
    """Measure the rows' order against shuffled ones."""
    folds, rows = cheap.folds, len(cheap.rows)
    shuffled = [folds.predict(random.permutation(rows), deadline=deadline) for _ in range(_ORDERS)]
    squares = np.stack([folds.squares(predicted).mean(0) for predicted in shuffled])
    cap = _CAP * float(np.median(squares))
    losses = np.minimum(squares, cap).mean(1)
    blocked = folds.predict(np.arange(rows), deadline=deadline)
    difference = float(np.minimum(folds.squares(blocked).mean(0), cap).mean() - losses.mean())
    error = float(losses.std(ddof=1)) * math.sqrt(1 + 1 / _ORDERS)
    statistic = difference / error if error > 0 else 0.0
    return Independence(
        decision="untested",
        rows=rows,
        rung=cheap.rung,
        random_error=float(np.mean([_error(predicted, cheap, sample) for predicted in shuffled])),
        blocked_error=_error(blocked, cheap, sample),
        difference=difference,
        standard_error=error,
        statistic=statistic,
        probability=float(scipy.stats.t.sf(statistic, _ORDERS - 1)),
    )


def _error(predicted: Floats, cheap: _Cheap, sample: _Sample) -> float:
    """Return the root mean squared error in the target's unit, or the share of wrong classes."""
    if not sample.target.classes:
        return math.sqrt(cheap.folds.squares(predicted).mean()) * float(sample.y.astype(np.float64).std())
    shares = np.bincount(sample.y.astype(np.int64), minlength=predicted.shape[2]) / len(sample.y)
    return float(((predicted + shares).argmax(2) != sample.y[cheap.rows]).mean())


def _resemblances(
    sample: _Sample, sortable: dict[str, Sortable], keys: tuple[str, ...], *, timed: bool
) -> tuple[float, float]:
    """Return how much neighbours are alike within stretches of the keys, in the inputs and in the target.

    What rows of equal keys have in common belongs to the keys (at one price there is one kind of diamond), except for a
    time: rows of one day share what happened on that day. Times that follow each other, such as year and month, are
    one: at the turn of the year no stretch ends.
    """
    stretches, places = within_keys(*_with_one_time(sortable, keys), size=_STRETCH, ties=not timed)
    others = [column for column in sample.columns if column.name not in keys]
    aim = resemblance(_targets(sample), stretches, places)
    if not others:
        return 0.0, aim
    encoding = fit_encoding(sample.table, others, settings=EncodingSettings(pieces=0))
    return resemblance(encode(encoding, sample.table).astype(np.float64), stretches, places), aim


def _with_one_time(sortable: dict[str, Sortable], keys: tuple[str, ...]) -> tuple[dict[str, Sortable], tuple[str, ...]]:
    """Return the columns and the keys with each run of keys that are times as one of them."""
    joined: list[str] = []
    for key in keys:
        if joined and _is_time(key) and _is_time(joined[-1]):
            pairs = np.stack([sortable[joined[-1]].ranks, sortable[key].ranks], axis=1)
            sortable = sortable | {
                key: Sortable(np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1), ordered=True)
            }
            joined[-1] = key
        else:
            joined.append(key)
    return sortable, tuple(joined)
