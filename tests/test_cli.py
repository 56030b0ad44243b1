"""The command line: what it writes and says, and that what can't be done ends with one clear message."""

from __future__ import annotations

import errno
import importlib
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import thetastar as ts
from thetastar import data, report
from thetastar.cli import app
from thetastar.cli.app import LANGUAGES
from thetastar.cli.fit import _for_the_report
from thetastar.data.large import parquet
from thetastar.fitting import Recipe
from thetastar.fitting.new_rows import predicting
from thetastar.fitting.saving.saved import load_record, load_saved
from thetastar.functions import RUNGS
from thetastar.report import words

ROWS = 60
BUDGET = ("--budget", "10s")


def houses(rows: int = ROWS) -> pl.DataFrame:
    random = np.random.default_rng(0)
    size, town = random.normal(80, 20, rows).round(1), random.choice(["Ulm", "Bonn", "Kiel"], rows)
    price = size * 1000 + np.where(town == "Ulm", 50_000, 0) + random.normal(0, 5_000, rows)
    return pl.DataFrame(
        {
            "id": [f"house {i}" for i in range(rows)],
            "size": size,
            "town": town,
            "price": pl.Series(price.round()).set(pl.Series(np.arange(rows) % 20 == 3), None),
            "sold": pl.Series(np.arange(rows) * 3 + 18_000).cast(pl.Int32).cast(pl.Date),
            "street": [f"street {i % 7}" for i in range(rows)],
        }
    )


def call(*arguments: str | Path) -> Any:  # a Result, which typer took from click or holds itself
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def flat(text: str) -> str:
    """Words without the line breaks of a narrow terminal."""
    return " ".join(text.split())


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tables") / "houses.csv"
    houses().write_csv(file)
    return file


