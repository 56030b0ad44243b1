"""The record of a fit, drawn up once everything is done."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version

from thetastar.data import Kind, Outline, outline
from thetastar.descent import Deadline
from thetastar.errors import BudgetError
from thetastar.fitting.budget import Budget
from thetastar.fitting.clusters import clusters
from thetastar.fitting.codes import OutcomeCode, Stopped
from thetastar.fitting.conditioning import conditioning_of
from thetastar.fitting.curves import curves_of
from thetastar.fitting.describe import formula
from thetastar.fitting.evidence import Evidence, IntervalCheck
from thetastar.fitting.explain import Subject, gather
from thetastar.fitting.forecast import forecast_of, with_repeated
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.held_out import HeldOutRows, class_quality, held_out
from thetastar.fitting.problem import Problem
from thetastar.fitting.question import Question
from thetastar.fitting.record import (
    RECORD_FORMAT,
    Caution,
    Choice,
    Formula,
    Independence,
    Record,
    Rung,
    Series,
    Streamed,
    Surface,
)
from thetastar.fitting.rungs.climb import Climb
from thetastar.fitting.rungs.combine import Combination, assemble
from thetastar.fitting.rungs.compare import Difference
from thetastar.fitting.rungs.limit import Noise, Repeating, find_limit
from thetastar.fitting.rungs.rung_fit import RungFit
from thetastar.fitting.saving.plain import to_plain
from thetastar.fitting.setup import Setup
from thetastar.fitting.surface import surface_of

__all__ = ["Checks", "Finished", "account"]

_SURFACE_SHARE = 0.5  # of the time left
_PACKAGES = ("thetastar", "torch", "numpy", "scipy", "scikit-learn", "polars")


@dataclass(frozen=True)
class Checks:
    """What was found in the table before anything was fitted.

    Attributes:
        independence: Whether rows near each other are independent; None where the split was given.
        cautions: What may make the result look better than it will be.
    """

    independence: Independence | None
    cautions: tuple[Caution, ...]


@dataclass(frozen=True)
class Finished:
    """Everything that a fit ended with.

    Attributes:
        checks: What was found in the table.
        setup: The problem, the folds and the recipe.
        climbed: The rungs.
        position: Of the chosen rung.
        lowest: Position of the rung with the lowest mean validation loss.
        difference: Chosen − lowest, over folds.
        function: What was kept.
        combination: Whether it is averaged or retrained, and why.
        stopped: How it ended.
        judged: Every held-out row with its prediction.
        intervals: How often the function's prediction intervals hold; None for classes.
        streamed: How θ went on over the rows of a file that memory can't hold; None where it holds all of them.
    """

    checks: Checks
    setup: Setup
    climbed: Climb
    position: int
    lowest: int
    difference: Difference
    function: FoundFunction
    combination: Combination
    stopped: Stopped
    judged: HeldOutRows
    intervals: IntervalCheck | None
    streamed: Streamed | None = None

    @property
    def chosen(self) -> RungFit:
        """Return the chosen rung."""
        return self.climbed.rungs[self.position]


def account(finished: Finished, question: Question, *, budget: Budget, slow: bool) -> Record:
    """Draw up the record.

    Args:
        finished: What the fit ended with.
        question: What it was asked.
        budget: Of the whole fit.
        slow: Whether to compute what takes time: the error surface, and what the folds show of the columns. Each is
            left out if there is no time for it.
    """
    setup, climbed, until = finished.setup, finished.climbed, budget.end
    problem, folded, splitter, recipe, seed = setup.problem, setup.folded, setup.splitter, setup.recipe, setup.seed
    surface = _surface(finished, until.sooner(_SURFACE_SHARE * until.left())) if slow else None
    ladder = zip(climbed.rungs, climbed.outcomes, strict=True)
    codes = [code for code, _ in climbed.outcomes]
    series = with_repeated(question.series, problem, finished.judged)
    return Record(
        format=RECORD_FORMAT,
        source=question.source,
        reading=question.reading,
        rows=question.table.height,
        weights=question.weights is not None,
        target=problem.target,
        columns=problem.columns,
        outlines=_outlines(question, problem),
        cautions=finished.checks.cautions,
        split=splitter.how,
        folds=len(folded.folds),
        independence=finished.checks.independence,
        series=series,
        loss=recipe.loss,
        ladder=tuple(_rung(rung, outcome) for rung, outcome in ladder),
        left_out=climbed.left_out,
        choice=_choice(finished),
        streamed=finished.streamed,
        limit=find_limit(
            climbed.rungs,
            codes,
            chosen=finished.position,
            stopped=climbed.stopped,
            rows=question.table.height,
            noise=_noise(finished),
            repeating=_repeating(series),
        ),
        formula=_formula(finished),
        evidence=_evidence(finished, question, until) if slow else Evidence(intervals=finished.intervals),
        curves=tuple(curve for rung in climbed.rungs for curve in curves_of(rung)),
        held_out=held_out(finished.judged, seed=seed),
        forecast=forecast_of(finished.judged, splitter),
        classes=class_quality(finished.judged, splitter, seed=seed),
        surface=surface,
        conditioning=conditioning_of(folded, classes=bool(problem.target.classes), deadline=until) if slow else None,
        recipe=to_plain(recipe),
        asked=question.asked,
        stopped=finished.stopped,
        budget_seconds=float(budget.seconds),
        seconds=budget.spent,
        seed=seed,
        versions={"python": platform.python_version()} | {name: version(name) for name in _PACKAGES},
    )


def _noise(finished: Finished) -> Noise | None:
    """Return what rows of the same inputs say of the error that remains."""
    found = [caution for caution in finished.checks.cautions if caution.code == "conflicts"]
    classes = bool(finished.setup.problem.target.classes)
    return Noise(found[0].numbers["least_error"], classes) if found else None


def _repeating(series: Series | None) -> Repeating | None:
    """Return the forecast that costs nothing beside the function's, where it was measured."""
    return Repeating(series.own_error, series.repeated_error) if series and series.repeated_error else None


