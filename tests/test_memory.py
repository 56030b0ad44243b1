"""How much memory the commands take, by the kernel's own count, imports included."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from thetastar.cli import app

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the kernel's count is Linux's"),
]

MEGA = 1e6
# VmHWM is of this process only; ru_maxrss would begin with that of the process that started it.
COMMAND = """
import sys
import thetastar.fitting, thetastar.report
from thetastar.data.large import parquet

def peak():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith("VmHWM"))

imports = peak()
parquet._LARGE = 1e6
from thetastar.cli import app
app(sys.argv[1:], standalone_mode=False)
print(imports, peak())
"""


def peaks(*arguments: str | Path) -> tuple[float, float]:
    """Return the peaks of a command's memory after its imports and at its end, in megabytes."""
    command = [sys.executable, "-c", COMMAND, *map(str, arguments), "--quiet"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    imports, most = map(float, done.stdout.split())
    return imports, most


def test_a_fit_takes_less_than_three_times_the_table_in_single_precision(tmp_path: Path) -> None:
    """Of 5,000,000 rows, 1.8 GB of which .4 are imports: 2.3 tables; of fewer rows, what doesn't grow weighs more."""
    stream, rows, columns = np.random.default_rng(0), 2_000_000, 30
    table = {f"x{column}": stream.standard_normal(rows) for column in range(columns - 5)}
    texts = [f"the town of number {town}" for town in range(50)]
    table |= {f"t{column}": pl.Series(texts).gather(stream.integers(0, 50, rows)) for column in range(4)}
    table["y"] = table["x0"] + np.abs(table["x1"]) + stream.standard_normal(rows)
    pl.DataFrame(table).write_parquet(tmp_path / "t.parquet")
    del table
    arguments = ("fit", tmp_path / "t.parquet", "--target", "y", "--budget", "40s", "--out", tmp_path / "run")
    imports, most = peaks(*arguments)
    assert most - imports < 3 * rows * columns * 4 / MEGA


def test_predicting_takes_no_more_memory_for_more_rows(tmp_path: Path) -> None:
    stream = np.random.default_rng(0)

    def rows(count: int) -> pl.DataFrame:
        return pl.DataFrame({f"x{column}": stream.integers(0, 3, count).astype(np.float32) for column in range(12)})

    few = rows(200)
    few.with_columns(y=few["x0"] * 2 - few["x1"]).write_csv(tmp_path / "few.csv")
    fit = ("fit", tmp_path / "few.csv", "--target", "y", "--budget", "10s", "--out", tmp_path / "run", "--quiet")
    app([str(argument) for argument in fit], standalone_mode=False)
    most = []
    for count in (2_400_000, 4_800_000):  # 115 MB more in single precision, and 40 of predictions
        rows(count).write_parquet(tmp_path / "new.parquet", row_group_size=250_000)
        _, peak = peaks("predict", tmp_path / "run", tmp_path / "new.parquet", "--out", tmp_path / "out.csv")
        most.append(peak)
        with (tmp_path / "out.csv").open() as written:
            assert sum(1 for _ in written) == count + 1
    assert most[1] < most[0] + 60
