"""A fitted estimator from a file."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from thetastar.data.text.names import nameless
from thetastar.estimators.classifier import Classifier
from thetastar.estimators.learn import remember
from thetastar.estimators.new_rows import series_columns
from thetastar.estimators.regressor import Regressor
from thetastar.fitting import Recipe, Record
from thetastar.fitting.saving.plain import from_plain
from thetastar.fitting.saving.saved import load_saved

__all__ = ["load"]


def load(path: str | os.PathLike[str]) -> Regressor | Classifier:
    """Return a fitted estimator from what ``save`` or ``thetastar fit`` wrote: a file, or the folder of a run.

    Nothing in the file is run. The estimator predicts the same bits as the one that was saved. Its arguments are those
    that it was fitted with, as the record knows them (the recipe in full, the budget in seconds, the seed that was
    drawn): fitted to the same rows again, with the same weights, groups and times, it finds the same function. It
    finds the columns that it reads by their names, and so predicts the tables that ``thetastar predict`` takes, with
    the same result: of a series the rows themselves, from which it cuts the windows (``fit`` doesn't).

    Raises:
        SavedFunctionError: if the file is absent, damaged, of a newer format, or no saved function.

    Example:
        >>> import numpy as np
        >>> from thetastar.estimators import Regressor
        >>> X = np.linspace(0, 1, 40).reshape(-1, 1)
        >>> model = Regressor(random_state=0).fit(X, np.sin(9 * X[:, 0]))
        >>> same = load(model.save("sine.theta"))
        >>> bool((same.predict(X) == model.predict(X)).all())
        True
        >>> same.get_params()["random_state"]
        0
    """
    function, record = load_saved(path)
    estimator = Classifier() if function.target.classes else Regressor()
    if record is not None:
        estimator.set_params(**_arguments(record))
    history = function.history
    names = series_columns(history) if history is not None else [column.name for column in function.columns]
    estimator.n_features_in_ = len(names)
    if not nameless(names):
        estimator.feature_names_in_ = np.asarray(names, dtype=object)
    remember(estimator, function, record)
    estimator.loaded_ = True  # it takes columns by name
    return estimator


def _arguments(record: Record) -> dict[str, Any]:
    """Return the arguments of an estimator that would find the same function; of a command, its options."""
    asked = record.asked
    overruled = {column.name: column.kind.value for column in record.columns if column.overruled}
    arguments = {
        "budget": record.budget_seconds,
        "recipe": from_plain(Recipe, record.recipe),
        "kinds": (overruled if asked.by == "command" else dict(asked.kinds)) or None,
        "random_state": record.seed,
    }
    return arguments | ({"class_weight": asked.class_weight} if record.target.classes else {})
