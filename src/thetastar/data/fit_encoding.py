"""Learn an encoding from training rows, and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.arrays import Floats, Integers
from thetastar.data.calendar import PERIODS, calendar, varying
from thetastar.data.column import Column, Kind
from thetastar.data.convert import as_labels, as_measured, check_no_infinity, is_missing
from thetastar.data.distribution import Distribution, deviation, distribution, knots, mean, quantiles
from thetastar.data.encoding import (
    BooleanPart,
    CategoryPart,
    CyclePart,
    Encoding,
    EncodingSettings,
    NumberPart,
    Part,
)
from thetastar.data.kinds import BOOLEAN_WORDS
from thetastar.data.unique import check_weights
from thetastar.errors import DataError

__all__ = ["check_columns", "check_finite", "fit_encoding"]


# The quartile range of a normal distribution is 1.349 of its deviations; with it, both normalisations agree
# there.
_QUARTILES_OF_NORMAL = 1.3489795003921634
_MOST_RARE = 5_000  # so many labels are remembered only to tell new rows' categories that were never seen


def fit_encoding(
    table: pl.DataFrame,
    columns: Sequence[Column],
    *,
    rows: npt.NDArray[np.integer] | Sequence[int] | None = None,
    weights: npt.NDArray[np.floating] | None = None,
    settings: EncodingSettings | None = None,
) -> Encoding:
    """Return how the used columns become numbers, learned from the given rows only.

    What the other rows hold can't change the result, not even whether a column has an output for missing
    values or which categories it has. Rows of weight 0 count as not given. Weights count as repetitions: a
    weight of 2 gives the same encoding as the row twice.

    Args:
        table: all rows, as ``read`` returns them.
        columns: what the columns are; the unused are skipped.
        rows: the training rows' numbers, from 0; None for all.
        weights: one for each row of the table (not of ``rows``); None for 1 each.
        settings: defaults if None.

    Raises:
        DataError: if a column isn't in the table, a value in the rows is infinite, no column is used, or no
            row counts.

    Example:
        >>> from thetastar.data import decide_columns
        >>> table = pl.DataFrame({"size": [1.5, 2.5, 2.0, 9.0]})
        >>> fit_encoding(table, decide_columns(table), rows=[0, 1, 2]).parts[0].offset
        2.0
    """
    settings = settings or EncodingSettings()
    used = [column for column in columns if column.used]
    if not used:
        raise DataError("no column is used: overrule the kind of one (each column's reason says why it was left out)")
    check_columns(table, [column.name for column in used])
    weight = check_weights(weights, table.height)
    chosen = np.arange(table.height) if rows is None else np.asarray(rows, dtype=np.int64)
    chosen = chosen[weight[chosen] > 0]
    if not chosen.size:
        raise DataError(f"none of the {table.height} rows is given with a positive weight: an encoding needs one")
    taken = table.select(column.name for column in used)[chosen]
    parts = [_fit_parts(taken[column.name], column.kind, weight[chosen], chosen, settings) for column in used]
    return Encoding(settings, tuple(part for of_column in parts for part in of_column))


def check_finite(table: pl.DataFrame, columns: Sequence[Column]) -> None:
    """Refuse infinities in the used columns of numbers, dates and times; a category may be called so.

    Raises:
        DataError: naming the first such column, how many values are infinite and the first of their rows.
    """
    for column in columns:
        if column.used and column.kind.ordered:
            check_no_infinity(as_measured(table[column.name], column.kind), column.name)


def check_columns(table: pl.DataFrame, names: Sequence[str]) -> None:
    """Refuse a table that lacks a column.

    Raises:
        DataError: naming the columns that are absent and those that are there.
    """
    if absent := [name for name in names if name not in table.columns]:
        raise DataError(f"the table lacks the column(s) {absent}; it has {table.columns}")


def _fit_parts(
    series: pl.Series, kind: Kind, weights: Floats, rows: Integers, settings: EncodingSettings
) -> tuple[Part, ...]:
    """Return a column's parts: one, but for a date also one for each part of it that differs from row to row."""
    if kind is Kind.boolean:
        return (_fit_boolean(series, weights),)
    if kind is Kind.category:
        return (_fit_category(series, weights, settings),)
    values = as_measured(series, kind)
    check_no_infinity(values, series.name, rows)
    if kind is Kind.time:
        return (_fit_cycle(series.name, kind, "hour", values, weights, settings),)
    itself = _fit_number(series.name, kind, values, weights, settings)
    if kind is not Kind.date:
        return (itself,)
    return (
        itself,
        *(_fit_calendar(series.name, of, calendar(values, of), weights, settings) for of in varying(values)),
    )


