"""Large text files are gone through in parts, and nothing else is different."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thetastar.data import UnreadRows, files, read_file, read_sample, text_in_blocks
from thetastar.data.large import parquet, text_sample
from thetastar.data.large.sampled import Sampled
from thetastar.data.reading import Note, Reading, ReadOptions
from thetastar.data.text import index, parts
from thetastar.errors import DataError

PLACES = 100_000  # from there on
PACE = ("read_in", "sampled", "read_start", "read_places")  # notes that only large files have
Setting = Callable[..., None]


def in_parts(patch: pytest.MonkeyPatch, *, first: int, part: int, memory: float = 1e9) -> None:
    """Let every text file be a large one, in parts of so many bytes."""
    patch.setattr(parts, "_FIRST", first)
    patch.setattr(parts, "_PART", part)
    patch.setattr(index, "_SMALL", part // 2)
    patch.setattr(files, "memory_limit", lambda: 1.0)
    patch.setattr(parquet, "memory_limit", lambda: memory)


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Setting:
    def set_to(*, first: int = 6_000, part: int = 700, memory: float = 1e9) -> None:
        in_parts(monkeypatch, first=first, part=part, memory=memory)

    return set_to


def told(reading: Reading) -> list[Note]:
    """Return what is said of a file, but for how much was read how fast, in any order."""
    return sorted((note for note in reading.notes if note.code not in PACE), key=str)


def numbered(folder: Path, rows: int = 20_000) -> Path:
    """Return a file whose rows know their place, and all have as many characters."""
    places = range(PLACES, PLACES + rows)
    pl.DataFrame({"place": places, "half": [place / 2 for place in places]}).write_csv(folder / "t.csv")
    return folder / "t.csv"


def rest(sample: Sampled) -> UnreadRows:
    assert sample.file is not None
    return sample.file


@settings(max_examples=25)
@given(
    cells=st.lists(
        st.tuples(
            st.integers(-999, 999),
            st.sampled_from(["1,5", "2,25", "NA", "", "-"]),
            st.sampled_from(["3/4/2024", "25/12/2023", ""]),
            st.sampled_from(["a b", 'he said "no"', "Bath;\nAvon", "北京", "é", ""]),
        ),
        min_size=1,
        max_size=40,
    ),
    part=st.integers(20, 400),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]),
)
def test_a_file_in_parts_is_read_like_one_in_one_piece(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[int, str, str, str]], part: int, encoding: str
) -> None:
    rows = [(10**6 + place, "0,5", "1/2/2024", "usual") for place in range(60)] + cells
    table = pl.DataFrame(rows, schema=["n", "decimal", "day", "words"], orient="row")
    text, file = table.write_csv(separator=";"), tmp_path_factory.mktemp("t") / "t.csv"
    file.write_bytes(text.encode(encoding))
    asked = ReadOptions(encoding=encoding)
    whole, reading = read_file(file, options=asked)
    with pytest.MonkeyPatch.context() as patch:
        in_parts(patch, first=1_700 * (1 + (encoding == "utf-16")), part=part)
        found = read_sample(file, options=asked)
    assert found.file is None
    assert found.table.equals(whole)
    assert found.reading.formats == reading.formats
    assert told(found.reading) == told(reading)


def test_what_stands_above_between_and_below_the_rows_is_told_alike(tmp_path: Path, setting: Setting) -> None:
    body = "".join(f"{row},{row % 7},{row / 4}\n" + "\n" * (row % 100 == 0) for row in range(2_000))
    total = f"Total,{sum(row % 7 for row in range(2_000))},{sum(row / 4 for row in range(2_000))}\n"
    text = f"From the ministry\n\nplace,a,a\n{body}place,a,a\n7,8\n{total}Source: the ministry\n"
    (tmp_path / "t.csv").write_text(text)
    whole, reading = read_file(tmp_path / "t.csv")
    setting()
    found = read_sample(tmp_path / "t.csv")
    assert found.table.equals(whole)
    codes = {"title_lines", "renamed", "repeated_header", "blank_rows", "short_rows", "totals", "remarks_below"}
    assert codes <= {note.code for note in reading.notes}
    assert [note for note in told(found.reading) if note.code != "short_rows"] == [
        note for note in told(reading) if note.code != "short_rows"
    ]
    short = [[note.rows for note in one.notes if note.code == "short_rows"] for one in (reading, found.reading)]
    assert short == [[2], [2]]


def test_a_total_below_a_sample_is_known_by_what_the_sample_adds_up_to(tmp_path: Path, setting: Setting) -> None:
    body = "".join(f"town {row},{1 + row % 7},{row % 5}\n" for row in range(20_000))
    total = f"Total,{sum(1 + row % 7 for row in range(20_000))},{sum(row % 5 for row in range(20_000))}\n"
    (tmp_path / "t.csv").write_text(f"name,a,b\n{body}{total}")
    setting(memory=4e6)
    found = read_sample(tmp_path / "t.csv")
    assert {"sampled", "totals"} <= {note.code for note in found.reading.notes}
    file = rest(found)
    assert file.rows == 20_000
    assert "Total" not in pl.concat([found.table, file.judges(), *file.blocks(seed=0)])["name"]


def test_an_encoding_that_shows_further_down_is_told(tmp_path: Path, setting: Setting) -> None:
    words = ["北京天气", "城市", "价格", "广州的房价"]
    body = "".join(f"{row},{'a town' if row < 1_000 else words[row % 4]}\n" for row in range(2_000))
    (tmp_path / "t.csv").write_bytes(f"place,name\n{body}".encode("gb18030"))
    whole, reading = read_file(tmp_path / "t.csv")
    setting()
    found = read_sample(tmp_path / "t.csv")
    assert found.table.equals(whole)
    assert told(found.reading) == told(reading) == [Note("encoding", text="gb18030")]
    blocks = text_in_blocks(tmp_path / "t.csv", options=ReadOptions(), like=reading, target="", multiple=64)
    assert blocks is not None
    assert pl.concat(list(blocks)).equals(whole)
    assert told(blocks.reading) == told(reading)


def test_what_is_wrong_where_the_sample_did_not_look_is_found_later(tmp_path: Path, setting: Setting) -> None:
    file, rows = numbered(tmp_path), 20_000
    lines = file.read_text().split("\n")
    file.write_text("\n".join([*lines[: rows // 2], "1,2,3", *lines[rows // 2 :]]))
    setting()
    with pytest.raises(DataError, match="line 10001 has 3 cells, the first line has 2"):
        read_sample(file)
    found = read_sample(file, until=0.0)
    with pytest.raises(DataError, match="line 10001 has 3 cells, the first line has 2"):
        list(rest(found).blocks(seed=0))


def test_what_memory_cannot_hold_is_drawn_at_random(tmp_path: Path, setting: Setting) -> None:
    file, rows = numbered(tmp_path), 20_000
    setting(memory=2 * 16 * rows / parquet._SHARE / 3.5)  # texts of up to 12 bytes take 16: of 3½ parts, one fits
    found = read_sample(file)
    table = found.table
    assert [note.code for note in found.reading.notes] == ["read_in", "sampled"]
    assert found.reading.notes[0].rows == rows
    assert found.reading.notes[1] == Note("sampled", text="20,000", rows=table.height)
    assert table.height == pytest.approx(rows / 4 * 0.95, rel=0.03)  # one row in twenty judges
    places = table["place"].to_numpy()
    assert (np.diff(places) > 0).all()
    assert np.histogram(places, bins=10, range=(PLACES, PLACES + rows))[0] == pytest.approx(rows / 40, rel=0.2)
    assert table["half"].to_list() == [place / 2 for place in places]
    again = read_sample(file)
    assert again.table.equals(table)
    assert rest(again).judges().equals(rest(found).judges())


def test_every_row_judges_or_comes_in_one_block(
    tmp_path: Path, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting(memory=1e6)
    monkeypatch.setattr(parquet, "_BLOCK", 2 * 16 * 1_000)
    monkeypatch.setattr(parquet, "_BLOCK_SHARE", 1.0)
    sample = read_sample(numbered(tmp_path))
    file = rest(sample)
    blocks = list(file.blocks(seed=0))
    judges, learned = file.judges()["place"].to_list(), [place for block in blocks for place in block["place"]]
    assert sorted(judges + learned) == list(range(PLACES, PLACES + 20_000))
    assert len(judges) == pytest.approx(1_000, rel=0.2)
    assert max(block.height for block in blocks[:-1]) < 2_200
    assert set(sample.table["place"]).isdisjoint(judges)
    assert np.ptp(blocks[0]["place"].to_numpy()) > 10_000
    assert [block["place"].to_list() for block in file.blocks(seed=0)] == [block["place"].to_list() for block in blocks]
    assert next(iter(file.blocks(seed=1)))["place"].to_list() != blocks[0]["place"].to_list()
    assert blocks[0]["half"].to_list() == [place / 2 for place in blocks[0]["place"]]
    assert (file.rows, file.bytes) == (20_000, 20_000 * 2 * 4)


def test_rows_of_a_group_all_judge_or_none_of_them(tmp_path: Path, setting: Setting) -> None:
    setting(memory=1e6)
    pl.DataFrame({"who": [row % 400 for row in range(20_000)], "x": range(20_000)}).write_csv(tmp_path / "t.csv")
    found = read_sample(tmp_path / "t.csv", group="who")
    judges, learned = (
        set(table["who"]) for table in (rest(found).judges(), pl.concat(list(rest(found).blocks(seed=0))))
    )
    assert rest(found).group == "who"
    assert len(judges) == pytest.approx(20, abs=12)
    assert judges.isdisjoint(learned)
    assert judges.isdisjoint(found.table["who"])
    assert len(judges | learned) == 400
    assert rest(read_sample(tmp_path / "t.csv", group="nobody")).group == ""


def test_time_that_is_too_short_leaves_a_sample_from_all_over_the_file(tmp_path: Path, setting: Setting) -> None:
    file = numbered(tmp_path)
    setting()
    found = read_sample(file, until=time.monotonic() + 0.05)
    notes = {note.code: note for note in found.reading.notes}
    assert notes["read_places"].rows == found.table.height
    learned = pl.concat([found.table, rest(found).judges()])
    assert 1_000 <= learned.height == notes["read_in"].rows
    assert np.ptp(learned["place"].to_numpy()) > 19_000
    assert set(rest(found).judges()["place"]).isdisjoint(found.table["place"])


def test_what_time_left_out_is_said_and_comes_later(
    tmp_path: Path, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = numbered(tmp_path)
    setting()
    monkeypatch.setattr(text_sample, "_INDEX_SHARE", 1.0)
    clock = iter(np.arange(1e6) / 100)  # a hundredth of a second a look at it
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    found = read_sample(file, until=5.0)
    notes = {note.code: note for note in found.reading.notes}
    assert 5 < float(notes["read_places"].text.removesuffix(" %")) < 50
    assert "read_start" not in notes
    assert notes["read_in"].rows == pytest.approx(len(found.table) + len(rest(found).judges()), abs=1)
    assert np.ptp(found.table["place"].to_numpy()) > 19_000
    assert rest(found).rows == pytest.approx(20_000, rel=0.05)
    judging, later = rest(found).judges()["place"], pl.concat(list(rest(found).blocks(seed=0)))["place"]
    assert set(judging).isdisjoint([*found.table["place"], *later])
    assert later.n_unique() == len(later) == pytest.approx(19_000, rel=0.02)
    assert set(found.table["place"]) <= set(later)


def test_a_file_that_the_time_does_not_suffice_to_index_ends_earlier(
    tmp_path: Path, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = numbered(tmp_path)
    setting()
    clock = iter(np.arange(1e6) / 100)
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    found = read_sample(file, until=1.0)
    notes = {note.code: note for note in found.reading.notes}
    assert 5 < float(notes["read_start"].text.removesuffix(" %")) < 50
    later = pl.concat(list(rest(found).blocks(seed=0)))["place"]
    assert later.max() < PLACES + 20_000 / 2
    assert rest(found).rows == pytest.approx(len(later) / 0.95, rel=0.05)


@pytest.mark.parametrize("until", [1.0, 5.0])
def test_a_sample_that_time_cut_short_can_be_drawn_again(
    until: float, tmp_path: Path, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = numbered(tmp_path)
    setting()
    with monkeypatch.context() as patch:
        clock = iter(np.arange(1e6) / 100)
        patch.setattr(time, "monotonic", lambda: next(clock))
        found = read_sample(file, until=until)
    again = read_sample(file, again=rest(found).extent)
    assert again.table.equals(found.table)
    assert rest(again).extent == rest(found).extent
    assert rest(again).judges().equals(rest(found).judges())
    assert not read_sample(file).table.equals(found.table)


def test_only_plain_text_is_read_in_parts(tmp_path: Path, setting: Setting) -> None:
    import gzip

    table = pl.DataFrame({"a": range(99), "b": range(99)})
    table.write_csv(tmp_path / "t.csv")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress((tmp_path / "t.csv").read_bytes()))
    (tmp_path / "t.json").write_text('{"a": 1}')
    table.write_ipc(tmp_path / "t.arrow")
    setting()
    assert files.is_large_text(tmp_path / "t.csv")
    assert not files.is_large_text(tmp_path)
    for name in ("t.csv.gz", "t.json", "t.arrow", "none.csv"):
        assert not files.is_large_text(tmp_path / name)
    with pytest.raises(DataError, match=r"t\.csv\.gz has .* too much to be read"):
        read_sample(tmp_path / "t.csv.gz")
    with pytest.raises(DataError, match=r"[Nn]o such file"):
        read_sample(tmp_path / "none.csv")
    with pytest.raises(DataError, match=r"the sheet 'a' was asked for, but .* is no workbook"):
        read_sample(tmp_path / "t.csv", options=ReadOptions(sheet="a"))
