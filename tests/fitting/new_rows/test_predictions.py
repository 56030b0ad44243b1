"""Predictions as a table: one line for each row, also where a series has none to make."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from thetastar.errors import UserError
from thetastar.fitting.new_rows.predictions import aligned, writing_csv


def test_rows_that_are_not_ready_are_empty() -> None:
    table = pl.DataFrame({"y": [1.0, 2.0]})
    assert aligned(table, np.array([False, True, False, True]))["y"].to_list() == [None, 1.0, None, 2.0]
    assert aligned(table, np.array([True, True])).equals(table)
    assert aligned(table.clear(), np.array([False, False]))["y"].to_list() == [None, None]


def test_a_table_is_written_under_a_name_that_says_what_it_is(tmp_path: Path) -> None:
    with writing_csv(tmp_path / "out.csv") as write:
        write(pl.DataFrame({"y": [1.5, None]}))
        write(pl.DataFrame({"y": [2.5]}))
        assert not (tmp_path / "out.csv").exists()
    assert (tmp_path / "out.csv").read_text().splitlines() == ["y", "1.5", "", "2.5"]
    with (
        pytest.raises(UserError, match=r"out\.parquet would not be what its name says"),
        writing_csv(tmp_path / "out.parquet"),
    ):
        pass


def test_what_fails_midway_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("y\n0.5\n")

    def fail_midway() -> None:
        with writing_csv(tmp_path / "out.csv") as write:
            write(pl.DataFrame({"y": [1.5]}))
            raise UserError("the next block can't be read")

    with pytest.raises(UserError, match="the next block"):
        fail_midway()
    assert (tmp_path / "out.csv").read_text() == "y\n0.5\n"
    assert [file.name for file in tmp_path.iterdir()] == ["out.csv"]
