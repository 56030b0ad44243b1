"""The code that a report prints is code; tests/test_rerun.py runs it."""

from __future__ import annotations

import ast
import shlex
from dataclasses import replace

import pytest

from tests.report import records
from thetastar.fitting import Asked, Recipe
from thetastar.fitting.saving.plain import to_plain
from thetastar.report.rerun import recipe_code, rerun


def words(command: str) -> list[str]:
    """What a shell makes of a command whose lines may be continued."""
    return shlex.split(command.replace("\\\n", " "))


def test_a_recipe_prints_as_the_call_that_makes_it() -> None:
    recipe = Recipe(rungs=("linear",), folds=3, learning_rates=(1e-3,))
    assert eval(recipe_code(to_plain(recipe)), {"Recipe": Recipe}) == recipe


@pytest.mark.parametrize("name", [name for name in records.ALL if records.ALL[name]().asked.by == "command"])
def test_a_command_holds_the_words_that_were_given(name: str) -> None:
    record = records.ALL[name]()
    assert words(rerun(record)) == ["thetastar", "fit", record.source, *record.asked.options]


def test_a_long_command_has_an_option_a_line() -> None:
    options = (
        "--target",
        "price in 元",
        "--kind",
        "clarity=category",
        "--kind",
        "cut=category",
        "--lags",
        "24",
        "--x=-1",
    )
    record = replace(records.regression(), source="-odd name.csv", asked=Asked("command", options))
    assert rerun(record).splitlines() == [
        "thetastar fit './-odd name.csv' \\",
        "    --target 'price in 元' \\",
        "    --kind clarity=category \\",
        "    --kind cut=category \\",
        "    --lags 24 \\",
        "    --x=-1",
    ]


@pytest.mark.parametrize(
    ("asked", "argument", "call"),
    [
        (Asked("regressor", kinds=(("x0", "number"),)), "kinds={'x0': 'number'}", "model.fit(X, y)"),
        (
            Asked("classifier", factors=(("a", 2.0), (3, 1.0)), data=("groups",)),
            "class_weight={'a': 2.0, 3: 1.0}",
            "model.fit(X, y, groups=groups)",
        ),
        (Asked("classifier", balanced=True), "class_weight='balanced'", "model.fit(X, y)"),
    ],
)
def test_an_estimator_is_made_and_fitted(asked: Asked, argument: str, call: str) -> None:
    code = rerun(replace(records.tiny(), seed=3, asked=asked))
    imported, made, _ = ast.parse(code).body
    assert ast.unparse(imported) == f"from thetastar import Recipe, {asked.by.capitalize()}"
    assert f"    {argument},\n" in code
    assert isinstance(made, ast.Assign)
    assert isinstance(made.value, ast.Call)
    assert [keyword.arg for keyword in made.value.keywords] == [
        *("recipe", argument.partition("=")[0], "budget", "random_state"),
    ]
    assert code.endswith(f"\n{call}")


def test_a_call_of_fit_names_its_question() -> None:
    code = rerun(replace(records.tiny(), asked=Asked()))
    assert code.startswith(
        "from thetastar.fitting import Recipe, fit\n\nfound = fit(\n    question,\n    recipe=Recipe(\n"
    )
    assert ast.parse(code)
