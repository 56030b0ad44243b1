"""What stands below a table and is no row of it: remarks, totals, averages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from thetastar.arrays import Flags, Floats
from thetastar.data.convert import as_numbers
from thetastar.data.reading import Note, ReadOptions
from thetastar.data.text.date_text import is_date
from thetastar.data.text.number_text import split_numbers
from thetastar.data.text.typed import typed

__all__ = ["Drawn", "without_footer"]

_MOST = 5  # lines that are looked at
_REMARK_WIDTH = 3  # columns; in fewer a row of one cell may be a row
_SUMS = (
    *("total", "totals", "grand total", "sum", "subtotal", "all"),
    *("合计", "总计", "总和", "小计", "共计", "合計", "總計", "總和", "小計", "共計"),
)
_MEANS = ("average", "avg", "mean", "平均", "平均值", "均值")
_ROUNDING = 1e-3  # a printed total may be rounded


@dataclass(frozen=True, eq=False)
class Drawn:
    """Rows of a table by which the sums over all of it are judged.

    Attributes:
        rows: As trimmed texts.
        times: As many rows the table has as these.
        tolerance: By how much a sum or mean may be off, relative to it.
    """

    rows: pl.DataFrame
    times: float
    tolerance: float = 0.2  # a row called total that is so near the sum of millions of others is no row like them


def without_footer(
    cells: pl.DataFrame, *, options: ReadOptions, delimiter: str, drawn: Drawn | None = None
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Return the rows without remarks and totals at their end, and what was left out.

    A remark is a line of one cell where all other rows have several. A total is a line that is called so and holds the
    sums, or the means, of the numbers above it: a row that happens to have the name is none.

    Args:
        cells: Trimmed texts under the columns' names, null where nothing is written.
        options: Decimal mark and order of dates, if asked for.
        delimiter: Of the file, which says something about its decimal mark.
        drawn: Where the cells are only the last ones of a table: some of its rows, by which the sums are estimated.
    """
    rows, remarks = _without_remarks(cells)
    names = [next((cell for cell in row if cell and _is_total(cell)), "") for row in rows.tail(_MOST).rows()]
    called = _at_end(names)
    if not 0 < called < rows.height:
        return rows, remarks
    body, last = rows[:-called], rows[-called:]
    means = np.array([_plain(name) in _MEANS for name in names[-called:]])
    above = drawn or Drawn(body, 1.0, _ROUNDING)
    if not _sums_up(above, last, means=means, options=options, delimiter=delimiter):
        return rows, remarks
    return body, (*remarks, Note("totals", rows=called, texts=tuple(names[-called:])))


def _without_remarks(cells: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    filled = cells.select(pl.sum_horizontal(pl.all().is_not_null().cast(pl.Int64))).to_series()
    lines = _at_end([bool(count == 1) for count in filled.tail(_MOST + 1)])
    rows = cells.height - lines
    if cells.width < _REMARK_WIDTH or not 0 < lines <= _MOST or (filled.head(rows) <= 1).any() or rows < lines:
        return cells, ()
    remarks = [next(cell for cell in row if cell) for row in cells.tail(lines).rows()]
    if split_numbers(pl.Series(remarks))["body"].count() or any(map(is_date, remarks)):
        return cells, ()  # rows of which nothing else is known yet
    return cells.head(rows), (Note("remarks_below", text=remarks[0], rows=lines),)


def _at_end(flags: list[bool] | list[str]) -> int:
    """Return how many flags at the end are set."""
    return next((place for place, flag in enumerate(reversed(flags)) if not flag), len(flags))


def _is_total(cell: str) -> bool:
    return _plain(cell) in (*_SUMS, *_MEANS)


def _plain(cell: str) -> str:
    return cell.strip(" :：*").lower()


def _sums_up(drawn: Drawn, last: pl.DataFrame, *, means: Flags, options: ReadOptions, delimiter: str) -> bool:
    """Say whether each of the last rows holds sums, or means, of at least half of the columns of numbers it fills."""
    above, formats, _ = typed(drawn.rows, options=options, delimiter=delimiter)
    numeric = [column.name for column in above if column.dtype.is_numeric() and column.count()]
    below, _, _ = typed(last, options=options, known=formats)
    hits = np.zeros(last.height)
    written = np.zeros(last.height)
    for name in numeric:
        values, ends = as_numbers(above[name]), as_numbers(below[name])
        hits += _near(ends, values[np.isfinite(values)], drawn, means=means)
        written += ~np.isnan(ends)
    return bool((hits > 0).all() and (2 * hits >= written).all())


def _near(ends: Floats, values: Floats, drawn: Drawn, *, means: Flags) -> Flags:
    """Return which numbers are the sum or the mean of the values; of zeros, that couldn't be told."""
    with np.errstate(over="ignore"):
        total = float(values.sum())
    aims = np.where(means, total / max(len(values), 1), drawn.times * total)
    return np.asarray(np.isclose(ends, aims, rtol=drawn.tolerance, atol=0.0) & (ends != 0) & np.isfinite(ends))
