"""A fitted estimator from a file."""

from __future__ import annotations

import os

import numpy as np

from thetastar.estimators.classifier import Classifier
from thetastar.estimators.examples import ARRAY
from thetastar.estimators.learn import remember
from thetastar.estimators.new_rows import series_columns
from thetastar.estimators.regressor import Regressor
from thetastar.fitting import Recipe
from thetastar.fitting.saving.plain import from_plain
from thetastar.fitting.saving.saved import load_saved

__all__ = ["load"]


def load(path: str | os.PathLike[str]) -> Regressor | Classifier:
    """Return a fitted estimator from what ``save`` or ``thetastar fit`` wrote: a file, or the folder of a run.

    Nothing in the file is run. The estimator predicts the same bits as the one that was saved. Its arguments are those
    that the record knows; ``class_weight`` isn't among them. It finds the columns that it reads by their names, and so
    predicts the tables that ``thetastar predict`` takes, with the same result: of a series the rows themselves, from
    which it cuts the windows.

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
    """
    function, record = load_saved(path)
    estimator = Classifier() if function.target.classes else Regressor()
    if record is not None:
        estimator.set_params(
            budget=record.budget_seconds,
            recipe=from_plain(Recipe, record.recipe),
            kinds={column.name: column.kind.value for column in record.columns if column.overruled} or None,
            random_state=record.seed,
        )
    history = function.history
    names = series_columns(history) if history is not None else [column.name for column in function.columns]
    estimator.n_features_in_ = len(names)
    if record is None or record.source != ARRAY:
        estimator.feature_names_in_ = np.asarray(names, dtype=object)
    remember(estimator, function, record)
    estimator.loaded_ = True  # it takes columns by name
    return estimator
