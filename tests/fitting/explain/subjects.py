"""Fitted rungs to explain."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from tests.fitting.tables import NEVER, QUICK, Floats, folded_of, problem_of, sets_of
from thetastar.fitting import FoundFunction, Recipe
from thetastar.fitting.explain import Subject
from thetastar.fitting.rungs.combine import assemble
from thetastar.fitting.rungs.rung_fit import fit_rung
from thetastar.losses import loss_named


def subject_of(
    table: pl.DataFrame,
    y: pl.Series,
    *,
    rung: str = "linear",
    weights: Floats | None = None,
    recipe: Recipe = QUICK,
    folds: int = 3,
) -> Subject:
    """Return a rung fitted to all folds of a table."""
    problem = problem_of(table, y, weights=weights)
    folded = folded_of(problem, folds=folds)
    loss = loss_named("cross_entropy" if problem.target.classes else "squared")
    fitted = fit_rung(
        rung,
        sets_of(folded, problem, recipe=recipe)[rung],
        loss,
        folded=folded,
        recipe=recipe,
        below=None,
        seed=0,
        deadline=NEVER,
        report=lambda _: None,
    )
    return Subject(problem, folded, fitted, loss, 0)


def kept(subject: Subject) -> FoundFunction:
    """Return the mean of the subject's members as a function."""
    return assemble(subject.rung, subject.rung.state, problem=subject.problem, folded=subject.folded)


def single(subject: Subject) -> FoundFunction:
    """Return the first member alone, as if it had been trained on all rows."""
    function = kept(subject)
    return replace(function, state=function.state[:1], encodings=function.encodings[:1], scales=function.scales[:1])
