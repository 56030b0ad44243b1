"""What a report prints as the code that does it again is run here, and finds the same function to the bit."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import thetastar as ts
from thetastar.cli import app
from thetastar.fitting import FoundFunction, Question, Record, fit
from thetastar.fitting.saving.saved import load_saved, save
from thetastar.report.page import render

SMALL = ts.Recipe(rungs=("constant", "linear", "hard_sigmoids"), folds=3)
TOWNS = ["Köln", "Ulm", "Bonn"]


def weather(rows: int = 70) -> pl.DataFrame:
    random = np.random.default_rng(4)
    warm, town = random.normal(15, 8, rows).round(1), random.integers(0, 3, rows)
    return pl.DataFrame(
        {
            "day": [f"{1 + place % 28}/{1 + place // 28}/2024" for place in range(rows)],
            "warm": warm,
            "town": [TOWNS[code] for code in town],
            "code": town,
            "wörk load": (3 * warm + 10 * town + random.normal(0, 2, rows)).round(2),
        }
    )


def patients() -> tuple[pl.DataFrame, np.ndarray]:
    """Visits of one patient stand together and are alike, as the fit finds out by itself."""
    random = np.random.default_rng(0)
    number = np.repeat(random.permutation(40) * 7 + 1000, 12)
    age, level = np.repeat(random.integers(20, 90, 40), 12), np.repeat(random.normal(size=40), 12)
    table = pl.DataFrame({"patient_id": number, "age": age, "dose": random.normal(size=480)})
    return table, level + 0.3 * random.normal(size=480)


def printed(text: str) -> str:
    """Return the code that a page shows."""
    found = re.search(r'<code id="rerun">(.*?)</code>', text, flags=re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def shown(record: Record, lang: str = "en") -> str:
    return printed(render(record, lang=lang))


def bits(function: FoundFunction) -> tuple[Any, bytes]:
    """Return everything that a function is made of, as it is saved: the header, whose order is by chance, and θ."""
    with tempfile.TemporaryDirectory() as folder:
        saved = save(function, Path(folder) / "function.theta").read_bytes()
    end = 8 + int.from_bytes(saved[:8], "little")
    return json.loads(saved[8:end]), saved[end:]


def executed(code: str, **given: Any) -> Any:
    names = dict(given)
    exec(code, names)
    return names


CASES = {
    "options": (
        *("--target", "wörk load", "--kind", "code=category", "--folds", "3", "--loss", "huber", "--seed", "7"),
        *("--encoding", "cp1252", "--delimiter", ";", "--decimal", ",", "--dates", "dmy", "--budget", "40s"),
    ),
    "series": ("--target", "wörk load", "--time", "day", "--lags", "3", "--horizon", "2", "--folds", "3"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_printed_command_finds_the_same_function(case: str, tmp_path: Path) -> None:
    text = weather().write_csv(separator=";").replace(".", ",")
    (tmp_path / "new weather.csv").write_bytes(text.encode("cp1252"))
    first = tmp_path / "first"
    arguments = ["fit", str(tmp_path / "new weather.csv"), *CASES[case], "--out", str(first), "--lang", "zh", "--quiet"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    command = printed((first / "report.html").read_text("utf-8"))
    python = f"{sys.executable} -m thetastar.cli"
    subprocess.run(["sh", "-c", command.replace("thetastar", python, 1)], cwd=tmp_path, check=True, capture_output=True)
    before, after = load_saved(first)[0], load_saved(tmp_path / "run")[0]
    assert bits(before) == bits(after)


def test_printed_lines_find_the_same_regressor() -> None:
    table = weather().drop("day")
    X, y, weights = table.drop("wörk load"), table["wörk load"], np.linspace(0.5, 2, table.height)
    arguments: dict[str, Any] = {"kinds": {"code": "category"}, "random_state": np.random.RandomState(5)}
    model = ts.Regressor(recipe=SMALL, budget="1m", **arguments).fit(X, y, weights)
    again = executed(shown(model.record_), X=X, y=y, sample_weight=weights)["model"]
    assert bits(again.function_) == bits(model.function_)
    without = ts.Regressor(recipe=SMALL, random_state=again.random_state).fit(X, y)
    assert bits(without.function_) != bits(model.function_)  # or nothing that was printed would matter


def test_printed_lines_find_the_same_classifier() -> None:
    X = np.random.default_rng(3).normal(size=(120, 2))
    y = (X[:, 0] + X[:, 1] > 1).astype(np.int64)
    times = np.arange(120)
    model = ts.Classifier(recipe=SMALL, class_weight={np.int64(1): 3}, random_state=2).fit(X, y, times=times)
    again = executed(shown(model.record_, "zh"), X=X, y=y, times=times)["model"]
    assert bits(again.function_) == bits(model.function_)
    assert again.record_.split == "time"


def test_a_printed_call_finds_the_same_function() -> None:
    table = weather().drop("day")
    question = Question(table.drop("wörk load"), table["wörk load"])
    found = fit(question, recipe=SMALL, seed=3)
    again = executed(shown(found.record), question=question)["found"]
    assert bits(again.function) == bits(found.function)


def test_a_recipe_that_was_used_can_be_used_again_where_groups_were_found(tmp_path: Path) -> None:
    X, y = patients()
    model = ts.Regressor(recipe=replace(SMALL, folds=5), random_state=0).fit(X, y)
    assert (model.record_.split, model.recipe_.split) == ("group", "auto")
    again = ts.Regressor(recipe=model.recipe_, random_state=0).fit(X, y)
    loaded = ts.load(model.save(tmp_path / "patients.theta")).fit(X, y)
    assert bits(again.function_) == bits(loaded.function_) == bits(model.function_)


def test_a_recipe_that_was_used_finds_the_order_of_dates_again() -> None:
    random = np.random.default_rng(0)
    hours, order = np.arange(400), random.permutation(400)
    level = np.cumsum(random.normal(size=400)) / 3
    when = pl.Series(hours + 19_000).cast(pl.Int32).cast(pl.Date)
    X = pl.DataFrame({"when": when, "slow": np.sin(hours / 40) + 0.1 * random.normal(size=400)})[order]
    y = (level + 0.1 * random.normal(size=400))[order]
    model = ts.Regressor(recipe=replace(SMALL, folds=5), random_state=0).fit(X, y)
    assert model.record_.independence is not None
    assert (model.record_.split, model.record_.independence.order) == ("blocked", "when")
    again = ts.Regressor(recipe=model.recipe_, random_state=0).fit(X, y)
    assert again.record_.independence == model.record_.independence
    assert bits(again.function_) == bits(model.function_)


def test_folds_are_recorded_as_asked_for_and_as_they_were() -> None:
    X = np.arange(4.0)[:, None]
    model = ts.Regressor(recipe=ts.Recipe(rungs=("constant",)), random_state=0).fit(X, X[:, 0])
    assert (model.recipe_.folds, model.record_.folds) == (5, 4)
