"""Large Parquet files are read in blocks and in single precision, and nothing else is different."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from thetastar.data import large
from thetastar.data.files import read_file
from thetastar.errors import DataError

TABLE = pl.DataFrame(
    {"x": [0.1, None, 1e300], "n": [1, 2, 2**40], "t": ["a", None, "c"], "b": [True, False, None]},
)


def test_a_large_file_is_read_in_single_precision_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    TABLE.write_parquet(tmp_path / "t.parquet")
    small, before = read_file(tmp_path / "t.parquet")
    monkeypatch.setattr(large, "_LARGE", 11)
    table, reading = read_file(tmp_path / "t.parquet")
    assert before.notes == ()
    assert [note.code for note in reading.notes] == ["single_precision"]
    assert table["x"].dtype == pl.Float32
    assert table["x"][0] == pytest.approx(0.1, rel=1e-7)
    assert table["x"][1] is None
    assert table.drop("x").equals(small.drop("x"))


def test_it_is_large_by_its_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    TABLE.write_parquet(tmp_path / "t.parquet")
    monkeypatch.setattr(large, "_LARGE", 12)
    assert not large.is_large_parquet(tmp_path / "t.parquet")
    TABLE.write_csv(tmp_path / "t.csv")
    monkeypatch.setattr(large, "_LARGE", 0)
    assert not large.is_large_parquet(tmp_path / "t.csv")


def test_a_broken_file_is_said_to_be_so(tmp_path: Path) -> None:
    TABLE.write_parquet(tmp_path / "t.parquet")
    data = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(data[: len(data) // 2])
    with pytest.raises(DataError, match=r"t\.parquet begins like a data file but can't be read"):
        read_file(tmp_path / "t.parquet")
