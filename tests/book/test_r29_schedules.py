"""R29: the learning rate may change over time: decay, cosine, warm-up then decay, and the transformer's."""

from __future__ import annotations

from itertools import pairwise

import pytest

from thetastar.descent.schedules import Cosine, InverseRoot, Transformer, WarmUp


def test_decay() -> None:
    """The closer to the goal, the smaller the steps: η_t = η/√(t + 1)."""
    assert [InverseRoot().factor(t, 1000) for t in (0, 3, 8, 99)] == [1.0, 0.5, 1 / 3, 0.1]


def test_cosine() -> None:
    """Half a cosine: 1 at the start, 1/2 in the middle, 0 at the end."""
    found = [Cosine().factor(t, 100) for t in (0, 25, 50, 75, 100)]
    assert found == pytest.approx([1.0, 0.853553, 0.5, 0.146447, 0.0], abs=1e-6)


def test_warm_up_then_decay() -> None:
    """First up, while the statistics behind σ are still few, then down."""
    schedule = WarmUp(updates=10, then=InverseRoot())
    found = [schedule.factor(t, 100) for t in range(100)]
    assert found[:10] == pytest.approx([(t + 1) / 10 for t in range(10)])
    assert all(later < earlier for earlier, later in pairwise(found[10:]))


def test_transformer() -> None:
    """d^−.5 · min(t^−.5, t · w^−1.5) with w = 4000: linear up to 6.99e-4 for d = 512, then 1/√t."""
    schedule = Transformer(width=512)
    rate = [schedule.factor(t - 1, 100_000) for t in (1, 2000, 4000, 16_000)]
    assert schedule.warm_up == 4000
    assert rate == pytest.approx([1.7469e-7, 3.4939e-4, 6.9877e-4, 3.4939e-4], rel=1e-4)
    assert max(range(20_000), key=lambda t: schedule.factor(t, 20_000)) == 4000 - 1
