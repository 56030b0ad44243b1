"""From a table to a function: the whole fit."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl

from thetastar.data import UnreadRows, target_values
from thetastar.descent import Deadline
from thetastar.errors import BudgetError, DataError, UserError
from thetastar.fitting.account import Checks, Finished, account
from thetastar.fitting.budget import Budget
from thetastar.fitting.checks.cautions import find_cautions
from thetastar.fitting.codes import Stopped
from thetastar.fitting.evidence import IntervalCheck
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.held_out import HeldOutRows, held_out_rows
from thetastar.fitting.interval_check import intervals_of
from thetastar.fitting.intervals import Intervals
from thetastar.fitting.marks import RowMarks, joined, marks_of
from thetastar.fitting.pose import pose
from thetastar.fitting.problem import Folded, Problem, encode_folds
from thetastar.fitting.question import Question
from thetastar.fitting.recipe import Recipe
from thetastar.fitting.record import Record, Streamed
from thetastar.fitting.rungs.climb import Climb, Report, climb
from thetastar.fitting.rungs.combine import Combination, assemble, combine
from thetastar.fitting.rungs.compare import one_standard_error
from thetastar.fitting.rungs.rung_fit import RungFit
from thetastar.fitting.saving.fingerprint import fingerprint
from thetastar.fitting.saving.unfinished import Unfinished
from thetastar.fitting.setup import Setup
from thetastar.fitting.streaming.all_rows import over_all_rows
from thetastar.functions import FunctionSet, ladder
from thetastar.losses import loss_named

__all__ = ["Fit", "fit"]

_CLIMB_SHARE = 0.5  # of the time left is for the sample, if the table is one, the rest for all rows of its file
_READING_SHARE = 0.7  # at most this share of the rest may go into reading the rows that judge
_ALL_ROWS = "all_rows"  # what is reported as a rung meanwhile


@dataclass(frozen=True)
class Fit:
    """A function, and the record of how it was found."""

    function: FoundFunction
    record: Record


def fit(
    question: Question,
    *,
    recipe: Recipe | None = None,
    budget: float = 120.0,
    aside: float = 0.0,
    seed: int = 0,
    report: Report | None = None,
    begun: float | None = None,
    unfinished: Unfinished | None = None,
) -> Fit:
    """Find the function that predicts a target from the columns of a table.

    Climbs the ladder of function sets on k folds, chooses one by the one-standard-error rule, and averages the folds'
    members or trains on all rows, whichever a fold that neither has seen says. Where nothing says how to split, rows
    near each other that are found to be dependent stay together (``check_independence``). With a random split the rows
    are sorted by content and identical ones merged, so that neither their order nor repeating instead of weighting
    matters.

    Args:
        question: The table, its target, and what is known of the rows.
        recipe: What to do differently; None for the defaults.
        budget: Seconds of wall-clock time.
        aside: How many of them are left for what follows the fit, such as writing a report.
        seed: Of every random stream.
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
    recipe, report = recipe or Recipe(), report or (lambda *_: None)
    time_allowed = Budget(budget, aside, begun)
    end = time_allowed.found
    deadline = end if question.file is None else end.sooner(_CLIMB_SHARE * end.left())
    posed = pose(question, recipe=recipe, seed=seed, deadline=deadline)
    problem, splitter = posed.problem, posed.splitter
    recipe = replace(recipe, loss=_loss_name(recipe, problem))
    loss, folds = loss_named(recipe.loss), splitter.split()
    cautions = find_cautions(problem, folds, seed=seed, deadline=deadline)
    folded = encode_folds(problem, folds, deadline=deadline)
    mark = fingerprint(problem, folds, recipe, seed=seed) if unfinished else {}
    climbed = climb(
        _sets(problem, folded, recipe),
        loss,
        folded=folded,
        recipe=recipe,
        seed=seed,
        deadline=deadline,
        report=report,
        done=unfinished.rungs(mark) if unfinished else (),
        keep=partial(unfinished.keep, fingerprint=mark) if unfinished else None,
    )
    setup = Setup(problem, splitter, folded, loss, recipe, seed)
    finished = _finish(Checks(posed.independence, cautions), setup, climbed, deadline)
    if question.file is not None:
        finished = _go_on(finished, question.file, deadline=end, report=report)
    draw_up = partial(_draw_up, question=question, budget=time_allowed)
    try:
        return draw_up(finished, slow=True)
    except KeyboardInterrupt:  # everything is done but the record; without its slow parts that takes a moment
        return draw_up(replace(finished, stopped="interrupted"), slow=False)


