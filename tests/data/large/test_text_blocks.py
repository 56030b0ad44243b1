from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from thetastar.data import Reading, ReadOptions, TextBlocks, files, read_file, text_in_blocks
from thetastar.data.reading import ColumnFormat
from thetastar.data.text import parts
from thetastar.errors import DataError

LIKE = Reading(formats=(ColumnFormat("price", "number", grouping=",", unit="$"), ColumnFormat("x", "number")))
ROWS = [f'{row % 3 + (row > 40) / 2},"${row + 1},000",0{row},a\n' for row in range(200)]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in parts of about ten rows."""
    (tmp_path / "t.csv").write_text("x,price,code,word\n" + "".join(ROWS[:100]) + "\n\n1\n" + "".join(ROWS[100:]))
    monkeypatch.setattr(parts, "_FIRST", 300)
    monkeypatch.setattr(parts, "_PART", 200)
    monkeypatch.setattr(files, "memory_limit", lambda: 1e5)
    return tmp_path / "t.csv"


def blocks(file: Path, *, multiple: int = 4, like: Reading = LIKE) -> TextBlocks:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "memory_limit", lambda: 1.0)
        found = text_in_blocks(file, options=ReadOptions(), like=like, target="", multiple=multiple)
    assert found is not None
    return found


@pytest.mark.parametrize("multiple", [1, 4, 64, 500])
def test_the_blocks_are_the_whole_in_order(file: Path, multiple: int) -> None:
    found = blocks(file, multiple=multiple)
    tables = list(found)
    assert all(table.height % multiple == 0 for table in tables[:-1])
    whole, reading = read_file(file, like=LIKE)
    assert found.columns == tuple(whole.columns)
    together = pl.concat(tables, how="vertical_relaxed")
    assert together.with_columns(pl.col("x").cast(pl.Float64)).equals(whole)
    assert together["price"][:2].to_list() == [1000, 2000]
    assert (found.rows, found.bytes) == (201, 201 * 4 * 4)
    assert {note.code: note.rows for note in found.reading.notes}["blank_rows"] == 2
    assert {note.code for note in found.reading.notes} == {"blank_rows"} | {
        note.code for note in reading.notes if note.code == "short_rows"
    }


def test_what_is_not_known_stays_as_it_is_written(file: Path) -> None:
    table = next(iter(blocks(file)))
    assert table["code"][:2].to_list() == ["00", "01"]
    unknown = next(iter(blocks(file, like=Reading())))
    assert unknown.dtypes == [pl.String] * 4
    assert unknown["price"][0] == "$1,000"


def test_whole_numbers_of_a_block_look_like_those_of_the_first(file: Path) -> None:
    file.write_text("x,price\n" + "0.5,1\n" * 100 + "1,2\n" * 200)
    assert {table["x"].dtype for table in blocks(file, multiple=50)} == {pl.Float64}


def test_a_header_that_comes_again_is_a_row_to_predict(file: Path) -> None:
    file.write_text("x,price\n" + "0.5,1\n" * 200 + "x,price\n" + "0.5,1\n" * 20 + "Total,220\n")
    assert sum(table.height for table in blocks(file)) == 222


def test_other_files_are_read_as_a_whole(file: Path, tmp_path: Path) -> None:
    def found(path: Path) -> object:
        return text_in_blocks(path, options=ReadOptions(), like=LIKE, target="", multiple=4)

    assert found(file) is None  # memory holds it
    assert found(tmp_path / "none.csv") is None
    pl.DataFrame({"a": range(50_000)}).write_parquet(tmp_path / "t.parquet")
    assert found(tmp_path / "t.parquet") is None


def test_what_is_wrong_in_a_later_part_is_said(file: Path) -> None:
    file.write_text("x,price\n" + "0.5,1\n" * 200 + "1,2,3\n")
    tables = iter(blocks(file))
    assert next(tables).height == 48
    with pytest.raises(DataError, match="line 202 has 3 cells, the first line has 2"):
        list(tables)
    found = blocks(file)
    file.unlink()
    with pytest.raises(DataError, match=r"t\.csv can't be read: No such file"):
        list(found)


def test_large_is_a_share_of_the_memory(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = file.stat().st_size
    monkeypatch.setattr(files, "memory_limit", lambda: files._WHILE_PARSED * size)
    assert not files.is_large_text(file)
    monkeypatch.setattr(files, "memory_limit", lambda: files._WHILE_PARSED * size - 1)
    assert files.is_large_text(file)
