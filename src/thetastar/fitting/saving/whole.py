"""Files that are whole or not there: written beside their place, brought to the disk, then put there in one step."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from thetastar.errors import UserError

__all__ = ["folder_to_write", "write_whole", "writing_whole"]


def write_whole(path: str | os.PathLike[str], data: bytes) -> Path:
    """Write a file as ``writing_whole`` does, at once.

    Raises:
        UserError: if it can't be written, for example as the disk is full; what was there before is left as it was.
    """
    with writing_whole(path) as file:
        file.write(data)
    return Path(path)


@contextmanager
def writing_whole(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Write a file so that at any moment, also after a crash, either the old or the new one is there, whole.

    It appears under its name once all is written, and not if that fails. A link is followed. What is no file (a
    terminal, a pipe) is written to as it is.

    Raises:
        UserError: if it can't be written, for example as the disk is full; what was there before is left as it was.
    """
    given = Path(path)
    special = given.exists() and not given.is_file() and not given.is_dir()
    try:
        with given.open("wb") if special else _replacing(Path(os.path.realpath(given))) as file:
            yield file
    except OSError as error:
        raise UserError(f"{given} can't be written: {error.strerror or error}") from error


@contextmanager
def folder_to_write(folder: Path, files: tuple[str, ...]) -> Iterator[None]:
    """Make a folder and try to write into it, before any work is done; if the work fails, take away what was made.

    Args:
        folder: With the folders above it, if they aren't there.
        files: What will be written into it.

    Raises:
        UserError: if the folder can't be made or written, or one of the files' names is taken by a folder.
    """
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(
            f"the folder {folder} can't be written ({error.strerror or error}): name another one with --out"
        ) from error
    if taken := [name for name in files if (folder / name).is_dir()]:
        raise UserError(f"{folder / taken[0]} is a folder, and a file is to be written there: name another --out")
    try:
        yield
    except BaseException:
        for one in made:
            with suppress(OSError):  # something was written there meanwhile: it stays
                one.rmdir()
        raise


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        _sync(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Bring the new name to the disk too, where the system lets folders be opened."""
    with suppress(PermissionError):  # Windows
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