@pytest.fixture(scope="module")
def fitted(csv: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A run that tests may read, never change; and what was printed."""
    run = tmp_path_factory.mktemp("runs") / "new" / "run"
    return run, call("fit", csv, "--target", "price", "--folds", "3", "--out", run, *BUDGET)


@pytest.fixture(scope="module")
def classes(csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("runs") / "town"
    done = call("fit", csv, "--target", "town", "--folds", "2", "--out", run, "--lang", "zh", "--quiet", *BUDGET)
    assert (done.exit_code, done.output) == (0, "")
    return run


def test_fit_writes_a_run_and_says_where(fitted: tuple[Path, Any]) -> None:
    run, done = fitted
    assert done.exit_code == 0, done.output
    assert sorted(file.name for file in run.iterdir()) == ["function.theta", "record.json", "report.html"]
    for file in run.iterdir():
        assert str(file) in done.stdout
    assert json.loads((run / "record.json").read_text("utf-8"))["target"]["name"] == "price"
    assert "<html" in (run / "report.html").read_text("utf-8")


def test_fit_prints_columns_target_ladder_choice_and_limit(fitted: tuple[Path, Any]) -> None:
    run, done = fitted
    said, record = flat(done.stdout), load_record(run)
    parts = [
        "3 rows without a value for price: left out.",
        "The target price is a number",
        "house 0",
        "Ladder",
        flat(report.sentences.choice(record, "en")),
        flat(report.limits.limit(record, "en")),
        "function.theta",
    ]
    places = [said.find(part) for part in parts]
    assert -1 not in places, dict(zip(parts, places, strict=True))
    assert places == sorted(places)
    assert said.count("The target price is a number") == 1
    assert (record.rows, record.folds, record.source) == (57, 3, "houses.csv")


def test_python_loads_what_the_command_wrote(fitted: tuple[Path, Any]) -> None:
    run, _ = fitted
    model, table = ts.load(run), houses().drop("price")
    assert model.predict(table).tolist() == load_saved(run)[0].predict(table).tolist()


def test_python_finds_columns_by_name_as_the_command_does(fitted: tuple[Path, Any]) -> None:
    model, table = ts.load(fitted[0]), houses()
    mixed = table.select(*reversed(table.columns)).with_columns(beside=1)
    assert model.predict(mixed).tolist() == model.predict(table.drop("price")).tolist()
    with pytest.raises(ts.DataError, match=r"X lacks the column\(s\) \['size'\] that the function reads; it has"):
        model.predict(table.drop("size"))


def test_predict_names_its_column_like_the_target(fitted: tuple[Path, Any], tmp_path: Path) -> None:
    run, _ = fitted
    houses().drop("price").write_csv(tmp_path / "new.csv")
    done = call("predict", run, tmp_path / "new.csv", "--out", tmp_path / "out.csv")
    assert done.exit_code == 0
    assert flat(done.stderr).startswith("57 of 60 rows to predict are among those that the function was found in")
    assert flat(done.stdout) == f"60 rows predicted: {tmp_path / 'out.csv'}"
    written = pl.read_csv(tmp_path / "out.csv")
    assert written.columns == ["price"]
    assert written["price"].to_list() == load_saved(run)[0].predict(houses()).tolist()


def test_predict_adds_the_ends_of_an_interval(fitted: tuple[Path, Any], tmp_path: Path) -> None:
    run, _ = fitted
    houses().drop("price").write_csv(tmp_path / "new.csv")
    done = call("predict", run, tmp_path / "new.csv", "--out", tmp_path / "out.csv", "--interval", "0.8")
    assert done.exit_code == 0, done.output
    written = pl.read_csv(tmp_path / "out.csv")
    assert written.columns == ["price", "price_low", "price_high"]
    expected = load_saved(run)[0].predict_interval(houses(), level=0.8)
    assert written["price_low"].to_list() == expected[:, 0].tolist()
    assert written["price_high"].to_list() == expected[:, 1].tolist()
    houses().drop("price").with_columns(pl.col("size") * 10).write_csv(tmp_path / "far.csv")
    done = call("predict", run, tmp_path / "far.csv", "--out", tmp_path / "far_out.csv", "--interval", "0.8")
    assert "60 rows without an interval: so far outside, nothing tells" in flat(done.stderr)
    assert "NaN" not in (tmp_path / "far_out.csv").read_text()
    assert pl.read_csv(tmp_path / "far_out.csv").null_count().row(0) == (0, ROWS, ROWS)
    refused = call("predict", run, tmp_path / "new.csv", "--out", tmp_path / "no.csv", "--interval", "90")
    assert refused.exit_code == 2
    assert "level lies between 0 and 1" in flat(refused.stderr)
    assert not (tmp_path / "no.csv").exists()


def test_predict_writes_a_probability_for_each_class(classes: Path, csv: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    done = call("predict", classes / "function.theta", csv, "--out", out, "--keep", "id", "--keep", "id")
    assert done.exit_code == 0, done.output
    written = pl.read_csv(tmp_path / "out.csv")
    assert written.columns == ["id", "town", "town=Bonn", "town=Kiel", "town=Ulm"]
    assert written.select(pl.sum_horizontal("town=Bonn", "town=Kiel", "town=Ulm"))["town=Bonn"].to_numpy() == (
        pytest.approx(1.0)
    )
    assert written["id"].to_list() == houses()["id"].to_list()


def test_predict_tells_what_it_cannot_read(fitted: tuple[Path, Any], tmp_path: Path) -> None:
    run, _ = fitted
    new = houses(4).reverse().select("street", "town", "sold", "size", extra=pl.lit(1))
    new = new.with_columns(town=pl.Series(["Ulm", "Rome", "Oslo", None]), size=pl.Series(["80", "", "wide", "90"]))
    new.write_csv(tmp_path / "new.csv")
    done = call("predict", run, tmp_path / "new.csv", "--out", tmp_path / "out.csv")
    assert done.exit_code == 0, done.output
    said = flat(done.stderr)
    assert "the function doesn’t know them: extra." in said
    assert "3 of 4 rows hold a value unlike those that the function was found in:" in said
    assert "town: 1 row without a value, though every row had one" in said
    assert "town: 2 rows with a value that no row had when the function was found, first 'Rome' in row 2." in said
    assert (
        "size: 1 row with a value that can’t be read as number and so counts as missing, first 'wide' in row 3" in said
    )
    assert pl.read_csv(tmp_path / "out.csv")["price"].is_finite().all()


def test_predict_tells_rows_of_training_and_how_good_it_was(fitted: tuple[Path, Any], tmp_path: Path) -> None:
    run, _ = fitted
    later = houses(40).with_columns(pl.col("size") + 0.25, pl.col("price") + 0.25)
    pl.concat([later, houses().slice(0, 20)]).write_csv(tmp_path / "new.csv")
    done = call("predict", run, tmp_path / "new.csv", "--out", tmp_path / "out.csv")
    assert done.exit_code == 0, done.output
    said = flat(done.stderr)
    assert "19 of 60 rows to predict are among those that the function was found in, first rows 41, 42," in said
    assert "Of 57 rows with a value for price, 19 stood there with the same one." in said
    assert "On 57 rows with a value for price: R²" in said
    assert "Without rows that it was found in, on 38 rows: R²" in said


def test_predict_does_not_write_csv_under_another_format_s_name(fitted: tuple[Path, Any], tmp_path: Path) -> None:
    houses().write_csv(tmp_path / "new.csv")
    done = call("predict", fitted[0], tmp_path / "new.csv", "--out", tmp_path / "out.parquet")
    assert done.exit_code == 2
    assert "end it in .csv" in flat(done.stderr)
    assert not (tmp_path / "out.parquet").exists()


def test_predict_goes_through_a_very_large_file_in_blocks(
    fitted: tuple[Path, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = pl.concat([houses(), houses()]).with_columns(pl.Series("place", range(2 * ROWS)))
    new.write_parquet(tmp_path / "new.parquet")
    monkeypatch.setattr(parquet, "_LARGE", 10)
    monkeypatch.setattr(parquet, "_BLOCK", 1000)
    monkeypatch.setattr(predicting, "BLOCK_ROWS", 64)
    command = ("predict", fitted[0], tmp_path / "new.parquet", "--keep", "place")
    blocks = call(*command, "--out", tmp_path / "blocks.csv")
    assert blocks.exit_code == 0, blocks.output
    monkeypatch.setattr(data, "file_in_blocks", lambda *_, **__: None)
    whole = call(*command, "--out", tmp_path / "whole.csv")
    assert (tmp_path / "blocks.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    pace, read = (
        "Reading, predicting and writing took .*: [\\d,]+ rows and \\S+ MB a second\\. ?",
        "120 rows were gone through in .* s\\. ?",
    )
    assert re.search(pace, flat(blocks.stderr))
    assert re.sub(pace, "", flat(blocks.stderr)).split() == re.sub(read, "", flat(whole.stderr)).split()


@pytest.mark.parametrize("link", ["none", "symbolic", "hard"])
def test_nothing_that_is_read_is_written_over(fitted: tuple[Path, Any], tmp_path: Path, link: str) -> None:
    run = tmp_path / "run"
    shutil.copytree(fitted[0], run)
    houses().write_csv(tmp_path / "table.csv")
    before = {file: file.read_bytes() for file in (tmp_path / "table.csv", *run.iterdir())}
    function, record = run / "function.theta", run / "record.json"
    for source, *command in (
        (tmp_path / "table.csv", "predict", run, tmp_path / "table.csv"),
        (function, "predict", run, tmp_path / "table.csv"),
        (record, "predict", run, tmp_path / "table.csv"),
        (function, "predict", function, tmp_path / "table.csv"),
        (record, "report", run),
        (function, "report", function),
    ):
        out = tmp_path / f"{command[0]}-{source.name}.csv"
        if link == "symbolic":
            out.symlink_to(source)
        elif link == "hard":
            out.unlink(missing_ok=True)
            out.hardlink_to(source)
        else:
            out = tmp_path / "run" / ".." / source.relative_to(tmp_path)
        done = call(*command, "--out", out)
        assert done.exit_code == 2, done.output
        assert f"would be written over {source}, which is read: name another --out" in flat(done.stderr)
        if link != "none":
            out.unlink()
    assert {file: file.read_bytes() for file in before} == before


def test_a_fit_does_not_write_over_its_table(tmp_path: Path) -> None:
    table = tmp_path / "record.json"
    houses().write_csv(table)
    before = table.read_bytes()
    done = call("fit", table, "--target", "price", "--out", tmp_path)
    assert (done.exit_code, table.read_bytes()) == (2, before)
    assert "would be written over" in flat(done.stderr)


def test_quiet_predict_says_nothing(fitted: tuple[Path, Any], tmp_path: Path) -> None:
    houses().with_columns(extra=1).write_csv(tmp_path / "new.csv")
    done = call("predict", fitted[0], tmp_path / "new.csv", "--out", tmp_path / "out.csv", "--quiet")
    assert (done.exit_code, done.output) == (0, "")


def test_report_is_written_again_in_another_language(fitted: tuple[Path, Any], tmp_path: Path) -> None:
    run, _ = fitted
    done = call("report", run, "--lang", "zh", "--out", tmp_path / "报告.html")
    assert done.exit_code == 0, done.output
    assert "".join(report.limits.limit(load_record(run), "zh").split()) in "".join(done.stdout.split())
    assert 'lang="zh' in (tmp_path / "报告.html").read_text("utf-8")


def test_report_of_a_saved_function_lies_beside_it(classes: Path) -> None:
    (classes / "report.html").unlink()
    assert call("report", classes / "function.theta", "--quiet").output == ""
    assert (classes / "report.html").is_file()


def test_options_reach_the_fit(csv: Path, tmp_path: Path) -> None:
    arguments = (
        "--kind",
        "street=category",
        "--kind",
        "size=category",
        "--group",
        "id",
        "--loss",
        "absolute",
        "--seed",
        "7",
    )
    done = call("fit", csv, "--target", "price", *arguments, "--folds", "2", "--out", tmp_path, *BUDGET)
    assert done.exit_code == 0, done.output
    record = load_record(tmp_path)
    kinds = {column.name: (column.kind.value, column.overruled) for column in record.columns}
    assert kinds == {
        "size": ("category", True),
        "town": ("category", False),
        "sold": ("date", False),
        "street": ("category", True),
    }
    assert (record.split, record.loss, record.seed, record.folds) == ("group", "absolute", 7, 2)


def test_time_decides_the_split(csv: Path, tmp_path: Path) -> None:
    done = call("fit", csv, "--target", "price", "--time", "sold", "--folds", "3", "--out", tmp_path, *BUDGET)
    assert done.exit_code == 0, done.output
    record = load_record(tmp_path)
    assert record.split == "time"
    assert "sold" not in [column.name for column in record.columns]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--target", "prise"), "has no column 'prise'; did you mean 'price'?"),
        (("--target", "price", "--group", "price"), "different columns"),
        (("--target", "price", "--time", "day"), "no column 'day'"),
        (("--target", "price", "--kind", "town"), "COLUMN=KIND"),
        (("--target", "price", "--kind", "town=word"), "there is no kind 'word'"),
        (("--target", "price", "--kind", "country=category"), "['country']"),
        (("--target", "price", "--budget", "soon"), "seen 'soon'"),
        (("--target", "price", "--loss", "cubic"), "seen 'cubic'"),
        (("--target", "price", "--loss", "cross_entropy"), "does not suit"),
        (("--target", "price", "--folds", "1"), "at least 2"),
        (("--target", "price", "--task", "guess"), "no task 'guess'"),
        (("--target", "price", "--lang", "tlh"), "'tlh'"),
        (("--target", "id", "--task", "regression"), "can't be read as a number"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_one_message(csv: Path, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    done = call("fit", csv, *arguments, "--out", tmp_path / "run")
    assert done.exit_code == 2
    assert words in flat(done.stderr)
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.output
    assert not (tmp_path / "run" / "function.theta").exists()


def test_other_commands_complain_as_clearly(fitted: tuple[Path, Any], csv: Path, tmp_path: Path) -> None:
    run, _ = fitted
    houses().drop("size").write_csv(tmp_path / "narrow.csv")
    houses().rename({"size": "sizes"}).write_csv(tmp_path / "near.csv")
    for arguments, said in (
        (("fit", tmp_path / "absent.csv", "--target", "price"), "absent.csv can't be read"),
        (("predict", tmp_path, csv), "no file"),
        (
            ("predict", run, tmp_path / "narrow.csv"),
            "lacks the column(s) ['size'] that the function reads; it has ['id', ",
        ),
        (
            ("predict", run, tmp_path / "near.csv"),
            "lacks the column(s) ['size'] that the function reads; did you mean 'sizes'?",
        ),
        (("predict", run, csv, "--keep", "price"), "--keep names ['price']"),
        (("predict", run, csv, "--keep", "colour"), "no column 'colour'"),
        (("predict", run, csv, "--out", tmp_path / "no" / "such.csv"), "can't be written"),
        (("report", csv), "can't be read"),
        (("report", run, "--out", tmp_path), "can't be written"),
    ):
        done = call(*arguments)
        assert done.exit_code == 2, arguments
        assert said in flat(done.stderr)


def test_the_folder_is_tried_before_the_training(csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "taken").write_text("a file")

    def trained(*_: Any, **__: Any) -> None:
        pytest.fail("the training began")

    monkeypatch.setattr("thetastar.fitting.fit", trained)
    done = call("fit", csv, "--target", "price", "--out", tmp_path / "taken")
    assert done.exit_code == 2
    assert "--out" in done.stderr


def test_no_value_to_learn_from(tmp_path: Path) -> None:
    pl.DataFrame({"x": [1, 2], "y": [None, None]}).write_csv(tmp_path / "t.csv")
    done = call("fit", tmp_path / "t.csv", "--target", "y", "--out", tmp_path / "run")
    assert done.exit_code == 2
    assert "none of its 2 rows" in done.stderr


@pytest.mark.parametrize(("rung", "code"), [("hidden", 0), ("constant", 130)])
def test_interrupts(csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rung: str, code: int) -> None:
    class Impatient(report.Progress):
        presses = 1

        def update(self, name: str, done: float, seconds_left: float) -> None:
            super().update(name, done, seconds_left)
            if name == rung and self.presses:
                self.presses -= 1
                raise KeyboardInterrupt

    monkeypatch.setattr("thetastar.report.Progress", Impatient)
    done = call("fit", csv, "--target", "price", "--out", tmp_path / "run", *BUDGET)
    assert done.exit_code == code, done.output
    assert ("interrupted" in done.output) or ("Interrupted" in done.output)
    assert (tmp_path / "run").exists() == (code == 0)
    if code == 0:
        assert f"thetastar fit --resume {tmp_path / 'run'} goes on" in done.output
        assert load_record(tmp_path / "run").stopped == "interrupted"
        assert load_record(tmp_path / "run").choice.rung in ("linear", "hard_sigmoids")


WAVES = ("--target", "y", "--budget", "5m", "--folds", "2")


def waves(folder: Path, *, rows: int = 600) -> Path:
    """A table that every rung gains on; its networks take a few seconds."""
    X = np.random.default_rng(0).normal(size=(rows, 3))
    table = pl.DataFrame(X, schema=["a", "b", "c"]).with_columns(y=np.sin(2 * X[:, 0]) * X[:, 1])
    table.write_csv(folder / "waves.csv")
    return folder / "waves.csv"


def test_a_fit_that_was_killed_goes_on(tmp_path: Path) -> None:
    """Really killed, once three rungs are kept; the result is that of a fit that nobody disturbed."""
    code = (
        "import os, signal\n"
        "from thetastar.fitting.saving.unfinished import Unfinished\n"
        "keep = Unfinished.keep\n"
        "def dying(self, done, fingerprint):\n"
        "    keep(self, done, fingerprint)\n"
        "    len(done) == 3 and os.kill(os.getpid(), signal.SIGKILL)\n"
        "Unfinished.keep = dying\n"
        "from thetastar.cli import main\n"
        "main()"
    )
    table, run = waves(tmp_path), tmp_path / "run"
    arguments = ["fit", table.name, *WAVES, "--out", "run", "--seed", "3", "--kind", "c=number"]
    killed = subprocess.run([sys.executable, "-c", code, *arguments], cwd=tmp_path, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert sorted(os.listdir(run)) == ["unfinished.json", "unfinished.theta"]
    refused = call("fit", "--resume", run, "--seed", "4")
    assert (refused.exit_code, "['seed'] can't be given with --resume" in flat(refused.stderr)) == (2, True)
    resumed = call("fit", "--resume", run, "--budget", "4m", "--lang", "zh")
    assert resumed.exit_code == 0, resumed.output
    assert sorted(os.listdir(run)) == ["function.theta", "record.json", "report.html"]
    assert call("fit", table, *WAVES, "--out", tmp_path / "whole", "--seed", "3").exit_code == 0
    rows = pl.read_csv(table)
    found, whole = (load_saved(folder)[0].outputs(rows).tobytes() for folder in (run, tmp_path / "whole"))
    assert found == whole
    assert (load_record(run).seed, load_record(run).columns[2].overruled) == (3, True)
    assert "holds no unfinished fit" in flat(call("fit", "--resume", run).stderr)


def test_another_table_under_the_same_name_is_not_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full_after(2, monkeypatch)
    table = waves(tmp_path)
    assert call("fit", table, *WAVES, "--out", tmp_path / "run").exit_code == 2
    monkeypatch.undo()
    pl.read_csv(table).with_columns(pl.col("a") + 1).write_csv(table)
    done = call("fit", "--resume", tmp_path / "run")
    assert done.exit_code == 2
    assert "holds the unfinished fit of something else (table" in flat(done.stderr)


def full_after(files: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the file after this many on, the disk is full."""
    fsync, synced = os.fsync, []

    def full(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            synced.append(descriptor)
            if len(synced) > files:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(descriptor)

    monkeypatch.setattr("os.fsync", full)


@pytest.mark.parametrize(
    ("files", "fails", "left"),
    [
        (0, "unfinished.json", []),
        (1, "unfinished.theta", []),
        (3, "unfinished.theta", ["unfinished.json", "unfinished.theta"]),
        (4, "function.theta", ["unfinished.json", "unfinished.theta"]),
        (5, "record.json", ["function.theta", "unfinished.json", "unfinished.theta"]),
    ],
)
def test_a_full_disk_is_one_message_and_nothing_is_lost(
    csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int, fails: str, left: list[str]
) -> None:
    full_after(files, monkeypatch)  # what was asked for; constant, linear and hard sigmoids; function; record
    monkeypatch.setattr("thetastar.fitting.Recipe", lambda **asked: Recipe(**asked, rungs=RUNGS[:3]))
    run = tmp_path / "run"
    done = call("fit", csv, "--target", "price", "--out", run, *BUDGET)
    assert done.exit_code == 2
    assert f"{fails} can't be written: No space left on device" in flat(done.stderr)
    assert (f"--resume {run} goes on from there" in flat(done.stderr)) == bool(left)
    assert sorted(os.listdir(run) if run.exists() else []) == left
    monkeypatch.undo()
    if left:
        monkeypatch.setattr("thetastar.fitting.Recipe", lambda **asked: Recipe(**asked, rungs=RUNGS[:3]))
        assert call("fit", "--resume", run, "--quiet").exit_code == 0
        assert load_record(run).target.name == "price"


def test_a_failed_fit_leaves_earlier_results_alone(
    csv: Path, fitted: tuple[Path, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = shutil.copytree(fitted[0], tmp_path / "run")
    before = {file.name: file.read_bytes() for file in run.iterdir()}
    full_after(2, monkeypatch)
    assert call("fit", csv, "--target", "town", "--out", run, *BUDGET).exit_code == 2
    after = {file.name: file.read_bytes() for file in run.iterdir()}
    assert {name: after[name] for name in before} == before


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_at_any_moment_earlier_results_are_whole(fitted: tuple[Path, Any], csv: Path, tmp_path: Path) -> None:
    run = shutil.copytree(fitted[0], tmp_path / "run")
    command = [sys.executable, "-m", "thetastar.cli", "fit", csv, "--target", "price", "--out", run, "--budget", "20s"]
    for seconds in (0.5, 2.0, 3.0, 4.0, 5.0, 6.5):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        process.kill()
        process.wait()
        function, record = load_saved(run)
        assert record is not None
        assert np.isfinite(function.outputs(houses())).all()
        assert "<html" in (run / "report.html").read_text("utf-8")
        if (run / "unfinished.json").exists():
            assert call("fit", "--resume", run, "--quiet").exit_code == 0


def test_typos_are_told_before_anything_slow_is_loaded(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from thetastar.cli import app\n"
        "for arguments, words in [(['--budget', 'soon'], 'soon'), (['--lang', 'tlh'], 'tlh'), (['--folds', '1'], '2'),"
        "        (['--kind', 'x'], 'COLUMN=KIND'), (['--resume', 'nowhere', '--lang', 'tlh'], 'tlh')]:\n"
        "    done = CliRunner().invoke(app, ['fit', 't.csv', '--target', 'y', *arguments])\n"
        "    assert (done.exit_code, words in done.stderr) == (2, True), done.stderr\n"
        "assert not {'torch', 'sklearn', 'plotly'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


def test_what_is_loaded_is_never_searched_for_garbage_and_what_comes_after_is() -> None:
    code = (
        "import gc, weakref\n"
        "from thetastar.cli.loading import load\n"
        "load()\n"
        "assert gc.isenabled()\n"
        "assert gc.get_freeze_count() > 100_000, gc.get_freeze_count()\n"
        "class Ring: pass\n"
        "ring = Ring(); ring.next = ring; alive = weakref.ref(ring); del ring\n"
        "gc.collect()\n"
        "assert alive() is None\n"
        "frozen = gc.get_freeze_count(); load()\n"
        "assert gc.get_freeze_count() <= frozen"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_languages_are_those_of_the_catalogue() -> None:
    assert LANGUAGES == words.LANGUAGES


def test_a_table_and_a_target_are_needed() -> None:
    for arguments in ((), ("t.csv",), ("--target", "y")):
        done = call("fit", *arguments)
        assert (done.exit_code, "give a table and --target COLUMN, or --resume RUN" in flat(done.stderr)) == (2, True)


def test_version_and_help_are_quick() -> None:
    code = (
        "import sys; sys.argv = ['thetastar', '--version']\n"
        "from thetastar.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "assert not {'torch', 'sklearn', 'plotly'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"thetastar {ts.__version__}\n"


@pytest.mark.parametrize("command", ["fit", "predict", "report"])
def test_every_command_has_help(command: str) -> None:
    done = call(command, "--help")
    assert done.exit_code == 0
    assert command in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="the system ends what writes into a closed pipe otherwise")
def test_whoever_stops_reading_what_is_printed_loses_nothing(csv: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "thetastar.cli",
        "fit",
        csv,
        "--target",
        "price",
        "--out",
        "run",
        "--budget",
        "20s",
    ]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    with process.stdout as printed:
        assert any(line.startswith("Columns") for line in printed)
    process.wait(timeout=120)
    written = ["function.theta", "record.json", "report.html"]
    assert sorted(os.listdir(tmp_path / "run")) == written
    (tmp_path / "run" / "report.html").unlink()
    command = [sys.executable, "-m", "thetastar.cli", "report", "run"]
    again = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert again.stdout is not None
    again.stdout.close()
    again.wait(timeout=120)
    assert sorted(os.listdir(tmp_path / "run")) == written


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a process on Windows can't be sent Ctrl-C alone")
def test_as_a_command_and_ctrl_c_keeps_the_best(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(20_000, 10))
    table = pl.DataFrame(X, schema=[f"c{i}" for i in range(10)]).with_columns(y=np.sin(3 * X[:, 0]) * X[:, 1])
    table.write_csv(tmp_path / "waves.csv")
    command = [sys.executable, "-m", "thetastar.cli", "fit", "waves.csv", "--target", "y", "--budget", "5m"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    time.sleep(15)  # by then the rungs that are computed directly are done, and the networks are not
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    assert "what was found so far is kept" in flat(stdout)
    assert "Traceback" not in stderr
    assert load_record(tmp_path / "run").stopped == "interrupted"


def test_the_module_is_what_the_script_calls() -> None:
    assert importlib.import_module("thetastar.cli").main


@pytest.mark.parametrize(("asked", "least", "most"), [(120.0, 0.5, 2.0), (6.0, 0.5, 2.0), (1.0, 0.3, 0.5)])
def test_a_part_of_the_budget_is_kept_for_writing_the_report(asked: float, least: float, most: float) -> None:
    assert least < _for_the_report(asked) < most
