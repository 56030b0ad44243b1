from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from thetastar.descent import updates_per_epoch
from thetastar.descent.batches import Stream, draw
from thetastar.errors import UserError

SIZES = (st.integers(1, 40), st.integers(1, 50))


@pytest.mark.parametrize(("rows", "batch", "updates"), [(10_000, 10, 1000), (10, 3, 4), (9, 3, 3), (2, 5, 1)])
def test_updates_per_epoch(rows: int, batch: int, updates: int) -> None:
    assert updates_per_epoch(rows, batch) == updates


@given(*SIZES, st.integers(0, 9), st.integers(1, 7))
def test_every_row_once_an_epoch_whatever_the_blocks(rows: int, batch: int, seed: int, block: int) -> None:
    """Three epochs drawn in blocks of any length; every row has weight 1/(rows in its batch)."""
    own = torch.arange(rows) + 100
    stream, an_epoch = Stream(own, batch, seed=seed), updates_per_epoch(rows, batch)
    chosen, shares = [], []
    for begin in range(0, 3 * an_epoch, block):
        drawn = draw([stream], min(block, 3 * an_epoch - begin), width=stream.size)
        chosen.append(drawn.rows[:, 0])
        shares.append(drawn.present[:, 0])
    for rows_, present in zip(torch.cat(chosen).split(an_epoch), torch.cat(shares).split(an_epoch), strict=True):
        assert rows_[present > 0].sort().values.tolist() == own.tolist()
        torch.testing.assert_close(present.sum(1), torch.ones(an_epoch, dtype=torch.float64))
        for each in present:
            assert set(each[each > 0].tolist()) == {1 / int((each > 0).sum())}


@given(st.lists(st.tuples(*SIZES), min_size=1, max_size=4))
def test_a_member_draws_the_same_among_others(sizes: list[tuple[int, int]]) -> None:
    """And its padding repeats a row of its own."""

    def stream(position: int) -> Stream:
        rows, batch = sizes[position]
        return Stream(torch.arange(rows) + 1000 * position, batch, seed=position)

    streams = [stream(position) for position in range(len(sizes))]
    together = draw(streams, 9, width=max(each.size for each in streams))
    for position in range(len(sizes)):
        alone = draw([own := stream(position)], 9, width=own.size)
        assert torch.equal(together.rows[:, position, : own.size], alone.rows[:, 0])
        assert torch.equal(together.present[:, position, : own.size], alone.present[:, 0])
        assert (together.present[:, position, own.size :] == 0).all()
        assert (together.rows[:, position] // 1000 == position).all()


@given(*SIZES, st.sampled_from([torch.int32, torch.int64]))
def test_an_offset_is_added_to_every_row_and_to_the_padding(rows: int, batch: int, dtype: torch.dtype) -> None:
    own = torch.arange(rows, dtype=dtype)
    shifted = draw([Stream(own, batch, seed=1, offset=1000)], 9, width=batch)
    plain = draw([Stream(own + 1000, batch, seed=1)], 9, width=batch)
    assert torch.equal(shifted.rows, plain.rows)
    assert torch.equal(shifted.present, plain.present)
    assert own.tolist() == list(range(rows))


def test_the_order_differs_between_epochs_and_seeds_but_not_between_runs() -> None:
    def epochs(seed: int) -> list[list[int]]:
        drawn = draw([Stream(torch.arange(50), 10, seed=seed)], 10, width=10)
        return [drawn.rows[:5].flatten().tolist(), drawn.rows[5:].flatten().tolist()]

    first, second = epochs(0)
    assert first != second
    assert epochs(0) == [first, second]
    assert epochs(1)[0] != first


@pytest.mark.parametrize(("rows", "batch", "left_out"), [(10, 3, 1), (11, 3, 0), (9, 4, 1), (5, 2, 1), (4, 2, 0)])
def test_for_batch_normalisation_a_remainder_of_one_row_is_left_out(rows: int, batch: int, left_out: int) -> None:
    stream = Stream(torch.arange(rows), batch, seed=0, at_least=2)
    updates = math.ceil((rows - left_out) / batch)
    drawn = draw([stream], updates, width=batch)
    assert (drawn.present > 0).sum().item() == rows - left_out
    assert ((drawn.present > 0).sum(2) >= 2).all()
    used = {row for _ in range(40) for row in draw([stream], updates, width=batch).rows.flatten().tolist()}
    assert used == set(range(rows))  # another epoch leaves out another row


def test_a_batch_larger_than_the_rows_is_all_rows() -> None:
    assert Stream(torch.arange(7), 100, seed=0).size == 7


@pytest.mark.parametrize(("rows", "batch"), [(10, 1), (1, 10)])
def test_a_batch_of_one_is_refused_for_batch_normalisation(rows: int, batch: int) -> None:
    with pytest.raises(UserError, match=rf"at least two rows.*batch_size={batch} and {rows} training rows"):
        Stream(torch.arange(rows), batch, seed=0, at_least=2)


def test_no_rows_are_refused() -> None:
    with pytest.raises(UserError, match="no rows"):
        Stream(torch.arange(0), 4, seed=0)
