"""The scikit-learn face keeps scikit-learn's contract, and what goes in as a table is treated as one."""

from __future__ import annotations

import copy
import datetime
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

import thetastar as ts
from thetastar.estimators.class_weights import class_weights
from thetastar.fitting import fit

SMALL = ts.Recipe(rungs=("constant", "linear", "hard_sigmoids"), folds=3)
ROWS = 90
TABLES: dict[str, Callable[[pl.DataFrame], Any]] = {
    "polars": lambda table: table,
    "pandas": lambda table: pd.DataFrame(table.to_dict(as_series=False)),
    "pyarrow": lambda table: pa.table(table.to_dict(as_series=False)),
}


def a_table() -> pl.DataFrame:
    random = np.random.default_rng(1)
    return pl.DataFrame(
        {"size": random.normal(80, 20, ROWS), "town": random.choice(["Ulm", "Bonn", "Kiel"], ROWS)},
    )


def prices(table: pl.DataFrame) -> np.ndarray:
    return table["size"].to_numpy() * 1000 + np.where(table["town"].to_numpy() == "Ulm", 50_000, 0)


def regressor(**arguments: Any) -> ts.Regressor:
    return ts.Regressor(**{"recipe": SMALL, "random_state": 0} | arguments)


def classifier(**arguments: Any) -> ts.Classifier:
    return ts.Classifier(**{"recipe": SMALL, "random_state": 0} | arguments)


def two_clouds(*, distance: float = 2.0, rows: int = 120) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(2)
    y = np.repeat(["left", "right"], rows // 2)
    return random.normal(size=(rows, 2)) + distance * (y == "right")[:, None], y


@pytest.mark.slow
@parametrize_with_checks([ts.Regressor(), ts.Classifier()])
def test_scikit_learn_contract(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


@pytest.mark.parametrize("estimator", [ts.Regressor, ts.Classifier])
def test_at_most_eight_arguments(estimator: type) -> None:
    assert len(estimator().get_params()) <= 8


@pytest.mark.parametrize("library", TABLES)
def test_words_in_a_table_are_categories(library: str) -> None:
    table = a_table()
    model = regressor().fit(TABLES[library](table), prices(table))
    assert model.feature_names_in_.tolist() == ["size", "town"]
    assert [column.kind.value for column in model.record_.columns] == ["number", "category"]
    assert model.score(TABLES[library](table), prices(table)) > 0.9999
    assert model.record_.source == library


def test_every_library_gives_the_same_function() -> None:
    table = a_table()
    models = {name: regressor().fit(convert(table), prices(table)) for name, convert in TABLES.items()}
    predicted = {name: models[name].predict(convert(table)).tolist() for name, convert in TABLES.items()}
    assert predicted["pandas"] == predicted["polars"] == predicted["pyarrow"]


def with_texts(rows: int) -> pd.DataFrame:
    """A table as it is scraped: amounts, shares and dates as a person writes them, and codes that look like numbers."""
    draw = np.random.default_rng(3)
    area = draw.integers(900, 3000, rows)
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 300, rows), "D")
    zip_code = draw.choice(["01234", "94103"], rows)
    texts = {"area": [f"{one:,}" for one in area], "day": day.strftime("%d/%m/%Y"), "zip": zip_code}
    return pd.DataFrame({**texts, "price": area * 2.0})


def test_texts_of_dataframes_are_read_alike_when_fitting_and_predicting(tmp_path: Path) -> None:
    table = with_texts(120)
    model = regressor(recipe=ts.Recipe(rungs=("linear",))).fit(table.drop(columns="price"), table["price"])
    assert {column.name: column.kind.value for column in model.record_.columns} == {
        "area": "number", "day": "date", "zip": "category",
    }  # fmt: skip
    assert {note.code for note in model.record_.reading.notes} == {"thousands_settled", "dates_dmy", "codes"}
    # alone, 1,500 and 3/4/2024 would be one and a half and, perhaps, a day in March
    new = pd.DataFrame({"area": ["1,500"], "day": ["03/04/2024"], "zip": ["01234"]})
    typed = pl.DataFrame({"area": [1500], "day": [datetime.date(2024, 4, 3)], "zip": ["01234"]})
    same = ts.load(model.save(tmp_path / "saved.theta"))
    assert model.predict(new)[0] == pytest.approx(3000, rel=1e-3)
    assert model.predict(new) == model.predict(typed) == same.predict(new)
    assert model.unfamiliar(new).is_empty()
    assert model.unfamiliar(new.assign(area="big"))["code"].to_list() == ["unreadable"]


