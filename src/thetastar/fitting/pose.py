"""From a table to a problem: what the columns are, what is predicted, which rows judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.data import (
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


def pose(
    table: pl.DataFrame,
    y: pl.Series,
    *,
    weights: npt.NDArray[np.floating] | None,
    task: str,
    kinds: Mapping[str, str] | None,
    recipe: Recipe,
    groups: pl.Series | None,
    times: pl.Series | None,
    known: pl.Series | None = None,
    seed: int,
    deadline: Deadline,
) -> Posed:
    """Decide columns, target and split; check what can be checked before any work is done.

    Where nothing says how to split, rows near each other are asked for their independence; if they have none, they are
    kept together. With a random split the rows are sorted by content and identical ones merged; of more than a million
    rows, identical ones are kept in the same fold instead.

    Args:
        table: Input columns only.
        y: The target.
        weights: One per row; None for 1 each.
        task: regression, classification or auto.
        kinds: Column name → kind, where the decision should be overruled.
        recipe: Folds, split, normalisation and pieces are used.
        groups: Which group each row belongs to, or None.
        times: When each row happened, or None.
        known: When its inputs were known, if that is earlier.
        seed: Of a random split.
        deadline: When the whole fit has to be done.

    Raises:
        DataError: if the table or the target can't be used.
        UserError: if what is asked for doesn't fit together.
    """
    if len(y) != table.height:
        raise DataError(f"the target has {len(y)} values but the table has {table.height} rows: give one per row")
    if groups is not None and times is not None:
        raise UserError("rows are kept together either by group or by time, not both: give one of them")
    if len(y) < 2:
        raise DataError(f"a function needs at least 2 rows to learn from; seen {len(y)}")
    columns = decide_columns(table, overrules=kinds)
    used = table.select([column.name for column in columns if column.used])
    if not used.width:
        reasons = ", ".join(f"{column.name!r} ({column.kind.value})" for column in columns) or "there are none"
        raise DataError(f"no column can be used: {reasons}. Overrule the kind of one, or give more columns")
    check_finite(used, columns)
    target = decide_target(y, task=task)
    values = target_values(target, y)
    how = _split_kind(recipe, bool(target.classes), groups, times)
    mass = check_weights(weights, len(y))
    independence = None
    if recipe.split == "auto" and how in ("random", "stratified"):
        independence = check_independence(
            used,
            values,
            rows=np.flatnonzero(mass),
            columns=columns,
            target=target,
            folds=recipe.folds,
            seed=seed,
            deadline=deadline.sooner(max(deadline.left(), 0.0) * _CHECK_SHARE),
        )
        how, groups, times = _split_found(independence, how, used)
    merged, contents = None, None
    exchangeable = how in ("random", "stratified")
    if exchangeable and len(values) <= _MOST_MERGED:
        rows = int(np.count_nonzero(mass))
        used, values, mass = merge_identical_rows(used, values, mass)
        merged = rows - len(values)
    else:
        if not mass.all():  # or a very large table would be copied for nothing
            kept = np.flatnonzero(mass > 0)
            used, values, mass = used[kept], values[kept], mass[kept]
            groups, times, known = (None if series is None else series[kept] for series in (groups, times, known))
        contents = content_numbers(used) if exchangeable else None
    folds = min(recipe.folds, len(values))
    if folds < 2:
        raise DataError(f"a function needs at least 2 different rows to learn from; seen {len(values)}")
    splitter = Splitter(how, folds, values, groups, times, seed, contents, known)
    encoding = EncodingSettings(normalisation=recipe.normalisation, pieces=recipe.pieces)
    return Posed(Problem(used, values, mass, columns, target, encoding, merged), splitter, independence)


def _split_found(
    independence: Independence, how: str, used: pl.DataFrame
) -> tuple[str, pl.Series | None, pl.Series | None]:
    """Return the split that suits what was found, with the groups or times that it needs."""
    if not independence.dependent:
        return how, None, None
    if independence.kind == "group":
        return "group", used[independence.order], None
    return "blocked", None, used[independence.order] if independence.order else None


def _split_kind(recipe: Recipe, classes: bool, groups: pl.Series | None, times: pl.Series | None) -> str:
    """Return how to split, as asked or as the data suggest."""
    if recipe.split == "auto":
        if groups is not None:
            return "group"
        return "time" if times is not None else ("stratified" if classes else "random")
    if recipe.split == "group" and groups is None:
        raise UserError("a split by group needs the groups: name their column")
    if recipe.split == "time" and times is None:
        raise UserError("a split by time needs the times: name their column")
    if recipe.split == "stratified" and not classes:
        raise UserError("a stratified split needs classes; the target is a number")
    return recipe.split
