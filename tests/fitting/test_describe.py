"""A formula in original units is the function itself: evaluated by hand on raw rows, it predicts the same."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tests.fitting.tables import CONVEX, LONG, NEVER, Floats, frame, mixed, noise, numbers, problem_of
from thetastar.data import Fold, Kind
from thetastar.fitting import FoundFunction, Question, Recipe, fit
from thetastar.fitting.describe import formula
from thetastar.fitting.problem import encode_folds
from thetastar.fitting.record import Formula
from thetastar.fitting.rungs.combine import assemble
from thetastar.fitting.rungs.rung_fit import fit_rung
from thetastar.functions import ladder
from thetastar.losses import loss_named

LINEAR = Recipe(folds=3, rungs=("linear",))


def by_hand(found: Formula, table: pl.DataFrame) -> Floats:
    """Evaluate a formula on raw rows, [rows, outputs], as a person with a pencil would."""
    scores = np.tile(found.intercept, (table.height, 1))
    named = {(term.input.column, term.input.category) for term in found.terms if term.input.role == "category"}
    for row in range(table.height):
        for term in found.terms:
            value = table[term.input.column][row]
            scores[row, term.output] += term.coefficient * factor(
                term.input.role, term.input.category, value, term.input.column, named
            )
    return scores


def factor(role: str, category: str, value: object, column: str, named: set[tuple[str, str]]) -> float:
    if role == "missing":
        return float(value is None)
    if value is None:
        return 0.0
    if role == "boolean":
        return float(str(value).lower() == category)
    if role == "category":
        other = category == "" and (column, str(value)) not in named
        return float(str(value) == category or other)
    if isinstance(value, datetime.date):
        parts = {"year": value.year, "month": value.month, "weekday": value.isoweekday(), "hour": 0}
        wave, _, cycle = role.partition("_")
        if cycle:
            return float(getattr(np, wave)(2 * np.pi * parts[cycle] / {"month": 12, "weekday": 7, "hour": 24}[cycle]))
        return float(parts["year"] if role == "year" else pl.Series([value]).cast(pl.Date).cast(pl.Int32)[0])
    assert isinstance(value, (int, float))
    return float(value)


def found_on(table: pl.DataFrame, y: pl.Series, *, folds: list[np.ndarray], rung: str = "linear") -> FoundFunction:
    """Return a rung trained on the given rows, one member for each lot."""
    problem = problem_of(table, y)
    folded = encode_folds(problem, [Fold(rows, np.arange(len(y))) for rows in folds], deadline=NEVER)
    functions = ladder(inputs=folded.width, plain=folded.plain, outputs=problem.outputs)[rung]
    loss = loss_named("cross_entropy" if problem.target.classes else "squared")
    fitted = fit_rung(
        rung,
        functions,
        loss,
        folded=folded,
        recipe=CONVEX,
        below=None,
        seed=0,
        deadline=NEVER,
        report=lambda _: None,
    )
    return assemble(fitted, fitted.state, problem=problem, folded=folded)


def test_a_planted_linear_function_is_found_to_many_digits() -> None:
    x = numbers(300, columns=3)
    table = frame(x).with_columns(flag=pl.Series(x[:, 2] > 0.3)).drop("x3")
    y = pl.Series("y", 7 + 2 * x[:, 0] - 300 * x[:, 1] + 11 * (x[:, 2] > 0.3))
    found = fit(Question(table, y), recipe=LINEAR, budget=LONG).record.formula
    assert found is not None
    coefficients = {(term.input.column, term.input.role): term.coefficient for term in found.terms}
    assert found.intercept[0] == pytest.approx(7, abs=0.05)
    assert coefficients["x1", "number"] == pytest.approx(2, abs=0.05)
    assert coefficients["x2", "number"] == pytest.approx(-300, rel=1e-4)
    assert coefficients["flag", "boolean"] == pytest.approx(11, abs=0.05)
    assert found.terms[0].input.column == "x2", "by size of effect"


@pytest.mark.parametrize("members", [1, 3])
def test_a_formula_predicts_numbers_like_its_function(members: int) -> None:
    table = mixed()
    y = pl.Series("y", table["size"].fill_null(10).to_numpy() + 5 * (table["town"] == "Ulm").fill_null(True).to_numpy())
    function = found_on(table, y, folds=np.array_split(np.arange(200), members))
    found = formula(function)
    assert found is not None
    unseen = table.with_columns(town=pl.Series(["Rome", None, *table["town"][2:]]))
    np.testing.assert_allclose(by_hand(found, unseen)[:, 0], function.predict(unseen), atol=1e-4)
    assert {term.input.role for term in found.terms} == {
        *(
            "number",
            "date",
            "year",
            "sin_month",
            "cos_month",
            "sin_weekday",
            "cos_weekday",
            "boolean",
            "category",
            "missing",
        ),
    }


def test_members_may_know_other_categories_and_gaps() -> None:
    town = ["a"] * 60 + ["b"] * 60
    size = [1.0, 2.0, 4.0] * 20 + [3.0, None, 8.0] * 20
    flag = [True, False, False] * 20 + [True, None, False] * 20
    table = pl.DataFrame({"town": town, "size": size, "flag": flag})
    y = pl.Series("y", numbers(120, columns=1)[:, 0] + np.arange(120) / 40)
    function = found_on(table, y, folds=[np.arange(70), np.arange(50, 120)])
    found = formula(function)
    assert found is not None
    np.testing.assert_allclose(by_hand(found, table)[:, 0], function.predict(table), atol=1e-5)


def test_rare_categories_that_share_an_output_are_read_alike() -> None:
    random = np.random.default_rng(0)
    codes = random.integers(0, 90, 400)
    table = pl.DataFrame({"code": [f"c{code}" for code in codes], "x": random.normal(size=400)})
    y = pl.Series("y", codes % 7 + noise(400))
    function = found_on(table, y, folds=[np.arange(0, 300), np.arange(100, 400)])
    assert any(part.other for encoding in function.encodings for part in encoding.parts if hasattr(part, "other"))
    found = formula(function)
    assert found is not None
    np.testing.assert_allclose(by_hand(found, table)[:, 0], function.predict(table), atol=1e-5)


@pytest.mark.parametrize("classes", [2, 3])
def test_a_formula_for_classes_gives_the_functions_probabilities(classes: int) -> None:
    table = mixed()
    y = pl.Series("grade", (table["size"].fill_null(50).rank("ordinal") * classes // 201).cast(pl.String))
    function = found_on(table, y, folds=[np.arange(200)])
    found = formula(function)
    assert found is not None
    assert len(found.intercept) == (1 if classes == 2 else 3)
    scores = by_hand(found, table)
    scores = np.column_stack([np.zeros(200), scores]) if classes == 2 else scores
    powers = np.exp(scores - scores.max(1, keepdims=True))
    np.testing.assert_allclose(powers / powers.sum(1, keepdims=True), function.outputs(table), atol=1e-5)


def test_the_constants_formula_is_the_mean() -> None:
    y = pl.Series("y", noise(90, 5.0) + 3)
    record = fit(Question(frame(numbers(90)), y), recipe=Recipe(folds=3, rungs=("constant",)), budget=LONG).record
    assert record.formula == Formula((pytest.approx(float(y.to_numpy().mean()), rel=1e-6),), ())


def test_functions_that_bend_have_no_formula() -> None:
    y = pl.Series("y", numbers(120)[:, 0])
    bent = found_on(frame(numbers(120)), y, folds=[np.arange(120)], rung="hard_sigmoids")
    assert formula(bent) is None
    straight = found_on(frame(numbers(120)), y, folds=[np.arange(120)])
    robust = tuple(
        replace(encoding, settings=replace(encoding.settings, normalisation="robust"))
        for encoding in straight.encodings
    )
    assert formula(replace(straight, encodings=robust)) is None


def test_dates_keep_their_role() -> None:
    table = mixed(gaps=False)
    y = pl.Series("y", table["sold"].cast(pl.Int32).to_numpy() / 100.0)
    function = found_on(table, y, folds=[np.arange(200)])
    found = formula(function)
    assert found is not None
    assert function.columns[3].kind is Kind.date
    (term,) = [term for term in found.terms if term.input.role == "date"]
    assert term.coefficient == pytest.approx(0.01, rel=1e-3)
