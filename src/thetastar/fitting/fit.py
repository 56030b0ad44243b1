"""From a table to a function: the whole fit."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.data import (
    EncodingSettings,
    check_finite,
    check_weights,
    decide_columns,
    decide_target,
    merge_identical_rows,
    target_values,
)
from thetastar.descent import Deadline
from thetastar.errors import DataError, UserError
from thetastar.fitting.climb import Climb, Report, climb
from thetastar.fitting.combine import Combination, Combiner
from thetastar.fitting.compare import Difference, one_standard_error
from thetastar.fitting.curves import curves_of
from thetastar.fitting.describe import formula, piecewise_curves
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.held_out import held_out, rung_errors
from thetastar.fitting.outcome import find_limit
from thetastar.fitting.plain import to_plain
from thetastar.fitting.problem import Folded, Problem, encode_folds
from thetastar.fitting.recipe import Recipe
from thetastar.fitting.record import Choice, Formula, PiecewiseCurve, Record, Rung
from thetastar.fitting.rung_fit import RungFit
from thetastar.fitting.splitter import Splitter
from thetastar.fitting.surface import surface_of
from thetastar.functions import ladder
from thetastar.losses import loss_named

__all__ = ["Fit", "fit"]

_FORMAT = 1
_CLASS_LOSSES = ("cross_entropy", "squared_after_softmax")
_LAST_SHARE = 0.05  # of the budget is kept for drawing up the record
_PACKAGES = ("thetastar", "torch", "numpy", "scipy", "scikit-learn", "polars")


@dataclass(frozen=True)
class Fit:
    """A function, and the record of how it was found."""

    function: FoundFunction
    record: Record


def fit(
    table: pl.DataFrame,
    y: pl.Series,
    *,
    weights: npt.NDArray[np.floating] | None = None,
    task: str = "auto",
    kinds: Mapping[str, str] | None = None,
    recipe: Recipe | None = None,
    groups: pl.Series | None = None,
    times: pl.Series | None = None,
    budget: float = 120.0,
    seed: int = 0,
    source: str = "",
    report: Report | None = None,
) -> Fit:
    """Find the function that predicts ``y`` from the columns of a table.

    Climbs the ladder of function sets on k folds, chooses one by the one-standard-error rule, and averages the folds'
    members or trains on all rows, whichever a fold that neither has seen says. With a random split the rows are sorted
    by content and identical ones merged, so that neither their order nor repeating instead of weighting matters.

    Args:
        table: Input columns only: without the target and without the column of groups or times.
        y: The target, without missing values.
        weights: One per row; None for 1 each.
        task: regression, classification or auto.
        kinds: Column name → kind, where the decision should be overruled.
        recipe: What to do differently; None for the defaults.
        groups: Rows of one group stay together; then folds hold out whole groups.
        times: When each row happened; then validation rows are always later than training rows.
        budget: Seconds of wall-clock time.
        seed: Of every random stream.
        source: Where the table came from, for the record.
        report: Called with the rung's name, its share done and the seconds left.

    Raises:
        DataError: if the table or the target can't be used.
        BudgetError: if the budget ends before the first rung.
        UserError: if what is asked for doesn't fit together.
        KeyboardInterrupt: if interrupted before the first rung was finished; later, the best so far is returned.
    """
    begun = time.monotonic()
    recipe = recipe or Recipe()
    problem, splitter = _problem(
        table, y, weights=weights, task=task, kinds=kinds, recipe=recipe, groups=groups, times=times, seed=seed
    )
    recipe = replace(recipe, loss=_loss_name(recipe, problem), split=splitter.how, folds=splitter.folds)
    loss = loss_named(recipe.loss)
    deadline = Deadline(begun + budget * (1 - _LAST_SHARE))
    folded = encode_folds(problem, splitter.split(), deadline=deadline)
    sets = ladder(
        inputs=folded.width,
        plain=folded.plain,
        outputs=problem.outputs,
        width=recipe.width,
        depth=recipe.depth,
        activation=recipe.activation,
    )
    sets = {name: replace(one, batch_norm=recipe.batch_norm and bool(one.hidden)) for name, one in sets.items()}
    climbed = climb(
        sets, loss, folded=folded, recipe=recipe, seed=seed, deadline=deadline, report=report or (lambda *_: None)
    )
    position, lowest, difference = one_standard_error([rung.validation for rung in climbed.rungs])
    combiner = Combiner(problem, loss, recipe, splitter, folded, climbed.below, seed)
    chosen = climbed.rungs[position]
    function, combination, stopped = _combine(combiner, chosen, deadline, climbed.stopped)
    choice = _choice(climbed, chosen=position, lowest=lowest, difference=difference, combination=combination)
    record = Record(
        format=_FORMAT,
        source=source,
        rows=len(y),
        weights=weights is not None,
        target=problem.target,
        columns=problem.columns,
        split=splitter.how,
        folds=len(folded.folds),
        loss=recipe.loss,
        ladder=tuple(
            _rung(problem, folded, rung, outcome) for rung, outcome in zip(climbed.rungs, climbed.outcomes, strict=True)
        ),
        choice=choice,
        limit=find_limit(
            climbed.rungs, [code for code, _ in climbed.outcomes], chosen=position, stopped=climbed.stopped
        ),
        formula=_formula(combiner, climbed, chosen, function),
        piecewise=_piecewise(combiner, climbed, chosen, function),
        curves=tuple(curve for rung in climbed.rungs for curve in curves_of(rung)),
        surface=surface_of(chosen, loss, folded=folded, seed=seed),
        held_out=held_out(problem, folded, chosen, seed=seed),
        recipe=to_plain(recipe),
        stopped=stopped,
        budget_seconds=float(budget),
        seconds=time.monotonic() - begun,
        seed=seed,
        versions={"python": platform.python_version()} | {name: version(name) for name in _PACKAGES},
    )
    return Fit(function, record)


def _problem(
    table: pl.DataFrame,
    y: pl.Series,
    *,
    weights: npt.NDArray[np.floating] | None,
    task: str,
    kinds: Mapping[str, str] | None,
    recipe: Recipe,
    groups: pl.Series | None,
    times: pl.Series | None,
    seed: int,
) -> tuple[Problem, Splitter]:
    """Decide columns, target and split; check what can be checked before any work is done."""
    if len(y) != table.height:
        raise DataError(f"the target has {len(y)} values but the table has {table.height} rows: give one per row")
    if groups is not None and times is not None:
        raise UserError("rows are kept together either by group or by time, not both: give one of them")
    columns = decide_columns(table, overrules=kinds)
    used = table.select([column.name for column in columns if column.used])
    check_finite(used, columns)
    target = decide_target(y, task=task)
    values = target_values(target, y)
    how = _split_kind(recipe, bool(target.classes), groups, times)
    mass = check_weights(weights, len(y))
    if how in ("random", "stratified"):
        used, values, mass = merge_identical_rows(used, values, mass)
    else:
        kept = np.flatnonzero(mass > 0)
        used, values, mass = used[kept], values[kept], mass[kept]
        groups, times = (None if series is None else series[kept] for series in (groups, times))
    folds = min(recipe.folds, len(values))
    if folds < 2:
        raise DataError(f"a function needs at least 2 different rows to learn from; seen {len(values)}")
    splitter = Splitter(how, folds, values, groups, times, seed)
    encoding = EncodingSettings(normalisation=recipe.normalisation, pieces=recipe.pieces)
    return Problem(used, values, mass, columns, target, encoding), splitter


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


def _loss_name(recipe: Recipe, problem: Problem) -> str:
    """Return the loss, as asked or as the target suggests."""
    classes = bool(problem.target.classes)
    if recipe.loss == "auto":
        return "cross_entropy" if classes else "squared"
    if (recipe.loss in _CLASS_LOSSES) != classes:
        what = "classes" if classes else "a number"
        raise UserError(f"the loss {recipe.loss!r} does not suit a target that is {what}")
    return recipe.loss


def _combine(
    combiner: Combiner, chosen: RungFit, deadline: Deadline, stopped: str
) -> tuple[FoundFunction, Combination, str]:
    """Return the function and how the fit has ended; on Ctrl-C, before or now, the folds' members as they are."""
    if stopped != "interrupted":
        try:
            return *combiner.combine(chosen, deadline=deadline), stopped
        except KeyboardInterrupt:
            stopped = "interrupted"
    return combiner.assemble(chosen, combiner.folded, chosen.state), Combination("ensemble", "untested"), stopped


