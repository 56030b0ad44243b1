"""Rungs with planted losses."""

from __future__ import annotations

import torch

from thetastar.descent import MemberCurve, Trained
from thetastar.fitting.rungs.network_rung import Judged, NetworkFit
from thetastar.fitting.rungs.rung_fit import RungFit
from thetastar.fitting.rungs.scores import Scores, Stops
from thetastar.fitting.rungs.settings import Settings
from thetastar.functions import ladder

SETS = ladder(inputs=4, plain=2, outputs=1, width=3, depth=2)
FOLDS = torch.tensor([-0.01, 0.0, 0.01])


def rung(
    name: str, training: float, validation: float, *, stopped: str = "", shortened: bool = False, gone: bool = False
) -> RungFit:
    """Return a rung whose losses differ a little between three folds; a network if it says how it stopped."""
    curve = MemberCurve(torch.zeros(1), torch.zeros(1), (0,), (0.0,), ((0.0,),), (0.0,), 0, stopped)
    folds = Trained(torch.zeros(3, 1), (curve,) * 3, torch.zeros(0, 1))
    judged_at = Stops((0, 0, 0), (0, 0, 0), torch.zeros(3), torch.zeros(3))
    there = Judged(torch.zeros(3, 1), (1.0, 1.0, 1.0))
    network = NetworkFit(Settings(), None, (), folds, 0.5 if shortened else 1.0, judged_at, there) if stopped else None
    judged = torch.full((3,), torch.inf) if gone else validation + FOLDS
    stream = torch.Generator().manual_seed(round(1000 * (training + validation)))
    own = 2e-3 * torch.randn(3, generator=stream)  # so that differences between rungs have an error
    return RungFit(
        name=name,
        functions=SETS[name],
        settings=Settings(),
        state=torch.zeros(3, 1),
        scores=Scores(training + FOLDS + own, judged + own, torch.zeros(3), torch.zeros(3)),
        lowest_training=training + FOLDS + own,
        tried=1,
        seconds=0.0,
        network=network,
    )


CONSTANT, LINEAR = rung("constant", 1.0, 1.0), rung("linear", 0.5, 0.52)
PIECES = rung("hard_sigmoids", 0.3, 0.35)
