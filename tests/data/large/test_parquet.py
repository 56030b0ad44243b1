"""Large Parquet files are read in blocks and in single precision, and nothing else is different."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from thetastar.data import files, memory
from thetastar.data.files import read_file
from thetastar.data.large import parquet
from thetastar.data.large.sampled import read_sample
from thetastar.data.memory import memory_limit
from thetastar.data.reading import Note
from thetastar.errors import DataError

TABLE = pl.DataFrame(
    {"x": [0.1, None, 1e300], "n": [1, 2, 2**40], "t": ["a", None, "c"], "b": [True, False, None]},
)


def test_a_large_file_is_read_in_single_precision_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    TABLE.write_parquet(tmp_path / "t.parquet")
    small, before = read_file(tmp_path / "t.parquet")
    monkeypatch.setattr(parquet, "_LARGE", 11)
    table, reading = read_file(tmp_path / "t.parquet")
    assert before.notes == ()
    assert [note.code for note in reading.notes] == ["read_in", "single_precision"]
    narrow = TABLE.with_columns(pl.col("x").clip(-1, 1).cast(pl.Float32))
    narrow.write_parquet(tmp_path / "narrow.parquet")
    assert read_file(tmp_path / "narrow.parquet")[1].notes[1:] == ()
    assert reading.notes[0].rows == 3
    assert float(reading.notes[0].text) >= 0
    assert table["x"].dtype == pl.Float32
    assert table["x"][0] == pytest.approx(0.1, rel=1e-7)
    assert table["x"][1] is None
    assert table.drop("x").equals(small.drop("x"))


def test_it_is_large_by_its_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    TABLE.write_parquet(tmp_path / "t.parquet")
    TABLE.write_csv(tmp_path / "t.csv")
    monkeypatch.setattr(parquet, "_LARGE", 12)
    assert parquet.large_parquet(tmp_path / "t.parquet") is None
    monkeypatch.setattr(parquet, "_LARGE", 11)
    assert parquet.large_parquet(tmp_path / "t.parquet") == parquet.LargeFile(
        tmp_path / "t.parquet", 3, 4, doubles=True
    )
    assert parquet.large_parquet(tmp_path / "t.csv") is None


def test_a_broken_file_is_said_to_be_so(tmp_path: Path) -> None:
    TABLE.write_parquet(tmp_path / "t.parquet")
    data = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(data[: len(data) // 2])
    with pytest.raises(DataError, match=r"t\.parquet begins like a data file but can't be read"):
        read_file(tmp_path / "t.parquet")


def numbered(folder: Path, rows: int) -> Path:
    """Return a file whose rows know their place."""
    pl.DataFrame({"place": range(rows), "half": [place / 2 for place in range(rows)]}).write_parquet(
        folder / "t.parquet"
    )
    return folder / "t.parquet"


def test_what_memory_cannot_hold_is_drawn_at_random(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, rows = numbered(tmp_path, 20_000), 20_000
    monkeypatch.setattr(parquet, "_LARGE", 0)
    monkeypatch.setattr(parquet, "memory_limit", lambda: 2 * rows * 4 / parquet._SHARE / 3.5)  # of 3½ parts, one fits
    sample = read_sample(file)
    table, reading = sample.table, sample.reading
    assert [note.code for note in reading.notes] == ["read_in", "sampled", "single_precision"]
    assert reading.notes[1] == Note("sampled", text="20,000", rows=table.height)
    assert table.height == pytest.approx(rows / 4 * 0.95, rel=0.03)  # one row in twenty judges
    places = table["place"].to_numpy()
    assert np.histogram(places, bins=10, range=(0, rows))[0] == pytest.approx(rows / 40, rel=0.2)
    assert len(set(np.diff(places))) > 3  # no even steps, in which a season of the rows could be missed
    assert table["half"].to_list() == [place / 2 for place in places]
    assert read_sample(file).table.equals(table)


def test_all_rows_come_where_all_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_LARGE", 0)
    monkeypatch.setattr(parquet, "memory_limit", lambda: 100.0)
    assert read_file(numbered(tmp_path, 50))[0].height == 50


def test_a_text_file_that_memory_cannot_hold_is_refused_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "t.csv"
    TABLE.write_csv(file)
    monkeypatch.setattr(files, "memory_limit", lambda: 2.0 * file.stat().st_size)
    assert read_file(file)[0].height == 3
    monkeypatch.setattr(files, "memory_limit", lambda: 2.0 * file.stat().st_size - 1)
    with pytest.raises(DataError, match=r'scan_csv\("t.csv"\).sink_parquet\("t.parquet"\)'):
        read_file(file)


def test_the_limit_of_memory_is_the_smallest_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 2**20 < memory_limit() < 2**50
    monkeypatch.setattr(memory, "_container", lambda _file: 1000.0)
    assert memory_limit() == 1000.0


def test_every_row_judges_or_comes_in_one_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_LARGE", 0)
    monkeypatch.setattr(parquet, "_BLOCK", 6_000 * 4)
    monkeypatch.setattr(parquet, "_BLOCK_SHARE", 1.0)
    monkeypatch.setattr(parquet, "memory_limit", lambda: 20_000 * 2 * 4 / parquet._SHARE / 3.5)
    sample = read_sample(numbered(tmp_path, 20_000))
    file = sample.file
    assert file is not None
    blocks = list(file.blocks(seed=0))
    judges, learned = file.judges()["place"].to_list(), [place for block in blocks for place in block["place"]]
    assert sorted(judges + learned) == list(range(20_000))
    assert len(judges) == pytest.approx(1_000, rel=0.2)
    assert max(block.height for block in blocks) <= 3_000
    assert set(sample.table["place"]).isdisjoint(judges)
    assert learned != sorted(learned)
    assert [block["place"].to_list() for block in file.blocks(seed=0)] == [block["place"].to_list() for block in blocks]
    assert next(file.blocks(seed=1))["place"].to_list() != blocks[0]["place"].to_list()
    assert blocks[0]["half"].to_list() == [place / 2 for place in blocks[0]["place"]]


def test_texts_in_blocks_are_read_as_those_of_the_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{place / 4}".replace(".", ",") for place in range(4_000)]
    pl.DataFrame({"a": texts, "place": range(4_000)}).write_parquet(tmp_path / "t.parquet")
    monkeypatch.setattr(parquet, "_LARGE", 1)
    monkeypatch.setattr(parquet, "memory_limit", lambda: 8_000.0)
    monkeypatch.setattr(parquet, "_BLOCK", 100)  # fifty rows
    sample = read_sample(tmp_path / "t.parquet")
    file = sample.file
    assert sample.table.height < 4_000
    assert file is not None
    for rows in (sample.table, file.judges(), *file.blocks(seed=0)):
        assert rows["a"].to_list() == [place / 4 for place in rows["place"]]


def test_rows_of_a_group_all_judge_or_none_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_LARGE", 0)
    monkeypatch.setattr(parquet, "memory_limit", lambda: 20_000 * 2 * 4 / parquet._SHARE / 3.5)
    path = tmp_path / "t.parquet"
    pl.DataFrame({"who": [f"{row % 400}" for row in range(20_000)], "x": range(20_000)}).write_parquet(path)
    found = read_sample(path, group="who")
    file = found.file
    assert file is not None
    judges, learned = (set(table["who"]) for table in (file.judges(), pl.concat(file.blocks(seed=0))))
    sample = set(found.table["who"])
    assert len(judges) == pytest.approx(20, abs=12)
    assert judges.isdisjoint(learned)
    assert judges.isdisjoint(sample)
    assert len(judges | learned) == 400
    assert parquet.large_parquet(path, group="nobody") == parquet.large_parquet(path)


def test_a_file_that_memory_holds_has_nothing_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_sample(numbered(tmp_path, 50)).file is None
    monkeypatch.setattr(parquet, "_LARGE", 0)
    assert read_sample(numbered(tmp_path, 50)).file is None


LIMIT = 1_250_000_000  # bytes of data; Python with all libraries loaded takes 0.4 GB of them
SMALL_MEMORY = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_DATA, ({LIMIT}, resource.RLIM_INFINITY))
from thetastar.data.large import parquet
parquet._SHARE = 0.004  # 5 MB
from thetastar.cli import app
app(["fit", sys.argv[1], "--target", "y", "--budget", "90s", "--out", sys.argv[2]])
"""
FEW_ARENAS = {"MALLOC_ARENA_MAX": "1", "POLARS_MAX_THREADS": "1"}  # each thread would set memory of its own aside


