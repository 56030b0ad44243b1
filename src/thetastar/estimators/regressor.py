"""The estimator that predicts a number."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from thetastar.arrays import Floats
from thetastar.estimators.examples import take_examples
from thetastar.estimators.learn import learn
from thetastar.estimators.new_rows import in_places, rows_to_predict, seen_before
from thetastar.fitting import Recipe
from thetastar.fitting.new_rows.unfamiliar import look_at, unfamiliar_frame
from thetastar.fitting.saving.saved import save

__all__ = ["Regressor"]


class Regressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Finds the function that predicts a number.

    Args:
        budget: Wall-clock time of a fit: seconds, or text such as "90s", "2m", "1.5h". Small tables need less.
        recipe: What to do differently (loss, folds, split, width, …); None for the defaults.
        kinds: Column name → kind, where the decision should be overruled (columns without names are called x0, x1, …).
        random_state: Of every random stream; with an int, the same rows give the same bits, unless the budget cuts
            the fit short.
        verbose: Whether a progress line is shown.

    Attributes:
        function_: The function that was found.
        record_: What was done, as plain values; what the report shows.
        ladder_: A polars table of the rungs that were tried.
        curves_: A polars table of loss and gradient norm by update.
        recipe_: What was used; its split and folds as they were asked for, so that it can be used again.
        verdict_: One sentence: what limits the result.
        n_features_in_: Number of columns.
        feature_names_in_: Their names, if X had any.

    Example:
        >>> import numpy as np
        >>> X = np.linspace(0, 1, 40).reshape(-1, 1)
        >>> model = Regressor(random_state=0).fit(X, 3 * X[:, 0] + 2)
        >>> bool(abs(model.predict([[0.5]])[0] - 3.5) < 1e-3)
        True
    """

    def __init__(
        self,
        *,
        budget: str | float = "2m",
        recipe: Recipe | None = None,
        kinds: Mapping[str, str] | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        self.budget = budget
        self.recipe = recipe
        self.kinds = kinds
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, groups: Any = None, times: Any = None) -> Regressor:
        """Find the function.

        Args:
            X: Array of numbers [rows, columns], or a table of pandas, polars or Arrow; values may be missing.
            y: The numbers to predict, [rows].
            sample_weight: [rows]; a weight of 2 is the same as two identical rows.
            groups: [rows]; rows of one group stay together, so that folds judge on groups never seen.
            times: [rows]; folds judge on rows that are later than those they were trained on.

        Raises:
            UserError: if X, y or what is asked for can't be used.
            KeyboardInterrupt: if interrupted before there was any function; later, the best so far is kept.
        """
        examples = take_examples(self, X, y, sample_weight, groups=groups, times=times, numeric=True)
        learn(self, examples, task="regression")
        return self

    def predict(self, X: Any) -> Floats:
        """Return the predicted numbers, [rows].

        What ``load`` returns of a function that reads windows of a series takes the series itself: each row that has a
        whole window before it, with the rows of ``fit`` if it follows them, is given what comes the horizon later;
        the others NaN.

        Raises:
            ValueError: if X has other columns than the X of ``fit``.
        """
        check_is_fitted(self)
        rows, ready = rows_to_predict(self, X)
        return in_places(np.asarray(self.function_.predict(rows), dtype=np.float64), ready)

    def unfamiliar(self, X: Any) -> pl.DataFrame:
        """Return what in X is unlike the rows of ``fit``, a row for each column and code; ``predict`` takes it as told.

        The codes are ``category`` (never seen), ``unreadable``, ``infinite`` and ``missing`` (which count as missing)
        and ``far`` (outside the range of ``fit`` by more than a tenth of its width: the function extrapolates).

        Raises:
            ValueError: if X has other columns than the X of ``fit``.
        """
        check_is_fitted(self)
        rows, ready = rows_to_predict(self, X)
        return unfamiliar_frame(look_at(self.function_, rows, ready=ready))

    def seen_before(self, X: Any, y: Any = None) -> pl.DataFrame:
        """Return for each row of X whether it was among those of ``fit``, as a table of two columns.

        ``inputs`` says whether a row of ``fit`` had the same values in the columns that are read, ``row`` whether it
        also had this y. Null where it can't be told: without a y, and of more than 20,000 different rows of ``fit``
        for all but a sample, drawn by content.

        Raises:
            ValueError: if X has other columns than the X of ``fit``, or y another length.
        """
        check_is_fitted(self)
        return seen_before(self, X, y)

    def predict_interval(self, X: Any, *, level: float = 0.9) -> Floats:
        """Return between which two numbers the truth lies with a probability of ``level``, [rows, 2].

        They come from what predictions of held-out rows missed the truth by; the report says how often they held. NaN
        for rows with a number or date far outside the range of ``fit`` (see ``unfamiliar``): there nothing tells.

        Raises:
            ValueError: if X has other columns than the X of ``fit``.
            UserError: if the level is not between 0 and 1, or higher than so many rows can tell.

        Example:
            >>> import numpy as np
            >>> X = np.linspace(0, 1, 200).reshape(-1, 1)
            >>> y = 3 * X[:, 0] + np.random.default_rng(0).uniform(-1, 1, 200)
            >>> model = Regressor(recipe=Recipe(rungs=("linear",)), random_state=0).fit(X, y)
            >>> low, high = model.predict_interval([[0.5]], level=0.8)[0]
            >>> bool(0.5 < low < 0.9 and 2.1 < high < 2.5)
            True
        """
        check_is_fitted(self)
        rows, ready = rows_to_predict(self, X)
        return in_places(self.function_.predict_interval(rows, level=level), ready)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the function and its record to one file that holds no code; ``load`` reads it.

        Raises:
            UserError: if the file can't be written.
        """
        check_is_fitted(self)
        return save(self.function_, path, record=self.record_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
