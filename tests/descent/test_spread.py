"""Members spread over cores: the same bits, and Ctrl-C or an error ends all of them."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
import torch

from thetastar.descent import Examples, Member, Plan, Trained, train
from thetastar.descent.parallel import shares
from thetastar.functions import FunctionSet
from thetastar.losses import Squared

FUNCTIONS = FunctionSet(inputs=8, outputs=1, hidden=(128, 128), reads=8)
ROWS = 4000


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def examples() -> Examples:
    inputs = torch.randn(1, ROWS, 8, generator=torch.Generator().manual_seed(0))
    return Examples(inputs, inputs[:, :, :1] * inputs[:, :, 1:2], torch.ones(1, ROWS))


def members(count: int) -> list[Member]:
    rows = torch.arange(ROWS)
    return [Member(train=rows[400:], validation=rows[:400], seed=seed) for seed in range(count)]


def test_the_work_of_this_file_is_spread() -> None:
    assert len(shares(5, cores=2, work=256 * 128 * 128, whole=256 * FUNCTIONS.size)) == 2


@pytest.mark.usefixtures("two_threads")
def test_members_on_two_cores_are_the_same_bits_again_and_as_good_as_one_core() -> None:
    plan = Plan(updates=[30, 45, 45, 60, 20], check_every=15, patience=2, snapshots=4, keep_every=2)

    def run() -> Trained:
        return train(FUNCTIONS, Squared(), examples=examples(), members=members(5), plan=plan)

    spread, again = run(), run()
    torch.set_num_threads(1)
    together = run()
    assert torch.equal(spread.state, again.state)
    assert torch.equal(spread.snapshots, again.snapshots)
    assert len(spread.at_looks) == 5
    assert all(map(torch.equal, spread.at_looks, again.at_looks))
    # On one core a larger stack may be multiplied by another library; Adam's first steps amplify the rounding.
    for one, other in zip(spread.curves, together.curves, strict=True):
        torch.testing.assert_close(one.loss[:5], other.loss[:5], atol=1e-4, rtol=1e-3)
        assert (one.looks, one.stopped) == (other.looks, other.stopped)


@pytest.mark.usefixtures("two_threads")
def test_ctrl_c_ends_all_groups_with_their_best() -> None:
    def interrupt(_done: float) -> None:
        raise KeyboardInterrupt

    plan = Plan(updates=100_000, check_every=20, progress=interrupt)
    trained = train(FUNCTIONS, Squared(), examples=examples(), members=members(4), plan=plan)
    assert {curve.stopped for curve in trained.curves} == {"interrupted"}
    assert all(math.isfinite(min(curve.validation)) for curve in trained.curves)
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("two_threads")
def test_an_error_in_one_group_ends_all_and_is_raised() -> None:
    def fail(_done: float) -> None:
        raise RuntimeError("no room left for the progress")

    plan = Plan(updates=100_000, check_every=20, progress=fail)
    with pytest.raises(RuntimeError, match="no room left"):
        train(FUNCTIONS, Squared(), examples=examples(), members=members(4), plan=plan)
    assert torch.get_num_threads() == 2
