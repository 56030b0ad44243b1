"""Text files written for a test, and what is read from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from thetastar.data import Reading, ReadOptions, read_file


def write(folder: Path, content: str | bytes, *, name: str = "table.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def column(folder: Path, values: list[str], **options: Any) -> tuple[list[Any], Reading]:
    """The values of a column written beside another one, separated by tabs so that no mark needs quotes."""
    text = "a\tother\n" + "".join(f"{value}\t{place % 3}w\n" for place, value in enumerate(values))
    table, reading = read_file(write(folder, text), options=ReadOptions(delimiter="\t", **options))
    return table["a"].to_list(), reading


def codes(reading: Reading, name: str = "a") -> dict[str, str | tuple[str, ...]]:
    """What was noted about a column: code → text, or texts."""
    return {note.code: note.texts or note.text for note in reading.notes if name in note.columns}