def _finish(checks: Checks, setup: Setup, climbed: Climb, deadline: Deadline) -> Finished:
    """Choose a rung, make one function of its members, and measure how far its predictions miss."""
    position, lowest, difference = one_standard_error([rung.validation for rung in climbed.rungs])
    chosen = climbed.rungs[position]
    function, combination, stopped = _combine(setup, climbed, chosen, deadline)
    try:
        judged, intervals, measured = _judge(setup, chosen)
    except KeyboardInterrupt:  # the rest needs it, and it takes a moment
        stopped = "interrupted"
        judged, intervals, measured = _judge(setup, chosen)
    return Finished(
        checks=checks,
        setup=setup,
        climbed=climbed,
        position=position,
        lowest=lowest,
        difference=difference,
        function=replace(function, intervals=intervals),
        combination=combination,
        stopped=stopped,
        judged=judged,
        intervals=measured,
    )


def _go_on(finished: Finished, file: UnreadRows, *, deadline: Deadline, report: Report) -> Finished:
    """Let the function learn from the rows that memory can't hold, if there is time to read the file once more."""
    if finished.stopped == "interrupted":
        return finished
    if file.seconds > _READING_SHARE * deadline.left():
        return replace(finished, streamed=Streamed("time", of=file.rows))
    try:
        with _any_size():
            return over_all_rows(
                finished, file, deadline=deadline, report=lambda done: report(_ALL_ROWS, done, deadline.left())
            )
    except KeyboardInterrupt:
        return replace(finished, stopped="interrupted")
    except (pl.exceptions.PolarsError, DataError, OSError) as error:  # the sample's function isn't to be lost for it
        return replace(finished, streamed=Streamed("unreadable", problem=str(error), of=file.rows))


def _judge(setup: Setup, chosen: RungFit) -> tuple[HeldOutRows, Intervals | None, IntervalCheck | None]:
    """Return the held-out predictions, their intervals, and how often these hold."""
    with _any_size():
        judged = held_out_rows(setup.problem, setup.folded, chosen)
        return judged, *intervals_of(judged, setup.problem)


def _draw_up(finished: Finished, *, question: Question, budget: Budget, slow: bool) -> Fit:
    marks, later = _marks(question, finished.setup.problem), finished.function.marks
    with _any_size():
        record = account(finished, question, budget=budget, slow=slow)
    return Fit(replace(finished.function, marks=joined(marks, later) if later else marks), record)


def _marks(question: Question, problem: Problem) -> RowMarks:
    """Return by what the function will know the rows again that it learned from."""
    values = target_values(problem.target, question.y)
    if question.weights is None or np.all(question.weights):
        return marks_of(question.table, problem.columns, values)
    kept = np.flatnonzero(question.weights)
    return marks_of(question.table[kept], problem.columns, values[kept])


def _any_size() -> np.errstate:
    """Let what describes a function be infinite or unknown where values near 10³⁰⁰ are squared: it is shown so."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


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
    if loss_named(recipe.loss).classes != classes:
        what = "classes" if classes else "a number"
        raise UserError(f"the loss {recipe.loss!r} does not suit a target that is {what}")
    return recipe.loss


def _combine(
    setup: Setup, climbed: Climb, chosen: RungFit, deadline: Deadline
) -> tuple[FoundFunction, Combination, Stopped]:
    """Return the function and how the fit has ended; on Ctrl-C, before or now, the folds' members as they are."""
    if climbed.stopped != "interrupted":
        with suppress(KeyboardInterrupt):
            return *combine(chosen, setup, below=climbed.below, deadline=deadline), climbed.stopped
    function = assemble(chosen, chosen.state, problem=setup.problem, folded=setup.folded)
    return function, Combination("ensemble", "untested"), "interrupted"
