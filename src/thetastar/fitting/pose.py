"""From a table to a problem: what the columns are, what is predicted, which rows judge."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from thetastar.arrays import Floats, Integers
from thetastar.data import (
    Column,
    EncodingSettings,
    check_finite,
    check_weights,
    content_numbers,
    decide_columns,
    decide_target,
    merge_identical_rows,
    target_values,
)
from thetastar.descent import Deadline
from thetastar.errors import DataError, UserError
from thetastar.fitting.checks.independence import check_independence
from thetastar.fitting.problem import Problem
from thetastar.fitting.question import Question
from thetastar.fitting.recipe import Recipe
from thetastar.fitting.record import Independence
from thetastar.fitting.splitter import Splitter

__all__ = ["Posed", "pose"]

_MOST_MERGED = 1_000_000  # rows: sorting more takes too much memory, and one repetition among them means little
_CHECK_SHARE = 0.1  # of the time left may be spent on asking whether the rows are independent


@dataclass(frozen=True)
class Posed:
    """What is to be learned, which rows judge, and what was found out about the rows on the way.

    Attributes:
        problem: Table, target and weights.
        splitter: How the rows are split.
        independence: Whether rows near each other are independent; None where the split was given.
    """

    problem: Problem
    splitter: Splitter
    independence: Independence | None


def pose(question: Question, *, recipe: Recipe, seed: int, deadline: Deadline) -> Posed:
    """Decide columns, target and split; check what can be checked before any work is done.

    Where nothing says how to split, rows near each other are asked for their independence; if they have none, they are
    kept together. With a random split the rows are sorted by content and identical ones merged; of more than a million
    rows, identical ones are kept in the same fold instead.

    Args:
        question: What is to be learned from.
        recipe: Folds, split, normalisation and pieces are used.
        seed: Of a random split.
        deadline: When the whole fit has to be done.

    Raises:
        DataError: if the table or the target can't be used.
        UserError: if what is asked for doesn't fit together.
    """
    _check_sizes(question)
    used, columns = _used(question)
    target = decide_target(question.y, task=question.task)
    rows = _Rows(
        used,
        target_values(target, question.y),
        check_weights(question.weights, used.height),
        question.groups,
        question.times,
        question.known,
    )
    how = _split_kind(recipe, bool(target.classes), rows)
    independence = None
    if recipe.split == "auto" and how in ("random", "stratified"):
        independence = check_independence(
            used,
            rows.values,
            rows=np.flatnonzero(rows.mass),
            columns=columns,
            target=target,
            folds=recipe.folds,
            seed=seed,
            deadline=deadline.sooner(max(deadline.left(), 0.0) * _CHECK_SHARE),
        )
        how, rows = _split_found(independence, how, rows)
    exchangeable = how in ("random", "stratified")
    if exchangeable and used.height <= _MOST_MERGED:
        rows, merged = _merged(rows)
        contents = None
    else:
        rows, merged = _with_mass(rows), None
        contents = content_numbers(rows.table) if exchangeable else None
    folds = min(recipe.folds, rows.table.height)
    if folds < 2:
        raise DataError(f"a function needs at least 2 different rows to learn from; seen {rows.table.height}")
    splitter = Splitter(how, folds, rows.values, rows.groups, rows.times, seed, contents, rows.known)
    encoding = EncodingSettings(normalisation=recipe.normalisation, pieces=recipe.pieces)
    return Posed(Problem(rows.table, rows.values, rows.mass, columns, target, encoding, merged), splitter, independence)


@dataclass(frozen=True, eq=False)
class _Rows:
    """The rows on their way from the question to the problem: used columns, target and weights as numbers."""

    table: pl.DataFrame
    values: Floats | Integers
    mass: Floats
    groups: pl.Series | None
    times: pl.Series | None
    known: pl.Series | None


def _check_sizes(question: Question) -> None:
    rows = len(question.y)
    if rows != question.table.height:
        raise DataError(
            f"the target has {rows} values but the table has {question.table.height} rows: give one per row"
        )
    if question.groups is not None and question.times is not None:
        raise UserError(
            "rows are kept together either by group or by time, not both: give one of them; of several series, "
            "which are predicted from their own past values, `thetastar fit` takes both with --lags"
        )
    if rows < 2:
        raise DataError(f"a function needs at least 2 rows to learn from; seen {rows}")


def _used(question: Question) -> tuple[pl.DataFrame, tuple[Column, ...]]:
    """Return the columns that are learned from, and what was decided of all."""
    columns = question.columns or decide_columns(question.table, overrules=question.kinds)
    used = question.table.select([column.name for column in columns if column.used])
    if not used.width:
        reasons = ", ".join(f"{column.name!r} ({column.kind.value})" for column in columns) or "there are none"
        raise DataError(f"no column can be used: {reasons}. Overrule the kind of one, or give more columns")
    check_finite(used, columns)
    return used, columns


def _merged(rows: _Rows) -> tuple[_Rows, int]:
    """Return the different rows in the order of their content, and how many others were merged into them."""
    table, values, mass = merge_identical_rows(rows.table, rows.values, rows.mass)
    left_out = int(np.count_nonzero(rows.mass)) - len(values)
    return replace(rows, table=table, values=values, mass=mass), left_out


def _with_mass(rows: _Rows) -> _Rows:
    """Return the rows whose weight isn't zero."""
    if rows.mass.all():  # or a very large table would be copied for nothing
        return rows
    kept = np.flatnonzero(rows.mass > 0)
    groups, times, known = (None if one is None else one[kept] for one in (rows.groups, rows.times, rows.known))
    return _Rows(rows.table[kept], rows.values[kept], rows.mass[kept], groups, times, known)


def _split_found(independence: Independence, how: str, rows: _Rows) -> tuple[str, _Rows]:
    """Return the split that suits what was found, and the rows with the groups or times that it needs."""
    if not independence.dependent:
        return how, rows
    order = rows.table[independence.order] if independence.order else None
    if independence.kind == "group":
        return "group", replace(rows, groups=order)
    return "blocked", replace(rows, times=order)


def _split_kind(recipe: Recipe, classes: bool, rows: _Rows) -> str:
    """Return how to split, as asked or as the data suggest."""
    if recipe.split == "auto":
        if rows.groups is not None:
            return "group"
        return "time" if rows.times is not None else ("stratified" if classes else "random")
    if recipe.split == "group" and rows.groups is None:
        raise UserError("a split by group needs the groups: name their column")
    if recipe.split == "time" and rows.times is None:
        raise UserError("a split by time needs the times: name their column")
    if recipe.split == "stratified" and not classes:
        raise UserError("a stratified split needs classes; the target is a number")
    return recipe.split
