"""Fit a real table with the command that you would type for your own.

The table is scikit-learn's diabetes study: 442 patients, ten measurements each, and how far the disease had
progressed a year later. It comes with scikit-learn, so nothing is downloaded.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

import polars as pl
from sklearn.datasets import load_diabetes

FOLDER = Path("try")
# What the columns hold, in the words of the study (s1 to s6 are blood serum measurements).
NAMES = {
    "age": "age_years",
    "sex": "sex",
    "bmi": "body_mass_index",
    "bp": "blood_pressure_mmHg",
    "s1": "total_cholesterol_mg_per_dl",
    "s2": "ldl_mg_per_dl",
    "s3": "hdl_mg_per_dl",
    "s4": "cholesterol_to_hdl_ratio",
    "s5": "log_triglycerides",
    "s6": "blood_sugar_mg_per_dl",
}


def write_table(path: Path) -> None:
    """Write the study in its original units; ``target`` is the progression after a year."""
    study = load_diabetes(scaled=False)
    table = pl.DataFrame(study.data, schema=[NAMES[name] for name in study.feature_names], orient="row")
    codes = pl.col("sex").cast(pl.Int64)  # 1 and 2 stand for two groups
    table = table.with_columns(codes, pl.Series("target", study.target))
    path.parent.mkdir(parents=True, exist_ok=True)
    table.write_csv(path)


def main() -> int:
    """Write the table, show the command, run it."""
    table = FOLDER / "diabetes.csv"
    write_table(table)
    arguments = ["fit", str(table), "--target", "target", "--out", str(FOLDER / "run"), "--budget", "60s"]
    print(f"\n$ thetastar {shlex.join(arguments)}\n", flush=True)
    program = Path(sysconfig.get_path("scripts")) / "thetastar"
    return subprocess.run([program, *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
