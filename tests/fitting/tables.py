"""Small tables with a planted function, recipes that are quick, and the steps of a fit one by one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from thetastar.data import EncodingSettings, decide_columns, decide_target, target_values
from thetastar.descent import Deadline
from thetastar.fitting import Recipe
from thetastar.fitting.problem import Folded, Problem, encode_folds
from thetastar.fitting.splitter import Splitter
from thetastar.functions import FunctionSet, ladder

Floats = npt.NDArray[np.float64]

QUICK = Recipe(folds=3, width=16, depth=2, epochs=20, learning_rates=(1e-2,), pieces=8)
CONVEX = Recipe(folds=3, rungs=("constant", "linear", "hard_sigmoids"), pieces=8)
LONG = 1e6  # seconds: a budget that doesn't matter
NEVER = Deadline.never()


def numbers(rows: int = 240, *, columns: int = 2, seed: int = 0) -> Floats:
    """Return numbers between −2 and 2, [rows, columns]."""
    return np.random.default_rng(seed).uniform(-2, 2, (rows, columns))


def noise(rows: int, size: float = 0.1, *, seed: int = 1) -> Floats:
    return size * np.random.default_rng(seed).normal(size=rows)


def frame(x: Floats) -> pl.DataFrame:
    return pl.DataFrame({f"x{column + 1}": x[:, column] for column in range(x.shape[1])})


def mixed(rows: int = 200, *, seed: int = 0, gaps: bool = True) -> pl.DataFrame:
    """Return a table with a column of every kind, with missing values if there are to be gaps."""
    random = np.random.default_rng(seed)

    def holes(values: pl.Series, share: float) -> pl.Series:
        if not gaps:
            return values
        gone = pl.Series(random.random(rows) < share)
        return pl.select(pl.when(~gone).then(values)).to_series()

    return pl.DataFrame(
        {
            "size": holes(pl.Series(random.normal(50.0, 20.0, rows)), 0.1),
            "town": holes(pl.Series(random.choice(["Ulm", "Bonn", "Kiel", "Köln"], rows)), 0.1),
            "new": holes(pl.Series(random.random(rows) < 0.3), 0.2),
            "sold": pl.Series(random.integers(18_000, 19_000, rows)).cast(pl.Int32).cast(pl.Date),
        }
    )


def problem_of(
    table: pl.DataFrame, y: pl.Series, *, weights: Floats | None = None, pieces: int = 8, robust: bool = False
) -> Problem:
    columns = decide_columns(table)
    target = decide_target(y)
    settings = EncodingSettings(pieces=pieces, normalisation="robust" if robust else "standard")
    mass = np.ones(len(y)) if weights is None else weights
    return Problem(table, target_values(target, y), mass, columns, target, settings)


def folded_of(problem: Problem, *, folds: int = 3, how: str = "random", seed: int = 0) -> Folded:
    return encode_folds(problem, splitter_of(problem, folds=folds, how=how, seed=seed).split(), deadline=NEVER)


def splitter_of(problem: Problem, *, folds: int = 3, how: str = "random", seed: int = 0) -> Splitter:
    return Splitter(how, folds, problem.y, None, None, seed)


def sets_of(folded: Folded, problem: Problem, *, recipe: Recipe = QUICK) -> dict[str, FunctionSet]:
    return ladder(
        inputs=folded.width,
        plain=folded.plain,
        outputs=problem.outputs,
        width=recipe.width,
        depth=recipe.depth,
        activation=recipe.activation,
    )
