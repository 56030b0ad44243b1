"""What tells one fit from another: if all of it agrees, the same rungs come out, bit for bit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs

from thetastar.data import Fold
from thetastar.fitting.problem import Problem
from thetastar.fitting.recipe import Recipe
from thetastar.fitting.saving.plain import to_plain

__all__ = ["fingerprint"]

_BLOCK = 1 << 18  # rows that are copied at once


def fingerprint(problem: Problem, folds: Sequence[Fold], recipe: Recipe, *, seed: int) -> dict[str, str]:
    """Return a short text for each thing that a fit's rungs depend on: the machine and the budget are not among them.

    Args:
        problem: Rows, target, weights, and what each column is.
        folds: How the rows are split.
        recipe: With its loss settled; what its split was settled to is in the folds.
        seed: Of all random streams.
    """
    rows = [part for fold in folds for part in (fold.train, fold.validation)]
    return {
        "table": _digest(problem.table.columns, _rows(problem.table), to_plain(problem.columns)),
        "target": _digest(to_plain(problem.target), problem.y, problem.weights),
        "folds": _digest(*rows),
        "recipe": _digest(to_plain(recipe), to_plain(problem.encoding)),
        "seed": str(seed),
        "version of thetastar": version("thetastar"),
        "version of polars": pl.__version__,  # whose hashes of rows differ from version to version
    }


def _rows(table: pl.DataFrame) -> bytes:
    """Return a digest of the rows' content, taken block by block."""
    digest = hashlib.sha256()
    for block in table.iter_slices(_BLOCK):
        # A category's own hash is that of its number, which may depend on the order in which categories appeared.
        texts = block.with_columns((cs.categorical() | cs.enum()).cast(pl.String))
        digest.update(np.ascontiguousarray(texts.hash_rows(seed=0).to_numpy()).data)
    return digest.digest()


def _digest(*parts: Any) -> str:
    digest = hashlib.sha256()
    for part in parts:
        for piece in _pieces(part):
            digest.update(piece)
        digest.update(b"\0")
    return digest.hexdigest()[:16]


def _pieces(part: Any) -> Iterator[bytes | memoryview]:
    """Yield what is hashed one after the other: of an array, which may be one number read again and again, blocks."""
    if isinstance(part, np.ndarray):
        yield from (np.ascontiguousarray(part[begin : begin + _BLOCK]).data for begin in range(0, len(part), _BLOCK))
    else:
        yield part if isinstance(part, bytes) else json.dumps(part).encode()
