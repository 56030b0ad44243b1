"""What is explained: the chosen rung's members, one a fold, on encoded rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from thetastar.data import Encoding
from thetastar.descent import outputs_for
from thetastar.fitting.problem import Folded, Problem, even_share
from thetastar.fitting.rungs.rung_fit import RungFit
from thetastar.losses import Loss

__all__ = ["Subject", "places_by_column"]

_COUNTED = 200_000  # rows: shares and quantiles are known to a thousandth by then


@dataclass(frozen=True)
class Subject:
    """The chosen rung with what it was fitted to.

    Attributes:
        problem: The table and the target.
        folded: The folds' encoded rows.
        rung: The rung whose members are explained.
        loss: What they were trained to make small.
        seed: Of every random draw.
    """

    problem: Problem
    folded: Folded
    rung: RungFit
    loss: Loss
    seed: int

    @property
    def folds(self) -> int:
        """Return the number of folds."""
        return len(self.folded.folds)

    @property
    def constant(self) -> bool:
        """Tell whether the function reads no column at all."""
        return not self.rung.functions.hidden and self.rung.functions.shortcut == 0

    @cached_property
    def counted(self) -> Problem:
        """Return an even share of the rows, in which is counted how often a value occurs."""
        return even_share(self.problem, _COUNTED)

    def outputs(self, fold: int, inputs: Tensor) -> Tensor:
        """Return a fold's member's outputs [rows, outputs] for rows in its own encoding [rows, inputs].

        A network's are divided by the temperature that the folds agreed on.
        """
        state = self.rung.state[fold : fold + 1]
        outputs = outputs_for(self.rung.functions, state, inputs.unsqueeze(0))[0]
        return outputs / (self.rung.settings.temperature or 1.0)

    def judging_rows(self, fold: int, *, most: int) -> Tensor:
        """Return a fold's validation rows, drawn at random where there are more than ``most``."""
        rows = self.folded.validation(fold)
        if len(rows) <= most:
            return rows
        drawn = np.random.default_rng((self.seed, fold)).permutation(len(rows))[:most]
        return rows[torch.from_numpy(np.sort(drawn))]


def places_by_column(encoding: Encoding, *, plain: int) -> dict[str, Tensor]:
    """Return which inputs of a padded row belong to each column of the table: its number, pieces, categories, gap.

    Args:
        encoding: Of one fold.
        plain: Where the pieces begin in padded rows.
    """
    places: dict[str, list[int]] = {}
    for position, feature in enumerate(encoding.features):
        place = position if position < encoding.plain else position - encoding.plain + plain
        places.setdefault(feature.column, []).append(place)
    return {column: torch.tensor(found) for column, found in places.items()}
