"""A table in as little memory as its values need."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from thetastar.data.column import Column, Kind

__all__ = ["slim"]


def slim(table: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    """Return the columns that are used, with the texts of categories as numbers of a list that holds each text once.

    A text takes sixteen bytes a row or more, its number one byte if there are few of them. The values stay the
    same. A table of which no column is used stays as it is.

    Args:
        table: As ``read`` returns it.
        columns: What each of its columns is.

    Example:
        >>> from thetastar.data import decide_columns
        >>> table = pl.DataFrame({"town": ["Ulm", "Bonn", "Ulm"], "nothing": [None, None, None]})
        >>> slim(table, decide_columns(table))["town"].to_list()
        ['Ulm', 'Bonn', 'Ulm']
    """
    used = [_slim(table[column.name], column.kind) for column in columns if column.used]
    return table.select(used) if used else table


def _slim(series: pl.Series, kind: Kind) -> pl.Series:
    if series.dtype != pl.String or kind not in (Kind.category, Kind.boolean):
        return series
    numbered: pl.Series = series.cast(pl.Enum(series.drop_nulls().unique().sort()))
    return numbered
