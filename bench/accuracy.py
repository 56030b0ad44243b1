"""Accuracy of the default fit on fixed test splits, beside scikit-learn's MLP in its standard pipeline.

A fifth of the rows is the test part. Of scikit-learn's smaller tables that is too few rows to tell two functions apart
(four, of linnerud's twenty), so there as many fixed splits are used as it takes to have a hundred test rows, and the
score is that of all test rows together.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn import datasets
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import thetastar as ts
from bench.report import Bar, Result, Value

BUDGET = os.environ.get("BENCH_BUDGET", "120s")
TEST_SHARE, SEED, MOST_EPOCHS = 0.2, 0, 2000
LEAST_TEST_ROWS = 100
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
_CLASSES = ("breast_cancer", "wine", "iris", "digits")
_ADULT = "age,workclass,fnlwgt,education,years,marital,occupation,relationship,race,sex,gain,loss,hours,country,income"


@dataclass(frozen=True)
class Task:
    """A table with its fixed split, and the least score where the score is known beforehand."""

    name: str
    classification: bool
    inputs: pd.DataFrame
    target: pd.Series
    test: tuple[pd.DataFrame, pd.Series] | None = None  # None: a fifth of the rows
    least: float | None = None  # None: whatever scikit-learn's MLP reaches

    @property
    def splits(self) -> int:
        """Return how many splits it takes to have enough test rows."""
        return 1 if self.test is not None else math.ceil(LEAST_TEST_ROWS / (TEST_SHARE * len(self.target)))

    def parts(self, split: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series, pd.Series]:
        """Return inputs to learn from and to test on, and the targets likewise."""
        if self.test is not None:
            return self.inputs, self.test[0], self.target, self.test[1]
        parts = train_test_split(
            self.inputs,
            self.target,
            test_size=TEST_SHARE,
            random_state=SEED + split,
            stratify=self.target if self.classification else None,
        )
        return parts[0], parts[1], parts[2], parts[3]


def run() -> Result:
    rows: list[dict[str, Value]] = []
    bars: list[Bar] = []
    for task in _tasks():
        make = ts.Classifier if task.classification else ts.Regressor
        ours, seconds = _score(task, lambda make=make: make(budget=BUDGET, random_state=SEED))
        peer, peer_seconds = None, None
        if task.least is None:
            peer, peer_seconds = _score(task, lambda task=task: _peer(task))
        bars.append(Bar(f"{task.name}: {_measure(task)}", ours, peer if task.least is None else task.least))
        rows.append(
            {
                "table": task.name,
                "measure": _measure(task),
                "splits": task.splits,
                "thetastar": ours,
                "scikit-learn": peer,
                "seconds": seconds,
                "its seconds": peer_seconds,
            }
        )
        print(f"  {task.name}: {ours:.4f}", flush=True)
    return Result({"budget": BUDGET, "test_share": TEST_SHARE, "seed": SEED}, rows, bars)


def _measure(task: Task) -> str:
    return "accuracy" if task.classification else "R²"


def _score(task: Task, make: Callable[[], Any]) -> tuple[float, float]:
    """Return R² or accuracy on all test rows together, and the mean seconds of a fit."""
    truth, predicted, seconds = [], [], 0.0
    for split in range(task.splits):
        inputs, test_inputs, target, test_target = task.parts(split)
        begin = time.perf_counter()
        model = make().fit(inputs, target)
        seconds += time.perf_counter() - begin
        truth.append(test_target.to_numpy())
        predicted.append(model.predict(test_inputs))
    measure = accuracy_score if task.classification else r2_score
    return float(measure(np.concatenate(truth), np.concatenate(predicted))), seconds / task.splits


def _peer(task: Task) -> Any:
    """Return scikit-learn's network as its documentation recommends it: on standardised columns, run to its own end."""
    encoder = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
    )
    network = MLPClassifier if task.classification else MLPRegressor
    return make_pipeline(encoder, network(max_iter=MOST_EPOCHS, random_state=SEED))


def _tasks() -> Iterator[Task]:
    from plotnine.data import diamonds

    yield Task("diamonds", False, diamonds.drop(columns="price"), diamonds["price"], least=0.978)
    if SHARED.is_dir():
        learn, test = _adult("adult.data"), _adult("adult.test")
        yield Task("adult", True, learn[0], learn[1], test=test, least=0.852)
    else:
        print("  adult is left out: its files are expected in ../shared/data, beside the repository")
    bunch = datasets.load_diabetes(as_frame=True)
    yield Task("diabetes", False, bunch.data, bunch.target)
    bunch = datasets.load_linnerud(as_frame=True)
    for column in bunch.target.columns:
        yield Task(f"linnerud {column}", False, bunch.data, bunch.target[column])
    for name in _CLASSES:
        bunch = getattr(datasets, f"load_{name}")(as_frame=True)
        yield Task(name, True, bunch.data, bunch.target)


def _adult(name: str) -> tuple[pd.DataFrame, pd.Series]:
    """Read one of the two files; in the test file each class ends with a full stop."""
    table = pd.read_csv(SHARED / name, names=_ADULT.split(","), skipinitialspace=True, na_values="?", comment="|")
    return table.drop(columns="income"), table["income"].str.rstrip(".")