def _outlines(question: Question, problem: Problem) -> tuple[Outline, ...]:
    """Return how the values of the target and of each column are spread."""
    target = outline(question.y.alias(problem.target.name), Kind.category if problem.target.classes else Kind.number)
    table = question.table  # which may lack what isn't used
    inputs = (outline(table[one.name], one.kind) if one.used else Outline(one.name) for one in problem.columns)
    return (target, *inputs)


def _evidence(finished: Finished, question: Question, deadline: Deadline) -> Evidence:
    """Return what the folds show of the function, as far as the time goes."""
    setup, judged = finished.setup, finished.judged
    subject = Subject(setup.problem, setup.folded, finished.chosen, setup.loss, setup.seed)
    together = clusters(setup.splitter, judged.rows) if setup.splitter.keeps_together else None
    found = gather(subject, finished.function, judged=judged, cluster=together, question=question, deadline=deadline)
    return replace(found, intervals=finished.intervals)


def _surface(finished: Finished, deadline: Deadline) -> Surface | None:
    """Return the error surface around the chosen rung's θ*, or None if the time ran out."""
    setup = finished.setup
    try:
        return surface_of(finished.chosen, setup.loss, folded=setup.folded, seed=setup.seed, deadline=deadline)
    except BudgetError:
        return None


def _choice(finished: Finished) -> Choice:
    climbed, difference, combination = finished.climbed, finished.difference, finished.combination
    return Choice(
        rung=finished.chosen.name,
        lowest=climbed.rungs[finished.lowest].name,
        difference=difference.mean,
        standard_error=difference.standard_error,
        combined=combination.kind,
        combined_why=combination.why,
        ensemble_loss=combination.ensemble_loss,
        retrained_loss=combination.retrained_loss,
        judge_standard_error=combination.standard_error,
        tried=sum(rung.tried for rung in climbed.rungs),
    )


def _rung(rung: RungFit, outcome: tuple[OutcomeCode, dict[str, float]]) -> Rung:
    scores = rung.scores
    return Rung(
        name=rung.name,
        parameters=rung.functions.size,
        training=tuple(scores.training.tolist()),
        validation=tuple(scores.validation.tolist()),
        training_error=tuple(scores.training_error.tolist()),
        validation_error=tuple(scores.validation_error.tolist()),
        seconds=rung.seconds,
        outcome=outcome[0],
        numbers=outcome[1],
        settings=_settled(rung),
    )


def _settled(rung: RungFit) -> dict[str, str | float | int | bool]:
    """Return what a rung settled on, without what doesn't apply to it."""
    settings: dict[str, str | float | int | bool] = asdict(rung.settings)
    return {name: value for name, value in settings.items() if value}


def _readable(finished: Finished, name: str) -> FoundFunction | None:
    """Return the named rung as a function: the one that was kept if it is the choice, else the mean of its folds."""
    if finished.chosen.name == name:
        return finished.function
    fitted = [rung for rung in finished.climbed.rungs if rung.name == name]
    problem, folded = finished.setup.problem, finished.setup.folded
    return assemble(fitted[0], fitted[0].state, problem=problem, folded=folded) if fitted else None


def _formula(finished: Finished) -> Formula | None:
    """Return the formula of the constant if that was chosen, otherwise of the linear rung."""
    readable = _readable(finished, "constant" if finished.chosen.name == "constant" else "linear")
    return None if readable is None else formula(readable)
