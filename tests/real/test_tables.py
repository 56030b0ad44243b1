"""Real tables from a file to a function, to predictions, to a report, by the command line."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from statistics import fmean

import polars as pl
import pytest
from typer.testing import CliRunner

from tests.real.tables import TABLES, RealTable
from thetastar.cli import app
from thetastar.fitting.saving.saved import load_record

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
BUDGET = 30  # seconds
SPARE = 1.1  # the promise of --budget
MOST_BYTES = 8 << 20

pytestmark = pytest.mark.real


def run(*arguments: str | Path) -> str:
    """Run a command that must succeed; return what it printed."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_from_the_file_to_the_report(table: RealTable, tmp_path: Path) -> None:
    if table.shared and not SHARED.is_dir():
        pytest.skip("the shared data isn't here (expected in ../shared/data, beside the repository)")
    file, folder = table.write(tmp_path, SHARED), tmp_path / "run"
    begun = time.monotonic()
    printed = run("fit", file, "--target", table.target, "--budget", f"{BUDGET}s", "--out", folder, *table.arguments)
    assert time.monotonic() - begun <= SPARE * BUDGET
    record = load_record(folder)
    kept = next(rung for rung in record.ladder if rung.name == record.choice.rung)
    constant = record.ladder[0]
    assert fmean(kept.validation) <= table.most * fmean(constant.validation)
    assert record.limit.code
    assert "nan" not in printed.lower().split()

    run("predict", folder, file, "--out", tmp_path / "predictions.csv", "--quiet")
    predicted = pl.read_csv(tmp_path / "predictions.csv")
    assert predicted.height == record.rows or table.pastless
    assert max(predicted.null_count().row(0)) <= table.pastless
    predicted = predicted.drop_nulls()
    assert predicted.height >= record.rows
    assert all(math.isfinite(value) for series in predicted.select(pl.selectors.float()) for value in series)

    (folder / "report.html").unlink()
    run("report", folder)
    page = (folder / "report.html").read_text()
    assert len(page.encode()) < MOST_BYTES
    assert json.loads((folder / "record.json").read_text())["rows"] == record.rows
