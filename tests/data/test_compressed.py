from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import zstandard

from thetastar.data import Note, compressed, files, read_file
from thetastar.errors import DataError

from .files import write

TEXT = b"a,b\n1,2\n3,4\n"


def zipped(content: bytes, *names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("table.csv",):
            archive.writestr(name, content)
    return file.getvalue()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.compress,
    "zip": zipped,
}


@pytest.mark.parametrize("how", PACKERS)
def test_packed_files_are_read_whatever_their_name(tmp_path: Path, how: str) -> None:
    table, reading = read_file(write(tmp_path, PACKERS[how](TEXT)))
    assert table.to_dict(as_series=False) == {"a": [1, 3], "b": [2, 4]}
    assert reading.notes == (Note("packed", text=how),)


def test_files_packed_in_several_parts(tmp_path: Path) -> None:
    for pack in (gzip.compress, bz2.compress, lzma.compress, zstandard.compress):
        parts = pack(TEXT) + b"".join(pack(b"%d,%d\n" % (n, n)) for n in range(5))
        assert read_file(write(tmp_path, parts))[0]["a"].to_list() == [1, 3, 0, 1, 2, 3, 4]


def test_a_packed_parquet_file(tmp_path: Path) -> None:
    file = io.BytesIO()
    pl.DataFrame({"a": [1, 3]}).write_parquet(file)
    assert read_file(write(tmp_path, gzip.compress(file.getvalue())))[0]["a"].to_list() == [1, 3]


@pytest.mark.parametrize("how", PACKERS)
def test_what_memory_cannot_hold_once_it_is_unpacked_is_refused_before_it_is(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = b"a,b\n" + b"".join(b"%d,%d\n" % (row, row**3) for row in range(10_000))
    path = write(tmp_path, PACKERS[how](text))
    monkeypatch.setattr(files, "memory_limit", lambda: 2.0 * len(text))
    assert read_file(path)[0].height == 10_000
    monkeypatch.setattr(files, "memory_limit", lambda: 2.0 * len(text) - 2)
    with pytest.raises(DataError, match=r"unpacks to more than 0\.0 GB, .*: unpack it yourself, as `thetastar fit`"):
        read_file(path)


@pytest.mark.parametrize("how", PACKERS)
def test_a_bomb_is_refused_before_it_fills_the_memory(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compressed, "_ALWAYS_ALLOWED", 1 << 20)
    bomb = PACKERS[how](b"a,b\n" + b"1,2\n" * (16 << 20))
    path = write(tmp_path, bomb)
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=r"unpacks to more than .* unpack it yourself and give the file inside"):
            read_file(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * max(1 << 20, 100 * len(bomb)) + (16 << 20)  # xz keeps 8 MiB to look back at


@pytest.mark.parametrize("how", PACKERS)
def test_cut_short(tmp_path: Path, how: str) -> None:
    whole = PACKERS[how](b"a,b\n" + b"".join(b"%d,%d\n" % (n * n, n**3) for n in range(5_000)))
    with pytest.raises(DataError, match=f"can't be unpacked as {how} .*cut short or is damaged"):
        read_file(write(tmp_path, whole[: len(whole) // 2]))


def test_an_archive_holds_one_table(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"an archive of 2 files \(\['a.csv', 'b.csv'\]\): give it with one table inside"
    ):
        read_file(write(tmp_path, zipped(TEXT, "a.csv", "b.csv")))
    assert read_file(write(tmp_path, zipped(TEXT, "a/", "a/a.csv", "__MACOSX/a/._a.csv", ".DS_Store")))[0].height == 2


def test_packed_twice(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"is packed twice \(gzip, and bzip2 in it\): unpack it first"):
        read_file(write(tmp_path, gzip.compress(bz2.compress(TEXT))))


def test_zstd_without_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(DataError, match=r"is packed with zstd: pip install 'thetastar\[zstd\]'"):
        read_file(write(tmp_path, zstandard.compress(TEXT)))
