"""Text files that memory can't hold, from the command line: fitted, gone on with and predicted in parts."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from tests.test_cli import full_after
from thetastar.cli import app
from thetastar.data import files
from thetastar.data.large import parquet
from thetastar.data.text import parts
from thetastar.fitting.new_rows import predicting

ROWS = 60


def houses() -> pl.DataFrame:
    random = np.random.default_rng(0)
    size, town = random.normal(80, 20, ROWS).round(1), random.choice(["Ulm", "Bonn", 'the "old" town, Kiel'], ROWS)
    price = (size * 1000 + np.where(town == "Ulm", 50_000, 0)).round()
    return pl.DataFrame({"size": size, "town": town, "price": [f"${value:,.0f}" for value in price]})


def call(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that tests may read, never change."""
    folder = tmp_path_factory.mktemp("houses")
    houses().write_csv(folder / "houses.csv")
    arguments = ("--target", "price", "--budget", "10s", "--out", folder / "run")
    done = call("fit", folder / "houses.csv", *arguments)
    assert done.exit_code == 0, done.output
    return folder / "run"


def large_texts(patch: pytest.MonkeyPatch, *, part: int, memory: float) -> None:
    """Let text files be too large to be read at once, in parts of so many bytes."""
    patch.setattr(parts, "_FIRST", 2 * part)
    patch.setattr(parts, "_PART", part)
    patch.setattr(files, "memory_limit", lambda: 1.0)
    patch.setattr(parquet, "memory_limit", lambda: memory)


def test_predict_goes_through_a_very_large_text_file_in_blocks(
    fitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = pl.concat([houses(), houses()]).with_columns(pl.Series("place", range(2 * ROWS)))
    new.write_csv(tmp_path / "new.csv")
    monkeypatch.setattr(predicting, "BLOCK_ROWS", 64)
    command = ("predict", fitted, tmp_path / "new.csv", "--keep", "place", "--keep", "size")
    whole = call(*command, "--out", tmp_path / "whole.csv")
    large_texts(monkeypatch, part=100, memory=1e9)
    blocks = call(*command, "--out", tmp_path / "blocks.csv")
    assert blocks.exit_code == 0, blocks.output
    assert (tmp_path / "blocks.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    pace = "Reading, predicting and writing took .*: [\\d,]+ rows and \\S+ MB a second\\. ?"
    assert re.search(pace, flat(blocks.stderr))
    assert re.sub(pace, "", flat(blocks.stderr)).split() == flat(whole.stderr).split()


def test_what_is_wrong_far_down_in_a_very_large_file_leaves_no_predictions(
    fitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    houses().write_csv(tmp_path / "new.csv")
    with (tmp_path / "new.csv").open("a") as file:
        file.write(",".join("9" * (houses().width + 1)) + "\n")
    large_texts(monkeypatch, part=100, memory=1e9)
    done = call("predict", fitted, tmp_path / "new.csv", "--out", tmp_path / "out.csv")
    assert done.exit_code == 2
    assert f"line {ROWS + 2} has {houses().width + 1} cells" in flat(done.stderr)
    assert [file.name for file in tmp_path.iterdir()] == ["new.csv"]


def test_a_text_file_that_memory_cannot_hold_is_sampled_and_gone_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, rows = np.random.default_rng(0), 20_000
    x = stream.integers(0, 100, (rows, 3)) / 10
    table = pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "y": 2 * x[:, 0] - x[:, 1]})
    table.with_columns(pl.all().cast(pl.String).str.replace(".", ",", literal=True)).write_csv(
        tmp_path / "t.csv", separator=";"
    )
    large_texts(monkeypatch, part=5_000, memory=rows * 4 * 16 / parquet._SHARE / 4.5)
    done = call("fit", tmp_path / "t.csv", "--target", "y", "--budget", "60s", "--out", tmp_path / "run")
    assert done.exit_code == 0, done.output
    record = json.loads((tmp_path / "run" / "record.json").read_text())
    assert record["rows"] == pytest.approx(rows / 5, rel=0.3)
    assert record["streamed"]["of"] == rows
    assert record["streamed"]["rows"] == pytest.approx(rows * 0.95, rel=0.01)
    assert record["streamed"]["after"] < 1e-6
    assert "20,000 rows were gone through in" in flat(done.stdout)
    assert "MB a second" in flat(done.stdout)


def test_a_fit_that_was_cut_short_goes_on_with_the_sample_that_time_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, rows = np.random.default_rng(0), 20_000
    x = stream.integers(0, 100, (rows, 3)) / 10
    pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": 2 * x[:, 0] - x[:, 1] ** 2}).write_csv(tmp_path / "t.csv")
    large_texts(monkeypatch, part=5_000, memory=1e9)
    with monkeypatch.context() as patch:
        patch.setattr(importlib.import_module("thetastar.cli.fit"), "_READING", 0.0)
        full_after(2, patch)
        cut = call("fit", tmp_path / "t.csv", "--target", "y", "--budget", "60s", "--out", tmp_path / "run")
    assert cut.exit_code == 2
    assert "the sample of" in flat(cut.stdout)
    done = call("fit", "--resume", tmp_path / "run")
    assert done.exit_code == 0, done.output
    record = json.loads((tmp_path / "run" / "record.json").read_text())
    assert 1_000 <= record["rows"] < rows / 2
    assert record["streamed"]["rows"] > rows / 2
