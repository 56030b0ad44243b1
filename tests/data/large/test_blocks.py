"""Blocks of a table on disk: every row once, in order or well mixed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from thetastar.data.large.blocks import ROW, in_order, shuffled


@pytest.fixture
def table(tmp_path: Path) -> pl.LazyFrame:
    """A sorted file whose row groups don't fit the blocks."""
    pl.DataFrame({"x": range(10_000)}).write_parquet(tmp_path / "t.parquet", row_group_size=1_300)
    return pl.scan_parquet(tmp_path / "t.parquet")


def test_blocks_in_order_are_the_table(table: pl.LazyFrame) -> None:
    blocks = list(in_order(table, rows=10_000, size=999))
    assert [block.height for block in blocks] == [999] * 10 + [10]
    assert pl.concat(blocks)["x"].to_list() == list(range(10_000))
    assert pl.concat(blocks)[ROW].to_list() == list(range(10_000))


def test_a_shuffled_block_holds_rows_from_everywhere(table: pl.LazyFrame) -> None:
    blocks = list(shuffled(table, rows=10_000, size=1_600, seed=3))
    assert sorted(value for block in blocks for value in block["x"]) == list(range(10_000))
    assert all((block["x"] == block[ROW]).all() for block in blocks)
    for block in blocks[:-1]:
        assert block.height <= 1_600
        assert np.std(block["x"].to_numpy()) > 1_500  # a stretch of 1,600 neighbours has 462, all rows have 2,887
        assert np.corrcoef(block["x"][:-1], block["x"][1:])[0, 1] < 0.2  # neighbours in the block are none in the file


def test_the_order_is_the_seed_s(table: pl.LazyFrame) -> None:
    first, again, other = (next(shuffled(table, rows=10_000, size=500, seed=seed))["x"].to_list() for seed in (0, 0, 1))
    assert first == again
    assert first != other
