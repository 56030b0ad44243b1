from __future__ import annotations

import math

import pytest
import torch

from thetastar.functions.dropout import draw_mask


def streams(*seeds: int) -> tuple[torch.Generator, ...]:
    return tuple(torch.Generator().manual_seed(seed) for seed in seeds)


def test_the_share_of_silenced_units_and_the_scale_of_the_others() -> None:
    mask = torch.empty(2, 300, 100)
    draw_mask(mask, (0.2, 0.75), streams(0, 1), sizes=(300, 300))
    for member, rate in enumerate((0.2, 0.75)):
        assert set(mask[member].unique().tolist()) == {0.0, torch.tensor(1.0).div(1 - rate).item()}
        error = math.sqrt(rate * (1 - rate) / 30_000)  # of a share of 30,000 draws
        assert (mask[member] == 0).float().mean().item() == pytest.approx(rate, abs=4 * error)
        assert mask[member].mean().item() == pytest.approx(1.0, abs=4 * error / (1 - rate))


def test_rate_zero_silences_nothing_and_leaves_its_stream_alone() -> None:
    mask, own = torch.empty(1, 5, 4), streams(0)
    before = own[0].get_state()
    draw_mask(mask, (0.0,), own, sizes=(5,))
    assert (mask == 1).all()
    assert torch.equal(own[0].get_state(), before)


def test_a_member_draws_the_same_whatever_its_neighbours_draw() -> None:
    """Also when they have larger batches, so that its own is padded; and in the draws that follow."""
    together, alone = torch.empty(2, 9, 40), torch.empty(1, 5, 40)
    many, one = streams(7, 8), streams(8)
    for _ in range(3):
        draw_mask(together, (0.5, 0.3), many, sizes=(9, 5))
        draw_mask(alone, (0.3,), one, sizes=(5,))
        assert torch.equal(together[1, :5], alone[0])
        assert (together[1, 5:] == 1).all()
