"""Apply an encoding: a table becomes a matrix of numbers that functions can read."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.arrays import Floats
from thetastar.data.calendar import PERIODS, calendar
from thetastar.data.column import Kind
from thetastar.data.convert import as_days, as_labels, as_measured
from thetastar.data.encoding import (
    BooleanPart,
    CategoryPart,
    CyclePart,
    Encoding,
    NumberPart,
    Part,
    pieces_width,
    plain_width,
)
from thetastar.data.fit_encoding import check_columns

__all__ = ["encode", "smooth_clip"]

Matrix = npt.NDArray[np.float32]

_FARTHEST = 1e6  # deviations; a plain number beyond counts as that far, so that its square still fits a float32
_BEND = 3.0  # of the smooth clip: where z is that large, it has become z/√2


def encode(encoding: Encoding, table: pl.DataFrame) -> Matrix:
    """Return the table as a matrix of shape [rows, encoding.width], ``encoding.features`` says what each column is.

    Values are computed in float64. A missing or infinite number, date or boolean stands at the training rows' centre (0
    after normalisation, the share of true for a boolean), its pieces where the median's stand. A category
    that the training rows did not have goes to the output of all others if there is one, and otherwise has no
    output. Of a missing date the sine and cosine are 0. Numbers beyond a million deviations count as a million. No
    output is ever infinite or NaN.

    Raises:
        DataError: if a column isn't in the table.

    Example:
        >>> from thetastar.data import decide_columns, fit_encoding
        >>> table = pl.DataFrame({"size": [1.0, 3.0], "town": ["Ulm", "Bonn"]})
        >>> columns = decide_columns(table, overrules={"town": "category"})
        >>> encode(fit_encoding(table, columns), table)
        array([[-1.,  0.,  1.],
               [ 1.,  1.,  0.]], dtype=float32)
    """
    check_columns(table, [part.column for part in encoding.parts])
    matrix = np.zeros((table.height, encoding.width), dtype=np.float32)
    plain, piece = 0, encoding.plain
    for column, parts in itertools.groupby(encoding.parts, key=lambda part: part.column):
        read = _Values(table[column])
        for part in parts:
            plain_end, piece_end = plain + plain_width(part), piece + pieces_width(part)
            _fill(part, read, matrix[:, plain:plain_end], matrix[:, piece:piece_end])
            plain, piece = plain_end, piece_end
    return matrix


def smooth_clip(z: Floats) -> Floats:
    """Return z/√(1 + (z/3)²), which bends towards ±3: how the robust normalisation ends.

    Example:
        >>> smooth_clip(np.array([0.0, 3.0, -1e6])).round(3)
        array([ 0.   ,  2.121, -3.   ])
    """
    bent: Floats = z / np.sqrt(1 + (z / _BEND) ** 2)
    return bent


@dataclass(frozen=True)
class _Values:
    """A column, and its dates once they are asked for: all parts of a date are read from the same days."""

    series: pl.Series

    @cached_property
    def days(self) -> Floats:
        return as_days(self.series)

    def numbers(self, part: NumberPart | CyclePart) -> Floats:
        """Return what a part reads of the column, NaN where there is nothing."""
        values = self.days if part.kind is Kind.date else as_measured(self.series, part.kind)
        values = np.where(np.isinf(values), np.nan, values)  # where it lies is as unknown as that of a missing one
        return calendar(values, part.of) if part.of and part.kind is Kind.date else values


def _fill(part: Part, column: _Values, plain: Matrix, pieces: Matrix) -> None:
    """Write a column's outputs into the columns of the matrix that are its own."""
    if isinstance(part, NumberPart):
        values = column.numbers(part)
        _fill_number(part, values, plain)
        _fill_pieces(part, values, pieces)
    elif isinstance(part, CyclePart):
        values = column.numbers(part)
        _fill_cycle(part, values, plain)
        _fill_pieces(part, values, pieces)
    elif isinstance(part, BooleanPart):
        _fill_boolean(part, column.series, plain)
    else:
        _fill_category(part, column.series, plain)


def _fill_number(part: NumberPart, values: Floats, plain: Matrix) -> None:
    missing = np.isnan(values)
    with np.errstate(over="ignore"):  # a tiny scale may lift a huge value to infinity, which the clip then takes
        z = np.clip((values - part.offset) / part.scale, -_FARTHEST, _FARTHEST)
    if part.smooth:
        z = smooth_clip(z)
    z[missing] = 0.0
    plain[:, 0] = z
    if part.missing:
        plain[:, 1] = missing


def _fill_cycle(part: CyclePart, values: Floats, plain: Matrix) -> None:
    """Write the place on the circle; a missing value stands at its centre."""
    angle = 2 * np.pi * values / PERIODS[part.of]
    missing = np.isnan(values)
    plain[:, 0] = np.where(missing, 0.0, np.sin(angle))
    plain[:, 1] = np.where(missing, 0.0, np.cos(angle))
    if part.missing:
        plain[:, 2] = missing


def _fill_pieces(part: NumberPart | CyclePart, values: Floats, pieces: Matrix) -> None:
    """Write clip((x − a)/(b − a), 0, 1) for each pair of neighbouring knots.

    All pieces left of the value are 1, all right of it 0, so only the one around it is computed.
    """
    count = pieces.shape[1]
    if not count:
        return
    places = np.asarray(part.knots)
    x = np.clip(np.where(np.isnan(values), part.middle, values), places[0], places[-1])
    piece = np.clip(np.searchsorted(places, x, side="right") - 1, 0, count - 1)
    pieces[:] = np.arange(count) < piece[:, None]
    pieces[np.arange(len(x)), piece] = (x - places[piece]) / (places[piece + 1] - places[piece])


def _fill_boolean(part: BooleanPart, series: pl.Series, plain: Matrix) -> None:
    labels = as_labels(series).str.to_lowercase()
    true = (labels == part.true).fill_null(False).to_numpy()
    if not part.false:
        plain[:, 0] = true
        return
    missing = ~true & (labels != part.false).fill_null(True).to_numpy()
    plain[:, 0] = np.where(missing, part.middle, true)
    if part.missing:
        plain[:, 1] = missing


def _fill_category(part: CategoryPart, series: pl.Series, plain: Matrix) -> None:
    labels = as_labels(series)
    missing = labels.is_null().to_numpy()
    known = len(part.categories)
    codes = labels.cast(pl.Enum(part.categories), strict=False).to_physical().cast(pl.Int64).fill_null(known).to_numpy()
    rows = np.flatnonzero(codes < known)
    plain[rows, codes[rows]] = 1.0
    if part.other:
        plain[:, known] = (codes == known) & ~missing
    if part.missing:
        plain[:, -1] = missing
