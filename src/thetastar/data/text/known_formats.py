"""How columns of an earlier file were written, where a new file is known to be written in another way."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from thetastar.data.reading import ColumnFormat, ReadOptions
from thetastar.data.text.date_text import parse_dates
from thetastar.data.text.missing import MISSING_BESIDE_VALUES, without

__all__ = ["of_workbook", "overruled"]


def overruled(formats: tuple[ColumnFormat, ...], options: ReadOptions) -> tuple[ColumnFormat, ...]:
    """Return the formats with what is asked for now in place of what was decided then.

    Example:
        >>> overruled((ColumnFormat("a", "number"),), ReadOptions(decimal=","))[0].decimal
        ','
    """
    return tuple(_overruled(form, options) for form in formats)


def _overruled(form: ColumnFormat, options: ReadOptions) -> ColumnFormat:
    if form.kind == "number" and options.decimal not in (None, form.decimal):
        return replace(form, decimal=options.decimal, grouping="")
    if form.kind == "date" and options.dates is not None and form.order in ("dmy", "mdy"):
        return replace(form, order=options.dates)
    return form


def of_workbook(formats: tuple[ColumnFormat, ...], cells: pl.DataFrame) -> tuple[ColumnFormat, ...]:
    """Return the formats for the cells of a workbook: a machine wrote its numbers and dates, whatever it shows.

    A column that a person typed in as texts keeps its format.
    """
    return tuple(_of_machine(form, cells[form.column]) if form.column in cells.columns else form for form in formats)


def _of_machine(form: ColumnFormat, texts: pl.Series) -> ColumnFormat:
    mark = texts.str.to_lowercase().is_in(MISSING_BESIDE_VALUES).fill_null(False)
    values = without(texts.set(mark, None), form.missing).drop_nulls()
    if form.kind == "number" and values.cast(pl.Float64, strict=False).null_count() == 0:
        return replace(form, decimal=".", grouping="")
    if form.kind == "date" and parse_dates(values, "ymd").null_count() == 0:
        return replace(form, order="ymd")
    return form
