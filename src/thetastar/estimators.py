"""The scikit-learn face: two estimators over the one fit."""

from __future__ import annotations

import numbers
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted, validate_data

from thetastar.data import Kind, check_weights, decide_columns, read, read_series
from thetastar.errors import DataError, UserError
from thetastar.fitting import FoundFunction, Recipe, Record, fit, seconds
from thetastar.fitting.frames import curves_frame, ladder_frame
from thetastar.fitting.plain import from_plain
from thetastar.fitting.saved import load_saved, save
from thetastar.report import Progress
from thetastar.report.sentences import limit

__all__ = ["Classifier", "Regressor", "load"]

_ARRAY = "array"  # a record's source where the columns have no names of their own
_DTYPES = [np.float64, np.float32]

ClassWeight = str | Mapping[Any, float] | None


class Regressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Finds the function that predicts a number.

    Args:
        budget: Wall-clock time of a fit: seconds, or text such as "90s", "2m", "1.5h". Small tables need less.
        recipe: What to do differently (loss, folds, split, width, …); None for the defaults.
        kinds: Column name → kind, where the decision should be overruled (arrays have the columns x0, x1, …).
        random_state: Of every random stream; with an int, the same rows give the same bits.
        verbose: Whether a progress line is shown.

    Attributes:
        function_: The function that was found.
        record_: What was done, as plain values; what the report shows.
        ladder_: A polars table of the rungs that were tried.
        curves_: A polars table of loss and gradient norm by update.
        recipe_: What was used.
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
        examples = _examples(self, X, y, sample_weight, groups=groups, times=times)
        _fit(self, examples, task="regression")
        return self

    def predict(self, X: Any) -> npt.NDArray[np.float64]:
        """Return the predicted numbers, [rows].

        Raises:
            ValueError: if X has other columns than the X of ``fit``.
        """
        check_is_fitted(self)
        return np.asarray(self.function_.predict(_table(self, X)), dtype=np.float64)

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


class Classifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Finds the function that predicts a class, with a probability for each.

    Args:
        budget: Wall-clock time of a fit: seconds, or text such as "90s", "2m", "1.5h". Small tables need less.
        recipe: What to do differently (loss, folds, split, width, …); None for the defaults.
        kinds: Column name → kind, where the decision should be overruled (arrays have the columns x0, x1, …).
        class_weight: Class → factor on the weights of its rows (1 for classes that aren't named), or "balanced" for
            factors that give every class the same total weight.
        random_state: Of every random stream; with an int, the same rows give the same bits.
        verbose: Whether a progress line is shown.

    Attributes:
        classes_: The classes, sorted; the columns of ``predict_proba``.
        function_: The function that was found.
        record_: What was done, as plain values; what the report shows.
        ladder_: A polars table of the rungs that were tried.
        curves_: A polars table of loss and gradient norm by update.
        recipe_: What was used.
        verdict_: One sentence: what limits the result.
        n_features_in_: Number of columns.
        feature_names_in_: Their names, if X had any.

    Example:
        >>> import numpy as np
        >>> X = np.linspace(0, 1, 40).reshape(-1, 1)
        >>> model = Classifier(random_state=0).fit(X, np.where(X[:, 0] < 0.5, "low", "high"))
        >>> model.predict([[0.1], [0.9]]).tolist()
        ['low', 'high']
    """

    def __init__(
        self,
        *,
        budget: str | float = "2m",
        recipe: Recipe | None = None,
        kinds: Mapping[str, str] | None = None,
        class_weight: ClassWeight = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        self.budget = budget
        self.recipe = recipe
        self.kinds = kinds
        self.class_weight = class_weight
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, groups: Any = None, times: Any = None) -> Classifier:
        """Find the function.

        Args:
            X: Array of numbers [rows, columns], or a table of pandas, polars or Arrow; values may be missing.
            y: The classes, [rows].
            sample_weight: [rows]; a weight of 2 is the same as two identical rows.
            groups: [rows]; rows of one group stay together, so that folds judge on groups never seen.
            times: [rows]; folds judge on rows that are later than those they were trained on.

        Raises:
            UserError: if X, y or what is asked for can't be used.
            KeyboardInterrupt: if interrupted before there was any function; later, the best so far is kept.
        """
        examples = _examples(self, X, y, sample_weight, groups=groups, times=times)
        weights = examples.weights * class_weights(examples.y, self.class_weight, weights=examples.weights)
        _fit(self, examples.weighted(weights), task="classification")
        return self

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Return the most probable classes, [rows].

        Raises:
            ValueError: if X has other columns than the X of ``fit``.
        """
        check_is_fitted(self)
        return np.asarray(self.function_.predict(_table(self, X)))

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """Return the probability of every class, [rows, classes].

        Raises:
            ValueError: if X has other columns than the X of ``fit``.
        """
        check_is_fitted(self)
        outputs: npt.NDArray[np.float64] = self.function_.outputs(_table(self, X))
        return outputs

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


def load(path: str | os.PathLike[str]) -> Regressor | Classifier:
    """Return a fitted estimator from what ``save`` or ``thetastar fit`` wrote: a file, or the folder of a run.

    Nothing in the file is run. The estimator predicts the same bits as the one that was saved. Its arguments are those
    that the record knows; ``class_weight`` isn't among them.

    Raises:
        SavedFunctionError: if the file is absent, damaged, of a newer format, or no saved function.

    Example:
        >>> import numpy as np
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
    estimator.n_features_in_ = len(function.columns)
    if record is None or record.source != _ARRAY:
        estimator.feature_names_in_ = np.asarray([column.name for column in function.columns], dtype=object)
    _remember(estimator, function, record)
    return estimator


def class_weights(
    y: npt.NDArray[Any], class_weight: ClassWeight, *, weights: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return the factor on the weight of each row, [rows].

    Raises:
        UserError: if it is neither "balanced" nor a mapping, or names a class that isn't there.
    """
    if class_weight is None:
        return np.ones(len(y))
    classes, codes = np.unique(y, return_inverse=True)
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise UserError(f"class_weight is 'balanced' or a mapping of classes to factors; seen {class_weight!r}")
        total = np.bincount(codes, weights=weights)
        return np.asarray((weights.sum() / (len(classes) * total))[codes])
    if unknown := [name for name in class_weight if name not in classes.tolist()]:
        raise UserError(f"class_weight names {unknown[:5]}, but the classes are {classes.tolist()[:10]}")
    return np.asarray([float(class_weight.get(name, 1.0)) for name in classes.tolist()])[codes]


@dataclass(frozen=True)
class Examples:
    """What was given to ``fit``, checked; rows of weight 0 are gone."""

    table: pl.DataFrame
    y: npt.NDArray[Any]
    name: str
    weights: npt.NDArray[np.float64]
    weighed: bool
    groups: pl.Series | None
    times: pl.Series | None
    source: str

    def weighted(self, weights: npt.NDArray[np.float64]) -> Examples:
        """Return the same rows with other weights."""
        weighed = self.weighed or bool((weights != self.weights).any())
        return Examples(self.table, self.y, self.name, weights, weighed, self.groups, self.times, self.source)


def _examples(estimator: Any, X: Any, y: Any, sample_weight: Any, *, groups: Any, times: Any) -> Examples:
    """Check what was given to ``fit``, by scikit-learn's rules, and take note of the columns."""
    numeric = isinstance(estimator, Regressor)
    name = getattr(y, "name", None)
    if _is_table(X):
        table = read(X)
        y = validate_data(estimator, y=y, y_numeric=numeric)
        validate_data(estimator, _named(X, table), y, skip_check_array=True)
        check_consistent_length(table, y)
    else:
        X, y = validate_data(
            estimator, X, y, dtype=_DTYPES, y_numeric=numeric, ensure_all_finite="allow-nan", ensure_min_samples=2
        )
        table = read(X)
    if not numeric:
        _check_classes(y)
    given = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    weights = check_weights(given, table.height)
    kept = np.flatnonzero(weights > 0)
    return Examples(
        table=table[kept],
        y=y[kept],
        name=name if isinstance(name, str) and name else "y",
        weights=weights[kept],
        weighed=given is not None,
        groups=None if groups is None else read_series(groups, name="group")[kept],
        times=None if times is None else read_series(times, name="time")[kept],
        source=type(X).__module__.split(".")[0] if nw.dependencies.is_into_dataframe(X) else _ARRAY,
    )


def _check_classes(y: npt.NDArray[Any]) -> None:
    """Refuse what can't be classes, by scikit-learn's rules; these trip over None, so missing values come first."""
    missing = np.flatnonzero(read_series(y).is_null().to_numpy())
    if missing.size:
        raise DataError(
            f"y has no class in {missing.size} of {len(y)} rows, first in row {missing[0] + 1}: leave these rows out"
        )
    check_classification_targets(y)


def _fit(estimator: Any, examples: Examples, *, task: str) -> None:
    """Run the fit and keep what came out on the estimator."""
    y = examples.y.astype(np.float64) if task == "regression" else examples.y
    with Progress("en", quiet=not estimator.verbose) as progress:
        found = fit(
            examples.table,
            read_series(y).alias(examples.name),
            weights=examples.weights if examples.weighed else None,
            task=task,
            kinds=_kinds(estimator.kinds, examples),
            recipe=estimator.recipe,
            groups=examples.groups,
            times=examples.times,
            budget=seconds(estimator.budget),
            seed=_seed(estimator.random_state),
            source=examples.source,
            report=progress.update,
        )
    if found.record.stopped == "interrupted":
        warnings.warn("the fit was interrupted: the best function found so far is kept", UserWarning, stacklevel=3)
    _remember(estimator, found.function, found.record)


def _remember(estimator: Any, function: FoundFunction, record: Record | None) -> None:
    """Set what a fitted estimator knows."""
    estimator.function_ = function
    estimator.record_ = record
    if function.target.classes:
        estimator.classes_ = np.asarray(function.target.classes)
    if record is not None:
        estimator.ladder_ = ladder_frame(record)
        estimator.curves_ = curves_frame(record)
        estimator.recipe_ = from_plain(Recipe, record.recipe)
        estimator.verdict_ = limit(record, "en")


def _table(estimator: Any, X: Any) -> pl.DataFrame:
    """Return rows to predict, with the columns called as they were in ``fit``."""
    if _is_table(X):
        table = read(X)
        validate_data(estimator, _named(X, table), reset=False, skip_check_array=True)
    else:
        X = validate_data(estimator, X, reset=False, dtype=_DTYPES, ensure_all_finite="allow-nan")
        table = read(X)
    names = [column.name for column in estimator.function_.columns]
    return table.rename(dict(zip(table.columns, names, strict=True)))


def _is_table(X: Any) -> bool:
    """Tell tables, whose columns have kinds of their own, from arrays of numbers."""
    if isinstance(X, np.ndarray):
        return X.ndim == 2 and (X.dtype.kind == "U" or (X.dtype == object and any(isinstance(x, str) for x in X.flat)))
    return bool(nw.dependencies.is_into_dataframe(X))


def _named(X: Any, table: pl.DataFrame) -> Any:
    """Return what scikit-learn should take the names from: an array's columns have none."""
    return X if isinstance(X, np.ndarray) else table


def _kinds(kinds: Mapping[str, str] | None, examples: Examples) -> dict[str, str]:
    """Return the kinds to overrule; in an array of numbers, two values that are 0 and 1 are numbers like any others."""
    asked = dict(kinds or {})
    if examples.source != _ARRAY:
        return asked
    numeric = [column for column in decide_columns(examples.table) if examples.table[column.name].dtype.is_float()]
    return {column.name: "number" for column in numeric if column.kind is Kind.boolean} | asked


def _seed(random_state: Any) -> int:
    """Return a seed: the int itself, or one drawn from the state."""
    state = check_random_state(random_state)
    return int(random_state) if isinstance(random_state, numbers.Integral) else int(state.randint(2**31 - 1))
