"""Predictions as a table: one line for each row, also where a series has none to make."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from thetastar.errors import UserError
from thetastar.fitting.predictions import aligned, write_csv


def test_rows_that_are_not_ready_are_empty() -> None:
    table = pl.DataFrame({"y": [1.0, 2.0]})
    assert aligned(table, np.array([False, True, False, True]))["y"].to_list() == [None, 1.0, None, 2.0]
    assert aligned(table, np.array([True, True])).equals(table)
    assert aligned(table.clear(), np.array([False, False]))["y"].to_list() == [None, None]


def test_a_table_is_written_under_a_name_that_says_what_it_is(tmp_path: Path) -> None:
    write_csv(pl.DataFrame({"y": [1.5, None]}), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines() == ["y", "1.5", ""]
    with pytest.raises(UserError, match=r"out\.parquet would not be what its name says"):
        write_csv(pl.DataFrame({"y": [1.5]}), tmp_path / "out.parquet")