def test_a_time_of_day_goes_round_the_clock() -> None:
    minutes = np.random.default_rng(5).integers(0, 24 * 60, 300)
    table = pd.DataFrame({"start": [f"{one // 60}:{one % 60:02d}" for one in minutes], "x": minutes % 7})
    table.loc[::30, "start"] = "?"
    day = np.where(table["start"] == "?", 3.0, 10 * np.cos(2 * np.pi * minutes / 1440))
    model = regressor(recipe=ts.Recipe(rungs=("linear", "hard_sigmoids"))).fit(table, day)
    assert model.record_.columns[0].kind.value == "time"
    new = pd.DataFrame({"start": ["23:59", "0:01", "6:00", "noon", None], "x": 0})
    np.testing.assert_allclose(model.predict(new), [10, 10, 0, 3, 3], atol=0.5)
    assert model.unfamiliar(new).rows() == [("start", "unreadable", 1, 4, "noon")]
    effect = next(one for one in model.record_.evidence.effects if one.column == "start")
    assert (effect.kind, effect.of, bool(effect.gap)) == ("time", "", True)
    assert effect.value[0] > 5 > -5 > min(effect.value)
    assert {term.input.role for term in model.record_.formula.terms if term.input.column == "start"} <= {
        "sin_hour", "cos_hour", "missing",
    }  # fmt: skip


def test_times_are_read_as_they_are_written() -> None:
    X, y = np.arange(40.0).reshape(-1, 1), np.arange(40.0)
    times = (pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(40), "D")).strftime("%d.%m.%Y")
    model = regressor(recipe=ts.Recipe(rungs=("linear",))).fit(X, y, times=times.to_numpy())
    assert model.record_.split == "time"


def test_words_in_an_array_are_categories() -> None:
    table = a_table()
    X = np.array(table.rows(), dtype=object)
    model = regressor().fit(X, prices(table))
    assert model.score(X, prices(table)) > 0.9999
    assert not hasattr(model, "feature_names_in_")


def test_numbers_in_an_array_stay_numbers() -> None:
    X = np.column_stack([np.arange(60) % 2, np.arange(60)]).astype(float)
    model = regressor().fit(X, X[:, 0] * 2)
    assert [column.kind.value for column in model.record_.columns] == ["number", "number"]
    assert model.predict([[0.5, 30.0]])[0] == pytest.approx(1.0, abs=1e-3)


def test_kinds_overrule() -> None:
    X = np.column_stack([np.arange(60) % 3, np.linspace(0, 1, 60)])
    model = regressor(kinds={"x0": "category"}).fit(X, np.array([5.0, -3.0, 9.0])[np.arange(60) % 3])
    assert [column.kind.value for column in model.record_.columns] == ["category", "number"]
    assert model.predict(X[:3]) == pytest.approx([5.0, -3.0, 9.0], abs=1e-3)
    with pytest.raises(ts.UserError, match="weight"):
        regressor(kinds={"weight": "number"}).fit(X, X[:, 1])


def test_missing_values_are_welcome_and_infinities_are_not() -> None:
    X, y = two_clouds()
    X[::7, 0] = np.nan
    assert classifier().fit(X, y).score(X, y) > 0.85
    table = pd.DataFrame({"a": [1.0, np.inf, 3.0, 4.0] * 5})
    with pytest.raises(ts.DataError, match=r"'a'.*infinite.*row 2"):
        regressor().fit(table, np.arange(20.0))
    with pytest.raises(ValueError, match="infinity"):
        regressor().fit(table.to_numpy(), np.arange(20.0))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_in_new_rows_an_infinity_counts_as_missing_in_arrays_and_tables(dtype: type[np.floating[Any]]) -> None:
    X, y = two_clouds()
    model = classifier().fit(X, y)
    endless, absent = (np.full((2, X.shape[1]), value, dtype=dtype) for value in (np.inf, np.nan))
    assert model.predict_proba(endless).tolist() == model.predict_proba(absent).tolist()
    by_name = ts.Classifier(random_state=0).fit(pd.DataFrame(X), y).predict(pd.DataFrame(-endless))
    assert by_name.tolist() == model.predict(-endless).tolist()


