"""What can't be used is refused with one message that says what was seen; what can be used gives finite numbers."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from typer.testing import CliRunner

import thetastar as ts
from thetastar.cli import app
from thetastar.fitting import Fit, Question, fit

ROWS = 60
X = np.random.default_rng(0).normal(size=ROWS)
PLAIN = pl.DataFrame({"x": X})
SMALL = ts.Recipe(
    rungs=("constant", "linear", "hard_sigmoids", "hidden"), width=4, epochs=2, learning_rates=(1e-2,), pieces=8
)


def found(table: pl.DataFrame, y: Any, **given: Any) -> Fit:
    question = Question(table, y if isinstance(y, pl.Series) else pl.Series("y", y), **given)
    return fit(question, recipe=SMALL, budget=60)


def words(*values: str) -> pl.Series:
    return pl.Series("y", list(values))


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "no rows": (lambda: found(PLAIN.clear(), []), "at least 2 rows to learn from; seen 0"),
    "one row": (lambda: found(PLAIN.head(1), [1.0]), "at least 2 rows to learn from; seen 1"),
    "the same row twice": (lambda: found(pl.DataFrame({"x": [1.0, 1.0]}), [2.0, 2.0]), "no column can be used"),
    "two rows of two classes": (lambda: found(PLAIN.head(2), words("a", "b")), "a class that occurs twice or more"),
    "missing target": (lambda: found(PLAIN, [None, *X[1:]]), "'y' is missing in 1 of 60 rows, first in row 1"),
    "nan target": (lambda: found(PLAIN, [*X[1:], np.nan]), "'y' is missing in 1 of 60 rows, first in row 60"),
    "no target": (lambda: found(PLAIN, [None] * ROWS), "'y': none of its 60 rows has a value"),
    "infinite target": (lambda: found(PLAIN, [np.inf, *X[1:]]), "'y' holds 1 infinite value(s), the first in row 1"),
    "infinite class": (
        lambda: found(PLAIN, [np.inf, *[0.0, 1.0] * 29, 1.0], task="classification"),
        "target 'y' holds 1 infinite value(s), the first in row 1: replace them by a number, or leave these rows out",
    ),
    "infinite day": (
        lambda: found(pl.DataFrame({"x": [*X[1:], np.inf]}), X, kinds={"x": "date"}),
        "'x' holds 1 infinite value(s), the first in row 60",
    ),
    "infinite hour": (
        lambda: found(pl.DataFrame({"x": [*X[1:], -np.inf]}), X, kinds={"x": "time"}),
        "'x' holds 1 infinite value(s), the first in row 60",
    ),
    "infinite weight": (
        lambda: found(PLAIN, X, weights=np.array([*np.ones(ROWS - 1), np.inf])),
        "weight inf in row 60: weights must be finite",
    ),
    "infinite input": (lambda: found(pl.DataFrame({"x": [-np.inf, *X[1:]]}), X), "'x' holds 1 infinite value(s)"),
    "one class": (lambda: found(PLAIN, words(*"a" * ROWS)), "only one class, 'a'"),
    "as many classes as rows": (lambda: found(PLAIN, words(*map(str, X))), "60 distinct values in 60 rows"),
    "words as numbers": (
        lambda: found(PLAIN, words(*"ab" * 30), task="regression"),
        "can't be read as a number: 60 value(s) are none, the first is 'a' in row 1",
    ),
    "nothing but names": (
        lambda: found(pl.DataFrame({"id": [f"n{i}" for i in range(ROWS)], "c": [1] * ROWS}), X),
        "no column can be used: 'id' (identifier), 'c' (constant). Overrule the kind of one",
    ),
    "too few values": (lambda: found(PLAIN, X[:-1]), "59 values but the table has 60 rows"),
    "one group": (lambda: found(PLAIN, X, groups=pl.Series([1] * ROWS)), "1 group(s) can't be split into 5 folds"),
    "one time": (lambda: found(PLAIN, X, times=pl.Series([1] * ROWS)), "1 distinct time(s)"),
    "no budget": (
        lambda: fit(Question(PLAIN, pl.Series("y", X)), budget=float("nan")),
        "positive number of seconds; seen nan",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_not_be_fitted_is_refused(case: str) -> None:
    act, said = REFUSED[case]
    with pytest.raises(ts.UserError) as raised:
        act()
    assert said in str(raised.value)


def learn(X: Any, y: Any, **given: Any) -> ts.Regressor:
    return ts.Regressor(recipe=SMALL, random_state=0, budget=60).fit(X, y, **given)


def tell(X: Any, y: Any) -> ts.Classifier:
    return ts.Classifier(recipe=SMALL, random_state=0, budget=60).fit(X, y)


def column(cell: Any) -> pd.DataFrame:
    return pd.DataFrame({"a": pd.Series([cell] * ROWS, dtype=object), "x": X})


COLUMN = X.reshape(-1, 1)
BY_ESTIMATORS: dict[str, tuple[Callable[[], object], str]] = {
    "complex array": (lambda: learn(COLUMN + 1j, X), "Complex data not supported"),
    "complex target": (lambda: learn(COLUMN, X + 1j), "Complex data not supported"),
    "complex column": (lambda: learn(pd.DataFrame({"a": X + 1j}), X), "'a', row 1: complex can't be used"),
    "list in a cell": (lambda: learn(column([1, 2]), X), "'a', row 1: list can't be used"),
    "dict in a cell": (lambda: learn(column({"b": 1}), X), "'a', row 1: dict can't be used"),
    "bytes in a cell": (lambda: learn(column(b"ab"), X), "'a', row 1: bytes can't be used"),
    "object in a cell": (lambda: learn(column(object()), X), "'a', row 1: object can't be used"),
    "lists in polars": (lambda: learn(pl.DataFrame({"a": [[1, 2]] * ROWS}), X), "'a' holds List(Int64)"),
    "structs in polars": (lambda: learn(pl.DataFrame({"a": [{"b": 1}] * ROWS}), X), "'a' holds Struct"),
    "ragged array": (lambda: learn(np.array([[[1], 2], [3, 4]] * 30, dtype=object), X), "a sequence"),
    "three axes": (lambda: learn(np.zeros((5, 4, 3)), X[:5]), "array with dim 3"),
    "one axis": (lambda: learn(X, X), "Expected 2D array, got 1D array"),
    "sparse": (lambda: learn(sparse.csr_matrix(COLUMN), X), "Sparse data was passed"),
    "two targets": (lambda: learn(COLUMN, np.stack([X, X], 1)), "y should be a 1d array"),
    "words to predict": (lambda: learn(COLUMN, ["a"] * ROWS), "can't be read as a number"),
    "classes of two sorts": (lambda: tell(COLUMN, np.array([1, "a"] * 30, dtype=object)), "Unknown label type"),
    "words as weights": (lambda: learn(COLUMN, X, sample_weight=["a"] * ROWS), "could not convert string"),
    "weights of two axes": (lambda: learn(COLUMN, X, sample_weight=np.ones((ROWS, 2))), "weights have shape (60, 2)"),
    "negative weights": (lambda: learn(COLUMN, X, sample_weight=-np.ones(ROWS)), "weight -1.0 in row 1"),
    "infinite weight of a class": (
        lambda: ts.Classifier(recipe=SMALL, class_weight={"a": np.inf}).fit(COLUMN, ["a", "b"] * 30),
        "weight inf in row 1: weights must be finite",
    ),
    "infinite y": (lambda: learn(COLUMN, np.where(X > 0, np.inf, X)), "Input y contains infinity"),
    "a folds text": (lambda: ts.Recipe(folds="3"), "folds is a whole number, for example 5; seen '3'"),
    "half a fold": (lambda: ts.Recipe(folds=2.5), "folds is a whole number, for example 5; seen 2.5"),
    "one rate": (lambda: ts.Recipe(learning_rates=0.1), "learning_rates are several values"),
    "one rung": (lambda: ts.Recipe(rungs="linear"), "rungs are several values"),
    "yes as a number": (lambda: ts.Recipe(width=True), "width is a whole number, for example 128; seen True"),
    "negative pieces": (lambda: ts.Recipe(pieces=-1), "pieces are 0 or more; seen -1"),
}


@pytest.mark.parametrize("case", BY_ESTIMATORS)
def test_what_an_estimator_can_not_use_is_refused(case: str) -> None:
    act, said = BY_ESTIMATORS[case]
    with pytest.raises(ts.UserError) as raised:
        act()
    assert said in str(raised.value)


@pytest.fixture(scope="module")
def model() -> ts.Regressor:
    return learn(pl.DataFrame({"a": X, "w": ["u", "v"] * 30}), X)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pl.DataFrame({"a": X}), "now missing:\n- w"),
        (pl.DataFrame({"a": X, "w": X, "z": X}), "unseen at fit time:\n- z"),
        (pl.DataFrame({"w": X, "a": X}), "same order"),
        (pl.DataFrame({"a": [[1.0]], "w": ["u"]}), "'a' holds List(Float64)"),
        (pl.DataFrame({"a": [], "w": []}), "0 rows"),
    ],
)
def test_wrong_columns_are_refused(model: ts.Regressor, table: pl.DataFrame, said: str) -> None:
    with pytest.raises(ts.DataError) as raised:
        model.predict(table)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "table",
    [
        pl.DataFrame({"a": ["q", None], "w": [1.0, 2.0]}),
        pl.DataFrame({"a": pl.Series([0, 9]).cast(pl.Date), "w": [None, None]}),
        pl.DataFrame({"a": [True, None], "w": [True, False]}),
        pl.DataFrame({"a": [1e300, -np.inf], "w": ["u", ""]}),
        pl.DataFrame({"a": pl.Series([2**100, -1], dtype=pl.Int128), "w": pl.Series(["u", "x"], dtype=pl.Categorical)}),
    ],
)
def test_wrong_types_are_predicted_as_missing_or_unseen(model: ts.Regressor, table: pl.DataFrame) -> None:
    assert np.isfinite(model.predict(table)).all()
    assert model.unfamiliar(table).height


SIZES = (5e-324, 1e-300, 1e-30, 1e30, 1e38, 1e39, 1e150, 1e300)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("what", ["input", "target", "one input", "one target", "both", "far away"])
def test_numbers_of_every_size_give_finite_predictions(what: str, size: float) -> None:
    third = np.arange(ROWS) == 3
    noisy = X + np.random.default_rng(1).normal(size=ROWS)
    x, y = {
        "input": (X * size, noisy),
        "target": (X, noisy * size),
        "one input": (np.where(third, size, X), noisy),
        "one target": (X, np.where(third, size, noisy)),
        "both": (np.where(X > 0, X * size, X / size if size > 1 else X), noisy * size),
        "far away": (X + size, noisy + size),
    }[what]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = pl.DataFrame({"x": x, "z": X[::-1]})
        result = found(table, np.clip(y, -1e300, 1e300))
        assert np.isfinite(result.function.outputs(table)).all()


@pytest.mark.parametrize("far", [1e15, 4_111_111_111_111_110.0])
def test_numbers_that_differ_in_their_last_digits_only_have_effects(far: float) -> None:
    table = pl.DataFrame({"x": far + np.arange(ROWS) % 12, "z": X})
    result = found(table, table["x"].to_numpy() - far + X)
    shares = next(effect.shares for effect in result.record.evidence.effects if effect.column == "x")
    assert sum(shares) == pytest.approx(1)
    assert min(shares) > 0


@pytest.mark.parametrize("rows", [2, 3, 4, 5, 9])
def test_a_handful_of_rows_gives_a_result_that_says_so(rows: int) -> None:
    result = found(PLAIN.head(rows), np.random.default_rng(3).normal(size=rows))
    assert np.isfinite(result.function.outputs(PLAIN)).all()
    assert result.record.limit.code == "too_few_rows"


def test_more_folds_than_rows_become_as_many_as_rows() -> None:
    recipe = ts.Recipe(rungs=("linear",), folds=50)
    record = fit(Question(PLAIN.head(7), pl.Series("y", X[:7] ** 2)), recipe=recipe).record
    assert record.folds == 7


def test_a_constant_target_is_a_result_that_says_so() -> None:
    result = found(PLAIN, [3.0] * ROWS)
    assert result.function.predict(PLAIN).tolist() == [3.0] * ROWS
    assert result.record.limit.code == "nothing_to_learn"


def test_a_hundred_thousand_categories() -> None:
    random = np.random.default_rng(0)
    codes = [f"c{i}" for i in range(100_000)] * 2 + ["c0"] * 20_000
    table = pl.DataFrame({"c": codes})
    recipe = ts.Recipe(rungs=("constant", "linear"), folds=2)
    result = fit(Question(table, pl.Series("y", random.normal(size=len(codes)))), recipe=recipe, budget=60)
    assert (result.record.columns[0].kind.value, result.record.columns[0].distinct) == ("category", 100_000)
    assert np.isfinite(result.function.predict(pl.DataFrame({"c": ["c0", "c99999", "new", None]}))).all()


def test_decimals_durations_and_zones_are_numbers_and_dates() -> None:
    table = pd.DataFrame(
        {
            "paid": [Decimal("1.50"), Decimal("2.25")] * 30,
            "took": pd.to_timedelta(range(ROWS), unit="h"),
            "when": pd.date_range("2020-01-01", periods=ROWS, tz="Asia/Shanghai"),
        }
    )
    assert np.isfinite(learn(table, X).predict(table)).all()


# ---- the same by the command line ----


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("x,y\n", "no rows"),
        ("x,y\n1,2\n", "at least 2 rows to learn from; seen 1"),
        ("x,z\n1,2\n3,4\n", "has no column 'y'"),
        ("x,y\n1,\n2,\n", "none of its 2 rows has a value for the target 'y'"),
        ("x,y\n" + "1,a\n" * 20, "only one class"),
        ("x,y\n" + "".join(f"1,{i}\n" for i in range(20)), "no column can be used: 'x' (constant)"),
        ("x,y\n" + "".join(f"{i}e{400 * (i == 7)},{i}\n" for i in range(1, 20)), "1 infinite value(s)"),
        ("y\n" + "".join(f"{i}\n" for i in range(1, 20)), "no column can be used"),
    ],
)
def test_a_table_that_can_not_be_fitted_is_one_message(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(text)
    arguments = ["fit", str(tmp_path / "t.csv"), "--target", "y", "--out", str(tmp_path / "run"), "--quiet"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2, done.output
    assert said in " ".join(done.stderr.split())
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("level", ["a", None, True, np.nan])
def test_a_level_that_is_no_probability_is_refused(model: ts.Regressor, level: Any) -> None:
    with pytest.raises(ts.UserError, match=r"lies between 0 and 1, for example 0\.9; seen"):
        model.predict_interval(pl.DataFrame({"a": X, "w": ["u", "v"] * 30}), level=level)
