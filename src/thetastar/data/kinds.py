"""What kind of column each one is, decided from its values, with the reason, and what a person overrules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from thetastar.data.column import Column, Kind
from thetastar.data.convert import as_labels, as_measured, is_missing
from thetastar.data.text.names import unnamed
from thetastar.errors import DataError, UserError

__all__ = ["BOOLEAN_WORDS", "FEW", "decide_columns", "is_identifier_name"]

# (false, true), in lower case
BOOLEAN_WORDS = (
    ("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"), ("off", "on"),
    ("否", "是"), ("假", "真"), ("无", "有"), ("無", "有"),
)  # fmt: skip

FEW = 20  # a column of so few distinct values may be codes, or categories, whatever it looks like
_MOSTLY = 0.5  # share of rows with a value of their own from which a text can't be a category
_LONG = 40  # characters; texts longer than this on average are prose
_SEVERAL_WORDS = r"\S\s+\S|\p{Han}{6}"  # Chinese has no blanks between words, which are short
_IDENTIFIER_NAMES = (
    "id",
    "index",
    "key",
    "uuid",
    "rowid",
    "row_id",
    "unnamed: 0",
    "编号",
    "序号",
    "編號",
    "序號",
)
_UNUSED = (Kind.identifier, Kind.text, Kind.constant)


def decide_columns(
    table: pl.DataFrame,
    *,
    overrules: Mapping[str, Kind | str] | None = None,
    leave_out: Collection[str] = (),
) -> tuple[Column, ...]:
    """Return what each column of the table is; those in ``leave_out`` (target, groups) aren't listed.

    Texts are words: numbers and dates among them were told by ``read``.

    Numbers stay numbers even when they are whole and few (reason ``integer_codes``), because their order may
    carry meaning; say ``{"column": "category"}`` where it doesn't. Two values that are 0 and 1 or a pair of
    words such as yes and no are a boolean. A column of one value and missing ones is a boolean too: whether
    there is a value. Not used are constants, identifiers (texts that are all different, of
    several words or of one, which is a code; whole numbers that count the rows, or are all distinct under a name
    like ``id``) and text (long, or different in most rows). A row number that is the table's
    only column is used after all.

    Raises:
        UserError: if an overruled column isn't in the table, or the kind isn't one of ``Kind``.
        DataError: if a column's values can't be read as the kind asked for.

    Example:
        >>> table = pl.DataFrame({"size": [1.5, 2.5, 2.0], "town": ["Ulm", "Bonn", "Ulm"]})
        >>> [(column.name, column.kind.value, column.reason) for column in decide_columns(table)]
        [('size', 'number', 'numeric'), ('town', 'category', 'few_distinct')]
    """
    wanted = {name: _as_kind(name, kind) for name, kind in (overrules or {}).items()}
    if unknown := sorted(set(wanted) - set(table.columns)):
        raise UserError(f"kinds were given for {unknown}, but the columns are {table.columns}")
    columns = []
    for series in table:
        if series.name not in leave_out:
            column = decide_column(series)
            columns.append(_overrule(column, wanted[series.name], series) if series.name in wanted else column)
    return _keep_something(tuple(columns))


def decide_column(series: pl.Series) -> Column:
    """Return what one column is, by its values and, for identifiers only, its name."""
    present = series.filter(~is_missing(series))
    distinct = present.n_unique()
    missing = len(series) - len(present)
    kind, reason = _decide(present, distinct, missing)
    example = str(present[0]) if len(present) else ""
    return Column(series.name, kind, kind not in _UNUSED, reason, missing, distinct, example, overruled=False)


def _decide(present: pl.Series, distinct: int, missing: int) -> tuple[Kind, str]:
    """Return kind and reason code of a column's values that aren't missing."""
    if distinct == 0:
        return Kind.constant, "empty"
    if distinct == 1:
        return (Kind.boolean, "one_value_or_missing") if missing else (Kind.constant, "one_value")
    if present.dtype == pl.Boolean:
        return Kind.boolean, "boolean"
    if present.dtype in (pl.Date, pl.Datetime):
        return Kind.date, "dates"
    if present.dtype == pl.Time:
        return Kind.time, "times"
    if present.dtype.is_numeric():
        return _decide_numbers(present, distinct)
    if present.dtype.is_temporal():
        return Kind.number, "durations"
    return _decide_texts(present, distinct)


def _decide_numbers(present: pl.Series, distinct: int) -> tuple[Kind, str]:
    if distinct == 2 and present.min() == 0 and present.max() == 1:
        return Kind.boolean, "zero_one"
    if not present.dtype.is_integer():
        return Kind.number, "numeric"
    if distinct == len(present):
        values = present.to_numpy()
        if values[0] in (0, 1) and bool((np.diff(values) == 1).all()):
            return Kind.identifier, "row_number"
        if present.name == unnamed(1):
            return Kind.identifier, "unnamed_identifier"
        if is_identifier_name(present.name):
            return Kind.identifier, "named_identifier"
    return Kind.number, "integer_codes" if distinct <= FEW and distinct < len(present) else "numeric"


def is_identifier_name(name: str) -> bool:
    """Tell whether a column is called like one that tells rows, or what they belong to, apart."""
    return name.lower() in _IDENTIFIER_NAMES or name.lower().endswith("_id") or name.endswith(("Id", "ID"))


def _decide_texts(present: pl.Series, distinct: int) -> tuple[Kind, str]:
    if _boolean_words(present) is not None:
        return Kind.boolean, "boolean_words"
    if isinstance(present.dtype, (pl.Categorical, pl.Enum)):
        return Kind.category, "categorical_dtype"
    present = present.str.strip_chars()
    length = float(present.str.len_chars().cast(pl.Float64).to_numpy().mean())
    if distinct == len(present):
        if length > _LONG:
            return Kind.text, "long_text"
        wordy = float(present.str.contains(_SEVERAL_WORDS).cast(pl.Float64).to_numpy().mean()) > _MOSTLY
        return Kind.identifier, "all_distinct_text" if wordy else "distinct_code"
    if distinct > FEW and distinct > _MOSTLY * len(present):
        return Kind.text, "mostly_distinct_text"
    if distinct > FEW and length > _LONG:
        return Kind.text, "long_text"
    return Kind.category, "few_distinct" if distinct <= FEW else "many_distinct"


def _boolean_words(present: pl.Series) -> tuple[str, str] | None:
    """Return the pair of words that all the values are, if there is one."""
    words = set(as_labels(present.unique()).str.to_lowercase())
    return next((pair for pair in BOOLEAN_WORDS if words == set(pair)), None)


def _as_kind(name: str, kind: Kind | str) -> Kind:
    try:
        return Kind(kind)
    except ValueError as error:
        kinds = ", ".join(item.value for item in Kind)
        raise UserError(f"column {name!r}: there is no kind {kind!r}; the kinds are {kinds}") from error


def _overrule(column: Column, kind: Kind, series: pl.Series) -> Column:
    """Return the column with the kind asked for, after checking that its values can be read so."""
    if kind.ordered:
        _check_readable(series, kind)
    if kind is Kind.boolean and column.distinct > 2:
        raise DataError(f"column {column.name!r} has {column.distinct} distinct values, a boolean has two")
    used = kind not in _UNUSED and column.distinct > 0
    return replace(column, kind=kind, used=used, reason="overruled", overruled=True)


def _check_readable(series: pl.Series, kind: Kind) -> None:
    """Refuse a column of which not one value can be read as a number, or any value can't be read as a date or time."""
    values = as_measured(series, kind)
    failed = np.isnan(values) & ~is_missing(series).to_numpy()
    if failed.any() and (kind is not Kind.number or np.isnan(values).all()):
        first = int(np.flatnonzero(failed)[0])
        raise DataError(
            f"column {series.name!r} can't be read as {kind.value}: {int(failed.sum())} value(s) are none, "
            f"the first is {series[first]!r} in row {first + 1}"
        )


def _keep_something(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Use a row number if the table has nothing else: then it is the measured x, not a number of the row."""
    if any(column.used for column in columns):
        return columns
    rescued = [c for c in columns if c.reason == "row_number"]
    return tuple(
        replace(column, kind=Kind.number, used=True, reason="only_column") if rescued[:1] == [column] else column
        for column in columns
    )
