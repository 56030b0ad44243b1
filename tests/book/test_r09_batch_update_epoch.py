"""R9: with N = 10,000 and B = 10 an epoch is 1,000 updates; it sees every row once and is reshuffled each time."""

from __future__ import annotations

import torch

from thetastar.descent import updates_per_epoch
from thetastar.descent.batches import Stream, draw

N, B = 10_000, 10


def test_a_thousand_updates_an_epoch() -> None:
    assert updates_per_epoch(N, B) == 1000


def test_every_row_once_an_epoch_in_another_order_each_time() -> None:
    epochs = draw([Stream(torch.arange(N), B, seed=0)], 3 * 1000, width=B).rows.view(3, N)
    for epoch in epochs:
        assert torch.equal(epoch.sort().values, torch.arange(N))
    for one, other in ((0, 1), (1, 2), (0, 2)):
        # By chance one row in N stands in the same place.
        assert (epochs[one] == epochs[other]).sum() < 10