@pytest.mark.parametrize("missing", [np.nan, None])
def test_missing_targets_are_refused(missing: float | None) -> None:
    X, y = two_clouds()
    words = y.astype(object)
    words[5] = missing
    with pytest.raises(ValueError, match=r"NaN|no class"):
        classifier().fit(X, words)


def test_columns_in_another_order_or_number_are_refused() -> None:
    table = a_table().with_columns(age=pl.int_range(ROWS) % 13)
    model = regressor().fit(table, prices(table))
    with pytest.raises(ValueError, match="same order"):
        model.predict(table.select("age", "town", "size"))
    with pytest.raises(ValueError, match=r"unseen at fit time:\n- extra"):
        model.predict(table.with_columns(extra=pl.lit(1)))
    with pytest.raises(ValueError, match=r"now missing:\n- town"):
        model.predict(table.drop("town"))
    with pytest.warns(UserWarning, match="feature names"):
        assert model.predict(table.to_numpy()).tolist() == model.predict(table).tolist()


def test_unfamiliar_values_are_counted_and_nothing_is_warned_of() -> None:
    table = a_table()
    model = regressor().fit(table, prices(table))
    odd = table.head(3).with_columns(size=pl.Series([1e6, 80.0, np.inf]), town=pl.Series(["Rome", "Ulm", None]))
    assert np.isfinite(model.predict(odd)).all()
    assert model.unfamiliar(odd).rows() == [
        ("size", "infinite", 1, 3, "inf"),
        ("size", "far", 1, 1, "1000000.0"),
        ("town", "category", 1, 1, "Rome"),
        ("town", "missing", 1, 3, ""),
    ]
    assert model.unfamiliar(table).is_empty()


def test_names_are_forgotten_by_a_fit_without_names() -> None:
    table = a_table().select("size")
    model = regressor().fit(table, prices(a_table()))
    model.fit(table.to_numpy(), prices(a_table()))
    assert not hasattr(model, "feature_names_in_")
    assert model.n_features_in_ == 1


def test_class_names_come_back_as_they_were() -> None:
    X, y = two_clouds()
    for labels in (y, np.where(y == "left", 3, 7), y == "left", np.where(y == "left", 1.0, 2.0)):
        model = classifier().fit(X, labels)
        assert model.classes_.tolist() == sorted(set(labels.tolist()))
        assert model.predict(X).dtype.kind == labels.dtype.kind
        assert np.mean(model.predict(X) == labels) > 0.8
        probability = model.predict_proba(X)
        assert probability.sum(1) == pytest.approx(1.0)
        assert (model.classes_[probability.argmax(1)] == model.predict(X)).all()


def test_weights_pull_a_regression() -> None:
    X, y = np.zeros((40, 1)), np.repeat([0.0, 10.0], 20)
    X[::2] = 1
    weights = np.where(y == 0, 1.0, 9.0)
    assert regressor().fit(X, y, sample_weight=weights).predict([[0.0]]) == pytest.approx(9.0, abs=1e-2)
    assert regressor().fit(X, y).predict([[0.0]]) == pytest.approx(5.0, abs=1e-2)


def test_class_weights_pull_a_classification() -> None:
    X, y = two_clouds(distance=0.5)
    share = {name: np.mean(classifier(class_weight=weight).fit(X, y).predict(X) == "left") for name, weight in {
        "left": {"left": 20.0}, "none": None, "right": {"right": 20.0},
    }.items()}  # fmt: skip
    assert share["left"] > 0.9
    assert 0.2 < share["none"] < 0.8
    assert share["right"] < 0.1


def test_a_class_weight_is_a_weight_of_its_rows() -> None:
    X, y = two_clouds()
    by_class = classifier(class_weight={"left": 3}).fit(X, y)
    by_row = classifier().fit(X, y, sample_weight=np.where(y == "left", 3.0, 1.0))
    assert by_class.predict_proba(X).tolist() == by_row.predict_proba(X).tolist()


