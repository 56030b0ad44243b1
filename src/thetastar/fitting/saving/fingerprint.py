"""What tells one fit from another: if all of it agrees, the same rungs come out, bit for bit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import polars as pl

from thetastar.data import Fold
from thetastar.fitting.problem import Problem
from thetastar.fitting.recipe import Recipe
from thetastar.fitting.saving.plain import to_plain

__all__ = ["fingerprint"]


def fingerprint(problem: Problem, folds: Sequence[Fold], recipe: Recipe, *, seed: int) -> dict[str, str]:
    """Return a short text for each thing that a fit's rungs depend on: the machine and the budget are not among them.

    Args:
        problem: Rows, target, weights, and what each column is.
        folds: How the rows are split.
        recipe: With nothing left to be settled.
        seed: Of all random streams.
    """
    rows = [part.tobytes() for fold in folds for part in (fold.train, fold.validation)]
    return {
        "table": _digest(problem.table.columns, _rows(problem.table), to_plain(problem.columns)),
        "target": _digest(to_plain(problem.target), problem.y.tobytes(), problem.weights.tobytes()),
        "folds": _digest(*rows),
        "recipe": _digest(to_plain(recipe), to_plain(problem.encoding)),
        "seed": str(seed),
        "version of thetastar": version("thetastar"),
        "version of polars": pl.__version__,  # whose hashes of rows differ from version to version
    }


def _rows(table: pl.DataFrame) -> bytes:
    # A category's own hash may depend on the order in which categories appeared.
    texts = table.with_columns(pl.col(pl.Categorical).cast(pl.String))
    return np.asarray(texts.hash_rows(seed=0).to_numpy()).tobytes()


def _digest(*parts: Any) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else json.dumps(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:16]
