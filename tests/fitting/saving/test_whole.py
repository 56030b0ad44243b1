"""A file is whole or not there, whatever goes wrong while it is written."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from thetastar.errors import UserError
from thetastar.fitting.saving.whole import folder_to_write, write_whole


def test_a_file_is_written_and_nothing_beside_it(tmp_path: Path) -> None:
    for data in (b"first", b"second"):
        assert write_whole(tmp_path / "f", data) == tmp_path / "f"
        assert (tmp_path / "f").read_bytes() == data
    assert os.listdir(tmp_path) == ["f"]


def full_disk(*_: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    write_whole(tmp_path / "f", b"first")
    monkeypatch.setattr(step, full_disk)
    with pytest.raises(UserError, match=r"f can't be written: No space left on device"):
        write_whole(tmp_path / "f", b"second")
    assert (tmp_path / "f").read_bytes() == b"first"
    assert os.listdir(tmp_path) == ["f"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"first")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_whole(tmp_path / "link", b"second")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"second"


def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    assert write_whole(os.devnull, b"gone") == Path(os.devnull)
    assert not Path(os.devnull).is_file()
    with pytest.raises(UserError, match="can't be written"):
        write_whole(tmp_path, b"a folder")


def fails(folder: Path, *, writes: Path | None = None) -> None:
    with folder_to_write(folder, ("f",)):
        assert folder.is_dir()
        if writes:
            writes.touch()
        raise KeyboardInterrupt


def test_a_folder_that_was_made_for_nothing_is_taken_away(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fails(tmp_path / "a" / "b")
    assert os.listdir(tmp_path) == []


def test_what_was_there_before_or_written_since_stays(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fails(tmp_path / "a" / "b", writes=tmp_path / "a" / "f")
    assert os.listdir(tmp_path / "a") == ["f"]
    with pytest.raises(KeyboardInterrupt):
        fails(tmp_path / "a")
    assert (tmp_path / "a" / "f").exists()


def test_a_folder_that_can_not_be_written_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"file can't be written .*--out"), folder_to_write(tmp_path / "file", ("f",)):
        pytest.fail("the work began")
    (tmp_path / "run" / "f").mkdir(parents=True)
    with pytest.raises(UserError, match=r"f is a folder.*--out"), folder_to_write(tmp_path / "run", ("f",)):
        pytest.fail("the work began")