def several_times_the_limit(*, rows: int, columns: int, kind: type[pl.DataType]) -> pl.LazyFrame:
    """Return a table of numbers from 0 to 3, which takes little room on disk, to be written without holding it."""
    x = [(pl.col("i").hash(seed=100 + place) % 4).cast(kind).alias(f"x{place}") for place in range(columns - 1)]
    y = (2 * pl.col("x0") - pl.col("x1") + 0.1 * pl.col("x2")).cast(pl.Float32).round(1)
    table = pl.LazyFrame().select(pl.int_range(rows, dtype=pl.UInt32).alias("i")).select(x)
    return table.with_columns(y=y)


def fitted_in_small_memory(file: Path, run: Path) -> tuple[str, dict[str, Any]]:
    """Return what a fit said, and its record."""
    command = [sys.executable, "-c", SMALL_MEMORY, str(file), str(run)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ | FEW_ARENAS)
    assert done.returncode == 0, done.stdout + done.stderr
    return " ".join(done.stdout.split()), json.loads((run / "record.json").read_text())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_a_table_several_times_larger_than_memory_is_fitted_and_gone_through(tmp_path: Path) -> None:
    file, rows, columns = tmp_path / "large.parquet", 20_000_000, 40
    table = several_times_the_limit(rows=rows, columns=columns, kind=pl.Float32)
    table.sink_parquet(file, row_group_size=100_000)
    assert rows * columns * 4 > 2.5 * LIMIT
    told, record = fitted_in_small_memory(file, tmp_path / "run")
    assert "more than memory holds" in told
    assert "the function that went on was kept" in told
    assert record["rows"] < LIMIT * 0.004 / columns / 4
    assert record["streamed"]["of"] == rows
    assert record["streamed"]["rows"] > 10 * record["rows"]
    assert record["streamed"]["after"] < 1e-9


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_a_text_file_larger_than_memory_is_fitted_and_gone_through(tmp_path: Path) -> None:
    file, rows, columns = tmp_path / "large.csv", 10_000_000, 40
    several_times_the_limit(rows=rows, columns=columns, kind=pl.Int8).sink_csv(file)
    assert rows * columns * 4 > 1.2 * LIMIT  # in single precision; as texts, four times as much
    told, record = fitted_in_small_memory(file, tmp_path / "run")
    assert "more than memory holds" in told
    assert "MB a second" in told
    assert record["rows"] < LIMIT * 0.004 / columns / 4
    assert record["streamed"]["of"] == pytest.approx(rows, rel=0.01)
    assert record["streamed"]["rows"] > 10 * record["rows"]
    assert record["streamed"]["after"] < 1e-3
