from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from thetastar.data import Reading, ReadOptions, file_in_blocks, read_file
from thetastar.data.large import parquet
from thetastar.data.reading import ColumnFormat

TABLE = pl.DataFrame({"x": [0.5 * row for row in range(50)], "price": [f"${row + 1},000" for row in range(50)]})
LIKE = Reading(formats=(ColumnFormat("price", "number", grouping=",", unit="$"),))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    TABLE.write_parquet(tmp_path / "t.parquet", row_group_size=11)
    monkeypatch.setattr(parquet, "_LARGE", 10)
    monkeypatch.setattr(parquet, "_BLOCK", 200)  # bytes
    return tmp_path / "t.parquet"


def test_the_blocks_are_the_whole_in_order(file: Path) -> None:
    found = file_in_blocks(file, options=ReadOptions(), like=LIKE, kept=["x"], multiple=4)
    assert found is not None
    blocks = list(found)
    assert [block.height for block in blocks] == [24, 24, 2]
    whole, reading = read_file(file, like=LIKE)
    assert pl.concat(blocks).equals(whole)
    assert whole["price"][:2].to_list() == [1000, 2000]
    assert found.columns == tuple(whole.columns)
    assert set(found.reading.notes) <= set(reading.notes)
    assert [note.code for note in found.reading.notes] == ["single_precision"]


def test_what_all_rows_must_say_together_is_read_as_a_whole(file: Path, tmp_path: Path) -> None:
    def blocks(file: Path, *kept: str) -> object:
        return file_in_blocks(file, options=ReadOptions(), like=LIKE, kept=kept, multiple=4)

    assert blocks(file, "price") is None
    TABLE.rename({"x": " x"}).write_parquet(tmp_path / "blank.parquet")
    assert blocks(tmp_path / "blank.parquet") is None
    TABLE.write_csv(tmp_path / "t.csv")
    assert blocks(tmp_path / "t.csv") is None
    assert blocks(tmp_path / "none.parquet") is None
    (tmp_path / "half.parquet").write_bytes(file.read_bytes()[:200])
    assert blocks(tmp_path / "half.parquet") is None