def _fit_calendar(
    name: str, of: str, values: Floats, weights: Floats, settings: EncodingSettings
) -> NumberPart | CyclePart:
    """Return the part for a year, a month, a weekday or an hour."""
    if of not in PERIODS:
        year = _fit_number(name, Kind.date, values, weights, settings)
        return replace(year, of=of, missing=False, span=())  # the date itself says that it is missing, or far away
    return _fit_cycle(name, Kind.date, of, values, weights, settings)


def _fit_cycle(
    name: str, kind: Kind, of: str, values: Floats, weights: Floats, settings: EncodingSettings
) -> CyclePart:
    missing = kind is Kind.time and bool(np.isnan(values).any())
    data = distribution(values, weights)
    if not len(data.values):
        return CyclePart(name, kind, of, middle=0.0, knots=(), missing=missing)
    places = tuple(knots(data, settings.pieces).tolist())
    return CyclePart(name, kind, of, middle=float(quantiles(data, [0.5])[0]), knots=places, missing=missing)


def _fit_number(name: str, kind: Kind, values: Floats, weights: Floats, settings: EncodingSettings) -> NumberPart:
    missing = bool(np.isnan(values).any())
    data = distribution(values, weights)
    if not len(data.values):
        return NumberPart(name, kind, "", 0.0, 1.0, smooth=False, middle=0.0, knots=(), missing=missing, span=())
    middle = float(quantiles(data, [0.5])[0])
    smooth = settings.normalisation == "robust"
    offset, scale = (middle, _robust_scale(data)) if smooth else (mean(data), deviation(data))
    if len(data.values) == 1:  # exactly, so that rounding leaves no trace of a mean
        offset = middle
    places = tuple(knots(data, settings.pieces).tolist())
    span = (float(data.values[0]), float(data.values[-1]))
    return NumberPart(
        name, kind, "", offset, scale, smooth=smooth, middle=middle, knots=places, missing=missing, span=span
    )


def _robust_scale(data: Distribution) -> float:
    """Return the quartile range as deviations of a normal distribution; the deviation where the range is 0."""
    low, high = quantiles(data, [0.25, 0.75]).tolist()
    return (high - low) / _QUARTILES_OF_NORMAL or deviation(data)


def _fit_boolean(series: pl.Series, weights: Floats) -> BooleanPart:
    labels = as_labels(series).str.to_lowercase()
    present = labels.drop_nulls().unique().sort().to_list()
    false, true = _boolean_labels(present)
    missing = labels.null_count() > 0
    counted = (~labels.is_null()).to_numpy()
    share = (
        np.average((labels == true).fill_null(False).to_numpy()[counted], weights=weights[counted]) if present else 0.0
    )
    if len(present) == 1 and not _paired(present[0]):
        return BooleanPart(series.name, "", true, middle=0.0, missing=False)  # present or not is all there is to say
    return BooleanPart(series.name, false, true, middle=float(share), missing=missing)


def _boolean_labels(present: Sequence[str]) -> tuple[str, str]:
    """Return the labels that mean false and true; of other values the greater is true."""
    if pair := next((pair for label in present for pair in _paired(label) if set(present) <= set(pair)), None):
        return pair
    return (present[0], present[-1]) if present else ("0", "1")


def _paired(label: str) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in (("0", "1"), *BOOLEAN_WORDS) if label in pair)


def _fit_category(series: pl.Series, weights: Floats, settings: EncodingSettings) -> CategoryPart:
    labels = as_labels(series)
    missing = bool(is_missing(labels).any())
    names = labels.drop_nulls().unique().sort().to_list()
    codes = labels.cast(pl.Enum(names)).to_physical().fill_null(len(names)).to_numpy()
    weight = np.bincount(codes, weights=weights, minlength=len(names))[: len(names)]
    kept = [index for index in range(len(names)) if weight[index] >= settings.rare]
    if len(kept) > settings.most_categories or len(kept) < len(names):
        kept = sorted(sorted(kept, key=lambda index: -weight[index])[: settings.most_categories - 1])
    own = set(kept)
    rare = tuple(name for index, name in enumerate(names) if index not in own)
    return CategoryPart(
        series.name,
        tuple(names[index] for index in kept),
        other=bool(rare),
        missing=missing,
        rare=rare if len(rare) <= _MOST_RARE else (),
    )
