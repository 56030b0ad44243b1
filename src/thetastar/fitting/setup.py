"""What every part of a fit works with, once it is settled."""

from __future__ import annotations

from dataclasses import dataclass

from thetastar.fitting.problem import Folded, Problem
from thetastar.fitting.recipe import Recipe
from thetastar.fitting.splitter import Splitter
from thetastar.losses import Loss

__all__ = ["Setup"]


@dataclass(frozen=True)
class Setup:
    """What every part of a fit works with.

    Attributes:
        problem: The table as rows to learn from.
        splitter: How rows are split into folds.
        folded: The rows of all folds, encoded.
        loss: What is minimised.
        recipe: Which sets of functions, and how they are trained.
        seed: Of every random stream.
    """

    problem: Problem
    splitter: Splitter
    folded: Folded
    loss: Loss
    recipe: Recipe
    seed: int
