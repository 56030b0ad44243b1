"""The pages that are looked at: example records, and reports of real fits."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl
from sklearn import datasets

from tests.report import records
from thetastar.fitting import Question, Recipe, Record, fit
from thetastar.report import write_report
from thetastar.report.words import LANGUAGES

QUICK = Recipe(folds=3, width=16, depth=2, epochs=10)
FITS = {"diabetes": datasets.load_diabetes, "cancer": datasets.load_breast_cancer, "wine": datasets.load_wine}
FULL = ("regression", "classification", "rare")  # records with something of everything: looked at in every language
ALL = (
    *((name, lang) for name in FULL for lang in LANGUAGES),
    *((name, "en") for name in records.ALL if name not in FULL),
    *((name, "zh") for name in FITS),
)


def write(name: str, lang: str, *, folder: Path) -> Path:
    """Write a page, unless it is there already, and return where it is."""
    file = folder / f"{name}-{lang}.html"
    if not file.exists():
        record = records.ALL[name]() if name in records.ALL else fitted(name)
        write_report(record, file, lang=lang)
    return file


@cache
def fitted(name: str) -> Record:
    """Return the record of a fit to one of scikit-learn's tables."""
    found = FITS[name](as_frame=True)
    table = pl.DataFrame({column: found.data[column].to_numpy() for column in found.data})
    return fit(
        Question(table, pl.Series(name, found.target.to_numpy()), source=f"{name}.csv"), recipe=QUICK, budget=60
    ).record
