"""Classes with too few rows to be judged."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from thetastar.fitting.problem import Problem
from thetastar.fitting.record import Caution

__all__ = ["rare_classes"]

# Of four rows that are all found, Wilson's 95 % interval of the recall still begins at n / (n + 1.96²) = .51.
_FEWEST = 5


def rare_classes(problem: Problem) -> Iterator[Caution]:
    """Yield the classes with fewer than five rows that differ, the rarest first; nothing for numbers."""
    rows = np.bincount(problem.y.astype(np.int64), minlength=problem.outputs) if problem.target.classes else np.empty(0)
    rare = np.flatnonzero(rows < _FEWEST)
    if len(rare):
        order = rare[np.argsort(rows[rare], kind="stable")]
        yield Caution("few_of_class", "", {"fewest": float(_FEWEST)}, tuple(order.tolist()))
