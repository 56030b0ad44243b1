"""From a table to a function: the whole fit."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.data import Reading
from thetastar.descent import Deadline
from thetastar.errors import BudgetError, UserError
from thetastar.fitting.account import Finished, account
from thetastar.fitting.checks.cautions import find_cautions
from thetastar.fitting.climb import Report, climb
from thetastar.fitting.combine import Combination, Combiner
from thetastar.fitting.compare import one_standard_error
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.held_out import held_out_rows
from thetastar.fitting.interval_check import intervals_of
from thetastar.fitting.pose import pose
from thetastar.fitting.problem import Folded, Problem, encode_folds
from thetastar.fitting.recipe import Recipe
from thetastar.fitting.record import Record, Series
from thetastar.fitting.rung_fit import RungFit
from thetastar.fitting.saving.fingerprint import fingerprint
from thetastar.fitting.saving.unfinished import Unfinished
from thetastar.fitting.worst import Source
from thetastar.functions import FunctionSet, ladder
from thetastar.losses import loss_named

__all__ = ["Fit", "fit"]

_CLASS_LOSSES = ("cross_entropy", "squared_after_softmax")
_LAST_SHARE = 0.1  # of the budget is kept for drawing up the record,
_LAST_SECONDS = 2.0  # but at least so long
_LARGEST_LAST_SHARE = 0.2  # unless that is more than this share


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
    known: pl.Series | None = None,
    series: Series | None = None,
    numbers: npt.NDArray[np.int64] | None = None,
    budget: float = 120.0,
    seed: int = 0,
    source: str = "",
    reading: Reading | None = None,
    report: Report | None = None,
    begun: float | None = None,
    unfinished: Unfinished | None = None,
) -> Fit:
    """Find the function that predicts ``y`` from the columns of a table.

    Climbs the ladder of function sets on k folds, chooses one by the one-standard-error rule, and averages the folds'
    members or trains on all rows, whichever a fold that neither has seen says. Where nothing says how to split, rows
    near each other that are found to be dependent stay together (``check_independence``). With a random split the rows
    are sorted by content and identical ones merged, so that neither their order nor repeating instead of weighting
    matters.

    Args:
        table: Input columns only: without the target and without the column of groups or times.
        y: The target, without missing values.
        weights: One per row; None for 1 each.
        task: regression, classification or auto.
        kinds: Column name → kind, where the decision should be overruled.
        recipe: What to do differently; None for the defaults.
        groups: Rows of one group stay together; then folds hold out whole groups.
        times: When each row happened; then validation rows are always later than training rows.
        known: When each row's inputs were known, numbers as ``times`` are, if that is earlier: as ``windows`` returns.
        series: How the table was arranged, for the record; None if neither time nor group is named.
        numbers: Each row's number where it came from, counted from 1, by which the report names rows; None for 1, 2, ….
        budget: Seconds of wall-clock time.
        seed: Of every random stream.
        source: Where the table came from, for the record.
        reading: How its file was read, for the record; None if it was no file.
        report: Called with the rung's name, its share done and the seconds left.
        begun: When the budget began, on the monotonic clock; None for now.
        unfinished: Where every rung that is done is kept, and taken from if the fit is resumed; None for nowhere.

    Raises:
        DataError: if the table or the target can't be used.
        BudgetError: if the budget ends before the first rung.
        UserError: if what is asked for doesn't fit together.
        KeyboardInterrupt: if interrupted before the first rung was finished; later, the best so far is returned.
    """
    begun = time.monotonic() if begun is None else begun
    if not budget > 0:  # also where it is no number
        raise BudgetError(f"a budget is a positive number of seconds; seen {budget!r}")
    recipe = recipe or Recipe()
    deadline = Deadline(begun + budget - _reserve(budget))
    posed = pose(
        table,
        y,
        weights=weights,
        task=task,
        kinds=kinds,
        recipe=recipe,
        groups=groups,
        times=times,
        known=known,
        seed=seed,
        deadline=deadline,
    )
    problem, splitter = posed.problem, posed.splitter
    recipe = replace(recipe, loss=_loss_name(recipe, problem), split=splitter.how, folds=splitter.folds)
    loss = loss_named(recipe.loss)
    folds = splitter.split()
    cautions = find_cautions(problem, folds, seed=seed, deadline=deadline)
    folded = encode_folds(problem, folds, deadline=deadline)
    sets = _sets(problem, folded, recipe)
    mark = fingerprint(problem, folds, recipe, seed=seed) if unfinished else {}
    climbed = climb(
        sets,
        loss,
        folded=folded,
        recipe=recipe,
        seed=seed,
        deadline=deadline,
        report=report or (lambda *_: None),
        done=unfinished.rungs(mark) if unfinished else (),
        keep=partial(unfinished.keep, fingerprint=mark) if unfinished else None,
    )
    position, lowest, difference = one_standard_error([rung.validation for rung in climbed.rungs])
    combiner = Combiner(problem, loss, recipe, splitter, folded, climbed.below, seed)
    function, combination, stopped = _combine(combiner, climbed.rungs[position], deadline, climbed.stopped)
    with _any_size():
        judged = held_out_rows(problem, folded, climbed.rungs[position])
        intervals, check = intervals_of(judged)
    finished = Finished(
        combiner=combiner,
        independence=posed.independence,
        climbed=climbed,
        position=position,
        lowest=lowest,
        difference=difference,
        function=replace(function, intervals=intervals),
        combination=combination,
        stopped=stopped,
        judged=judged,
        intervals=check,
    )

    def draw_up(finished: Finished, *, slow: bool) -> Fit:
        with _any_size():
            record = account(
                finished,
                source=source,
                reading=reading or Reading(),
                series=series,
                given=Source(table, y, numbers),
                weighted=weights is not None,
                budget=budget,
                begun=begun,
                slow=slow,
                cautions=cautions,
            )
        return Fit(finished.function, record)

    try:
        return draw_up(finished, slow=True)
    except KeyboardInterrupt:  # everything is done but the record; without its slow parts that takes a moment
        return draw_up(replace(finished, stopped="interrupted"), slow=False)


def _any_size() -> np.errstate:
    """Let what describes a function be infinite or unknown where values near 10³⁰⁰ are squared: it is shown so."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def _reserve(budget: float) -> float:
    """Return how many seconds of a budget are kept for drawing up the record."""
    return min(max(_LAST_SHARE * budget, _LAST_SECONDS), _LARGEST_LAST_SHARE * budget)


def _sets(problem: Problem, folded: Folded, recipe: Recipe) -> dict[str, FunctionSet]:
    """Return the ladder that the recipe describes."""
    sets = ladder(
        inputs=folded.width,
        plain=folded.plain,
        outputs=problem.outputs,
        width=recipe.width,
        depth=recipe.depth,
        activation=recipe.activation,
    )
    return {name: replace(one, batch_norm=recipe.batch_norm and bool(one.hidden)) for name, one in sets.items()}


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
