"""The one fit, and what an estimator remembers of it."""

from __future__ import annotations

import numbers
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from thetastar.data import Kind, decide_columns, read_series
from thetastar.errors import UserError
from thetastar.estimators.examples import ARRAY, Examples
from thetastar.fitting import Asked, FoundFunction, Question, Recipe, Record, fit, seconds
from thetastar.fitting.frames import curves_frame, ladder_frame
from thetastar.fitting.saving.plain import from_plain
from thetastar.report import Progress
from thetastar.report.limits import limit

__all__ = ["learn", "remember"]


def learn(estimator: Any, examples: Examples, *, task: str) -> None:
    """Run the fit and keep what came out on the estimator."""
    y = examples.y.astype(np.float64) if task == "regression" and examples.y.dtype.kind in "biuf" else examples.y
    if not isinstance(estimator.recipe, (Recipe, type(None))):
        raise UserError(f"recipe= takes a Recipe or None; seen {estimator.recipe!r}")
    with Progress("en", quiet=not estimator.verbose) as progress:
        question = Question(
            examples.table,
            read_series(y).alias(examples.name),
            weights=examples.weights if examples.weighed else None,
            groups=examples.groups,
            times=examples.times,
            task=task,
            kinds=_kinds(estimator.kinds, examples),
            numbers=examples.numbers,
            source=examples.source,
            reading=examples.reading,
            asked=_asked(estimator, examples, task=task),
        )
        found = fit(
            question,
            recipe=estimator.recipe,
            budget=seconds(estimator.budget),
            seed=_seed(estimator.random_state),
            report=progress.update,
        )
    if found.record.stopped == "interrupted":
        warnings.warn("the fit was interrupted: the best function found so far is kept", UserWarning, stacklevel=3)
    remember(estimator, found.function, found.record)


def remember(estimator: Any, function: FoundFunction, record: Record | None) -> None:
    """Set what a fitted estimator knows."""
    estimator.function_ = function
    estimator.loaded_ = False
    estimator.record_ = record
    if function.target.classes:
        estimator.classes_ = np.asarray(function.target.classes)
    if record is not None:
        estimator.ladder_ = ladder_frame(record)
        estimator.curves_ = curves_frame(record)
        estimator.recipe_ = from_plain(Recipe, record.recipe)
        estimator.verdict_ = limit(record, "en")


def _kinds(kinds: Mapping[str, str] | None, examples: Examples) -> dict[str, str]:
    """Return the kinds to overrule; in an array of numbers, two values that are 0 and 1 are numbers like any others."""
    asked = dict(kinds or {})
    if examples.source != ARRAY:
        return asked
    numeric = [column for column in decide_columns(examples.table) if examples.table[column.name].dtype.is_float()]
    return {column.name: "number" for column in numeric if column.kind is Kind.boolean} | asked


def _asked(estimator: Any, examples: Examples, *, task: str) -> Asked:
    """Return how to ask again."""
    weight, kinds = getattr(estimator, "class_weight", None), estimator.kinds or {}
    return Asked(
        by="regressor" if task == "regression" else "classifier",
        kinds=tuple((name, kind.value if isinstance(kind, Kind) else kind) for name, kind in kinds.items()),
        balanced=isinstance(weight, str),
        factors=() if weight is None or isinstance(weight, str) else tuple(_plain(weight)),
        data=examples.given,
    )


def _plain(factors: Mapping[Any, float]) -> Iterator[tuple[Any, float]]:
    """Yield the factors of classes as plain values of Python."""
    for name, factor in factors.items():
        yield name.item() if isinstance(name, np.generic) else name, float(factor)


def _seed(random_state: Any) -> int:
    """Return a seed: the int itself, or one drawn from the state."""
    state = check_random_state(random_state)
    return int(random_state) if isinstance(random_state, numbers.Integral) else int(state.randint(2**31 - 1))
