"""Columns without names are called alike wherever they come from, so that what one taught predicts the other."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from typer.testing import CliRunner

import thetastar as ts
from thetastar.cli import app

SMALL = ts.Recipe(rungs=("constant", "linear"), folds=2)
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(80, 3)).round(3)
Y = (X @ [3.0, -2.0, 1.0] + 0.01 * RANDOM.normal(size=80)).round(3)


def call(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def write(path: Path, values: np.ndarray, header: str = "") -> Path:
    np.savetxt(path, values, delimiter=",", fmt="%.3f", header=header, comments="")
    return path


def predicted(run: Path, table: Path, out: Path) -> np.ndarray:
    done = call("predict", run, table, "--out", out)
    assert done.exit_code == 0, done.output
    return np.asarray(pl.read_csv(out).to_series())


@pytest.fixture(scope="module")
def labelled_first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on a file without a header whose target is its first column."""
    folder = tmp_path_factory.mktemp("nameless")
    write(folder / "train.csv", np.column_stack([Y, X]))
    options = ("--target", "x0", "--folds", "2", "--budget", "8s", "--out", folder / "run")
    done = call("fit", folder / "train.csv", *options)
    assert done.exit_code == 0, done.output
    return folder / "run"


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = ts.Regressor(recipe=SMALL, random_state=0).fit(pd.DataFrame(X, columns=["a", "b", "c"]), Y)
    return model.save(tmp_path_factory.mktemp("named") / "named.theta")


def test_a_file_without_header_may_lack_the_target_wherever_it_stood(labelled_first: Path, tmp_path: Path) -> None:
    whole = predicted(labelled_first, write(tmp_path / "whole.csv", np.column_stack([Y, X])), tmp_path / "1.csv")
    without = predicted(labelled_first, write(tmp_path / "without.csv", X), tmp_path / "2.csv")
    assert whole.tobytes() == without.tobytes()
    assert np.corrcoef(whole, Y)[0, 1] > 0.99


@pytest.mark.parametrize("library", ["array", "pandas", "rows"])
def test_what_a_file_taught_predicts_arrays_and_tables_without_names(labelled_first: Path, library: str) -> None:
    model = ts.load(labelled_first)
    rows: Any = {"array": X, "pandas": pd.DataFrame(X), "rows": X.tolist()}[library]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.corrcoef(model.predict(rows), Y)[0, 1] > 0.99
        assert np.array_equal(model.predict(pd.DataFrame(np.column_stack([Y, X]))), model.predict(X))


@pytest.mark.parametrize("library", ["array", "pandas"])
def test_what_an_array_taught_predicts_a_file_without_header(library: str, tmp_path: Path) -> None:
    rows = X if library == "array" else pd.DataFrame(X)
    model = ts.Regressor(recipe=SMALL, random_state=0).fit(rows, Y)
    assert not hasattr(model, "feature_names_in_")
    run = model.save(tmp_path / "model.theta")
    said = predicted(run, write(tmp_path / "new.csv", X), tmp_path / "out.csv")
    assert np.allclose(said, model.predict(X), atol=1e-5)


def test_names_on_one_side_only_are_told_with_what_to_do(labelled_first: Path, named: Path, tmp_path: Path) -> None:
    done = call("predict", labelled_first, write(tmp_path / "named.csv", X, "a,b,c"), "--out", tmp_path / "out.csv")
    assert done.exit_code == 2
    assert (
        "lacks the column(s) ['x1', 'x2', 'x3'] that the function reads; columns without names are called so, but it "
        "has ['a', 'b', 'c']: call its columns so, or leave their names out"
    ) in " ".join(done.stderr.split())
    done = call("predict", named, write(tmp_path / "nameless.csv", X), "--out", tmp_path / "out.csv")
    assert done.exit_code == 2
    assert (
        "lacks the column(s) ['a', 'b', 'c'] that the function reads; its columns have no names and so are called "
        "['x0', 'x1', 'x2']: name them (those of a file in its first line)"
    ) in " ".join(done.stderr.split())
    model = ts.load(named)
    with pytest.raises(ts.DataError, match="its columns have no names and so are called"):
        model.predict(pd.DataFrame(np.column_stack([X, Y])))
    with pytest.warns(UserWarning, match="does not have valid feature names"):  # by place, as scikit-learn has it
        model.predict(pd.DataFrame(X))
