"""Series from the command line: windows are told, later rows predicted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import thetastar as ts
from tests.fitting.test_series import recursion
from thetastar.cli import app
from thetastar.fitting.saving.saved import load_record
from thetastar.report.numbers import number

BUDGET = ("--budget", "10s", "--folds", "3")


def call(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("series")
    recursion(200).write_csv(folder / "series.csv")
    arguments = ("--target", "load", "--time", "hour", "--lags", "2", "--out", folder / "run", *BUDGET)
    done = call("fit", folder / "series.csv", *arguments)
    assert done.exit_code == 0, done.output
    return folder / "run", done.stdout


def test_windows_are_told_on_the_terminal_and_on_the_page(fitted: tuple[Path, str]) -> None:
    run, said = fitted
    words = "Each row is a window of the series: the 2 rows before, in order of hour, predict load 1 step after"
    assert words in flat(said)
    assert words in flat((run / "report.html").read_text("utf-8"))
    assert "load[t-1]" in said


def test_later_rows_are_predicted_one_step_on(fitted: tuple[Path, str], tmp_path: Path) -> None:
    new = recursion(210)[200:]
    new.write_csv(tmp_path / "new.csv")
    done = call("predict", fitted[0], tmp_path / "new.csv", "--out", tmp_path / "out.csv", "--keep", "hour")
    assert done.exit_code == 0, done.output
    assert flat(done.stderr).startswith("On 9 rows with a value for load[t+1]: R² 0.9")
    out = pl.read_csv(tmp_path / "out.csv")
    assert out.columns == ["hour", "load[t+1]"]
    assert abs(out["load[t+1]"][:-1] - new["load"][1:]).max() < 0.3


def test_of_a_series_later_rows_say_how_good_it_was(fitted: tuple[Path, str], tmp_path: Path) -> None:
    new = recursion(240)[200:]
    new.filter(pl.Series(range(40)) != 20).write_csv(tmp_path / "new.csv")
    done = call("predict", fitted[0], tmp_path / "new.csv", "--out", tmp_path / "out.csv")
    predicted = pl.read_csv(tmp_path / "out.csv")["load[t+1]"].to_numpy()
    known = [place for place in range(38) if place not in (19, 20)]  # not across the gap, of two rows a window
    truth = new["load"].to_numpy()
    errors = np.array([predicted[place] - truth[place + (1 if place < 19 else 2)] for place in known])
    rows = f"On {len(known)} rows with a value for load[t+1]: R² "
    assert rows in flat(done.stderr), done.stderr
    assert f"root mean squared error {number(float(np.sqrt((errors**2).mean())))}." in flat(done.stderr)


def test_a_new_time_that_comes_twice_is_told_as_it_is_written(fitted: tuple[Path, str], tmp_path: Path) -> None:
    new = recursion(210)[200:]
    pl.concat([new, new[3:4]]).write_csv(tmp_path / "new.csv")
    done = call("predict", fitted[0], tmp_path / "new.csv", "--out", tmp_path / "out.csv")
    assert done.exit_code == 2
    assert f"more than once: {new['hour'][3]} in rows 4 and 11; remove the rows that repeat one" in flat(done.stderr)


def test_rows_after_a_gap_are_left_empty_and_told(fitted: tuple[Path, str], tmp_path: Path) -> None:
    recursion(260)[250:].write_csv(tmp_path / "new.csv")
    done = call("predict", fitted[0], tmp_path / "new.csv", "--out", tmp_path / "out.csv")
    assert done.exit_code == 0, done.output
    assert "1 row without a complete window of 2 rows" in flat(done.stderr)
    assert pl.read_csv(tmp_path / "out.csv")["load[t+1]"].is_null().to_list() == [True] + [False] * 9


def test_windows_of_the_fit_are_known_by_their_last_row_in_the_file(fitted: tuple[Path, str], tmp_path: Path) -> None:
    recursion(200).write_csv(tmp_path / "old.csv")
    done = call("predict", fitted[0], tmp_path / "old.csv", "--out", tmp_path / "out.csv")
    assert done.exit_code == 0, done.output
    assert "198 of 199 rows to predict are among those that the function was found in, first rows 2, 3, 4, 5, 6." in (
        flat(done.stderr)
    )


def test_python_predicts_the_rows_that_the_command_does(fitted: tuple[Path, str], tmp_path: Path) -> None:
    model = ts.load(fitted[0])
    for rows in (recursion(210)[200:], recursion(260)[250:], recursion(260)[259:]):  # after the fit; after a gap; none
        rows.write_csv(tmp_path / "new.csv")
        done = call("predict", fitted[0], tmp_path / "new.csv", "--out", tmp_path / "out.csv", "--interval", "0.8")
        assert done.exit_code == 0, done.output
        out = pl.read_csv(tmp_path / "out.csv", schema_overrides=[pl.Float64] * 3).fill_null(np.nan).to_numpy()
        mixed = rows.select("town", "heat", "hour", "load").with_columns(beside=1)
        for table in (rows, rows.to_pandas(), mixed):
            assert isinstance(model, ts.Regressor)
            np.testing.assert_array_equal(model.predict(table), out[:, 0])
            np.testing.assert_array_equal(model.predict_interval(table, level=0.8), out[:, 1:])
        assert model.unfamiliar(rows).is_empty()


def test_python_says_what_a_series_needs(fitted: tuple[Path, str]) -> None:
    model = ts.load(fitted[0])
    assert list(model.feature_names_in_) == ["hour", "load", "heat", "town"]
    with pytest.raises(ts.DataError, match=r"lack the column\(s\) \['heat'\]: to go on with the series"):
        model.predict(recursion(9).drop("heat"))
    with pytest.raises(ts.DataError, match=r"give a table with the columns \['hour', 'load', 'heat', 'town'\]"):
        model.predict(np.zeros((3, 4)))


def test_no_row_at_all_may_have_a_window(fitted: tuple[Path, str], tmp_path: Path) -> None:
    recursion(260)[259:].write_csv(tmp_path / "new.csv")
    done = call("predict", fitted[0], tmp_path / "new.csv", "--out", tmp_path / "out.csv")
    assert done.exit_code == 0, done.output
    assert pl.read_csv(tmp_path / "out.csv", skip_rows=0)["load[t+1]"].to_list() == [None]


def test_a_time_alone_is_said_to_be_no_input(tmp_path: Path) -> None:
    recursion(120).write_csv(tmp_path / "series.csv")
    done = call(
        "fit", tmp_path / "series.csv", "--target", "load", "--time", "hour", "--out", tmp_path / "run", *BUDGET
    )
    assert done.exit_code == 0, done.output
    assert "is no input (hour)" in flat(done.stdout)
    series = load_record(tmp_path / "run").series
    assert series is not None
    assert series.lags == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--lags", "3"), "3 lags need --time"),
        (("--horizon", "3"), "needs --lags"),
        (("--time", "hour", "--lags", "500"), "ask for fewer lags"),
        (("--time", "hour", "--lags", "2", "--kind", "hour=date"), "['hour']"),
    ],
)
def test_what_cannot_be_done_is_one_message(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    recursion(60).write_csv(tmp_path / "series.csv")
    done = call("fit", tmp_path / "series.csv", "--target", "load", *arguments, "--out", tmp_path / "run")
    assert done.exit_code == 2
    assert words in flat(done.stderr)