def test_balanced_classes_weigh_the_same_in_total() -> None:
    y, weights = np.array(["a", "a", "a", "b"]), np.array([1.0, 2.0, 1.0, 1.0])
    total = weights * class_weights(y, "balanced", weights=weights)
    assert total[y == "a"].sum() == pytest.approx(total[y == "b"].sum())
    assert total.sum() == pytest.approx(weights.sum())


@pytest.mark.parametrize("wrong", ["even", {"middle": 2.0}])
def test_wrong_class_weights_say_so(wrong: Any) -> None:
    X, y = two_clouds()
    with pytest.raises(ts.UserError, match="class_weight"):
        classifier(class_weight=wrong).fit(X, y)


def test_groups_and_times_decide_the_split() -> None:
    X, y = two_clouds()
    order = np.random.default_rng(0).permutation(len(y))
    assert classifier().fit(X[order], y[order], groups=np.arange(len(y)) // 5).record_.split == "group"
    assert regressor().fit(X[order], X[order, 0], times=np.arange(len(y))).record_.split == "time"
    with pytest.raises(ts.DataError, match="groups has 3 values"):
        regressor().fit(X, X[:, 0], groups=[1, 2, 3])
    with pytest.raises(ts.UserError, match="not both"):
        regressor().fit(X, X[:, 0], groups=y, times=np.arange(len(y)))


def test_it_works_inside_scikit_learn() -> None:
    X, y = two_clouds()
    X[0, 0] = np.nan
    assert cross_val_score(make_pipeline(SimpleImputer(), classifier()), X, y, cv=3).mean() > 0.85
    search = GridSearchCV(classifier(), {"recipe": [SMALL, replace(SMALL, rungs=("constant",))]}, cv=2).fit(X, y)
    assert search.best_params_ == {"recipe": SMALL}
    assert clone(search.best_estimator_).get_params() == search.best_estimator_.get_params()


def test_what_was_done_can_be_read() -> None:
    X, _ = two_clouds()
    model = ts.Regressor(random_state=0, recipe=replace(SMALL, rungs=("linear", "hidden"), width=4, epochs=2))
    model.fit(X, X[:, 0] ** 2)
    assert model.ladder_.columns == [
        *("rung", "parameters", "training_loss", "validation_loss", "standard_error", "seconds", "outcome")
    ]  # fmt: skip
    assert model.ladder_["rung"].to_list() == ["linear", "hidden"]
    assert model.ladder_["validation_loss"][0] == pytest.approx(np.mean(model.record_.ladder[0].validation))
    assert set(model.curves_["quantity"]) == {"loss", "gradient_norm", "validation_loss"}
    assert set(model.curves_["rung"]) == {"hidden"}
    assert (model.recipe_.loss, model.recipe_.width, model.recipe_.folds) == ("squared", 4, 3)
    assert isinstance(model.verdict_, str)
    assert model.verdict_.endswith(".")


@pytest.mark.parametrize("again", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_predict_the_same_bits(again: Callable[[Any], Any]) -> None:
    X, y = two_clouds()
    model = classifier().fit(X, y)
    assert again(model).predict_proba(X).tobytes() == model.predict_proba(X).tobytes()


def test_load_gives_a_fitted_estimator(tmp_path: Path) -> None:
    table = a_table()
    model = regressor().fit(table, prices(table))
    same = ts.load(model.save(tmp_path / "price.theta"))
    assert isinstance(same, ts.Regressor)
    assert same.predict(table).tobytes() == model.predict(table).tobytes()
    assert same.feature_names_in_.tolist() == ["size", "town"]
    assert same.ladder_.equals(model.ladder_)
    assert same.curves_.equals(model.curves_)
    assert (same.recipe_, same.verdict_) == (model.recipe_, model.verdict_)
    assert clone(same).fit(table, prices(table)).predict(table).tobytes() == model.predict(table).tobytes()
    reordered = table[table.columns[::-1]]
    assert same.predict(reordered).tobytes() == model.predict(table).tobytes(), "a loaded one finds columns by name"
    with pytest.raises(ValueError, match="same order"):
        same.fit(table, prices(table)).predict(reordered)


@pytest.mark.parametrize("weight", [None, "balanced", {np.int64(0): 4, 1: 1}])
def test_load_tells_how_it_was_fitted_and_refits_to_the_same_bits(tmp_path: Path, weight: Any) -> None:
    X, side = two_clouds()
    y = (side == "right").astype(int)
    table = pl.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": np.arange(len(y)) % 3})
    model = classifier().set_params(class_weight=weight, kinds={"c": "category"}, random_state=np.random.RandomState(7))
    again = ts.load(model.fit(table, y).save(tmp_path / "clouds.theta"))
    assert isinstance(again, ts.Classifier)
    told = again.get_params()
    assert (told["class_weight"], told["kinds"], told["budget"]) == (weight, {"c": "category"}, 120.0)
    assert isinstance(told["random_state"], int)
    assert clone(again).fit(table, y).predict_proba(table).tobytes() == model.predict_proba(table).tobytes()


def test_load_in_another_process_predicts_the_same_bits(tmp_path: Path) -> None:
    X, y = two_clouds()
    model = classifier().fit(X, y)
    model.save(tmp_path / "clouds.theta")
    np.save(tmp_path / "X.npy", X)
    code = (
        "import sys, numpy, thetastar as ts; model = ts.load(sys.argv[1])\n"
        "sys.stdout.write(model.predict_proba(numpy.load(sys.argv[2])).tobytes().hex())"
    )
    command = [sys.executable, "-c", code, tmp_path / "clouds.theta", tmp_path / "X.npy"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == model.predict_proba(X).tobytes().hex()


def test_saving_before_fitting_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not fitted"):
        regressor().save(tmp_path / "nothing.theta")


def test_an_interrupted_fit_keeps_the_best_and_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any, **settings: Any) -> Any:
        found = fit(*arguments, **settings)
        return replace(found, record=replace(found.record, stopped="interrupted"))

    monkeypatch.setattr("thetastar.estimators.learn.fit", interrupted)
    X, y = two_clouds()
    with pytest.warns(UserWarning, match="interrupted"):
        model = classifier().fit(X, y)
    assert model.score(X, y) > 0.8


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    X, _ = two_clouds()
    y = np.sin(3 * X[:, 0]) + X[:, 1]
    network = replace(SMALL, rungs=("hidden",), width=4, epochs=2)
    first, again, other = (
        regressor(recipe=network, random_state=seed).fit(X, y).predict(X).tolist() for seed in (0, 0, 1)
    )
    assert first == again != other
    state = regressor(recipe=network, random_state=np.random.RandomState(5))
    assert state.fit(X, y).record_.seed != state.fit(X, y).record_.seed


def test_the_target_keeps_its_name() -> None:
    table = a_table()
    assert regressor().fit(table, pl.Series("price", prices(table))).record_.target.name == "price"
    assert regressor().fit(table, pd.Series(prices(table))).record_.target.name == "y"


def test_a_recipe_of_another_type_is_refused() -> None:
    with pytest.raises(ts.UserError, match="recipe= takes a Recipe or None; seen"):
        ts.Regressor(recipe={"loss": "huber"}).fit(np.arange(20.0).reshape(-1, 1), np.arange(20.0))


def test_rows_of_the_fit_are_known_again(tmp_path: Path) -> None:
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    model = ts.load(ts.Regressor(recipe=SMALL, random_state=0).fit(X[:300], y[:300]).save(tmp_path / "f.theta"))
    said = model.seen_before(X[250:].astype(np.float32), y[250:])
    assert said.columns == ["inputs", "row"]
    assert said["inputs"].to_list() == said["row"].to_list() == [True] * 50 + [False] * 142
    assert model.seen_before(X[250:], y[250:] + 1)["row"].sum() == 0
    alone = model.seen_before(X[290:310])
    assert alone["inputs"].to_list() == [True] * 10 + [False] * 10
    assert alone["row"].null_count() == 20
    with pytest.raises(ts.DataError, match="y has 3 values, X has 20 rows"):
        model.seen_before(X[290:310], y[:3])