def _choice(climbed: Climb, *, chosen: int, lowest: int, difference: Difference, combination: Combination) -> Choice:
    return Choice(
        rung=climbed.rungs[chosen].name,
        lowest=climbed.rungs[lowest].name,
        difference=difference.mean,
        standard_error=difference.standard_error,
        combined=combination.kind,
        combined_why=combination.why,
        ensemble_loss=combination.ensemble_loss,
        retrained_loss=combination.retrained_loss,
        judge_standard_error=combination.standard_error,
        tried=sum(rung.tried for rung in climbed.rungs),
    )


def _rung(problem: Problem, folded: Folded, rung: RungFit, outcome: tuple[str, dict[str, float]]) -> Rung:
    training_error, validation_error = rung_errors(problem, folded, rung)
    return Rung(
        name=rung.name,
        parameters=rung.functions.size,
        training=tuple(rung.training.tolist()),
        validation=tuple(rung.validation.tolist()),
        training_error=training_error,
        validation_error=validation_error,
        seconds=rung.seconds,
        outcome=outcome[0],
        numbers=outcome[1],
        settings=_settled(rung),
    )


def _settled(rung: RungFit) -> dict[str, str | float | int | bool]:
    """Return what a rung settled on, without what doesn't apply to it."""
    settings: dict[str, str | float | int | bool] = asdict(rung.settings)
    return {name: value for name, value in settings.items() if value}


def _readable(
    combiner: Combiner, climbed: Climb, chosen: RungFit, function: FoundFunction, name: str
) -> FoundFunction | None:
    """Return the named rung as a function: the one that was kept if it is the choice, else the mean of its folds."""
    if chosen.name == name:
        return function
    fitted = [rung for rung in climbed.rungs if rung.name == name]
    return combiner.assemble(fitted[0], combiner.folded, fitted[0].state) if fitted else None


def _formula(combiner: Combiner, climbed: Climb, chosen: RungFit, function: FoundFunction) -> Formula | None:
    """Return the formula of the constant if that was chosen, otherwise of the linear rung."""
    name = "constant" if chosen.name == "constant" else "linear"
    readable = _readable(combiner, climbed, chosen, function, name)
    return None if readable is None else formula(readable)


def _piecewise(
    combiner: Combiner, climbed: Climb, chosen: RungFit, function: FoundFunction
) -> tuple[PiecewiseCurve, ...]:
    """Return the curves of the hard-sigmoid rung."""
    readable = _readable(combiner, climbed, chosen, function, "hard_sigmoids")
    return () if readable is None else piecewise_curves(readable)
