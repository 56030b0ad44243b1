"""A file as one polars table, whatever format it has, and how it was read."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from thetastar.data.compressed import packed_as, unpack
from thetastar.data.frames import tidy
from thetastar.data.large.parquet import large_parquet
from thetastar.data.memory import memory_limit
from thetastar.data.option_check import Form, check_options
from thetastar.data.reading import Note, Reading, ReadOptions, together
from thetastar.data.spreadsheet import is_spreadsheet, read_spreadsheet
from thetastar.data.text.decode import ORDINARY, check_text, decode
from thetastar.data.text.delimited import parse_delimited
from thetastar.data.text.footer import without_footer
from thetastar.data.text.header import Expected
from thetastar.data.text.known_formats import of_workbook, overruled
from thetastar.data.text.typed import typed, with_typed_texts
from thetastar.errors import DataError

__all__ = ["expected_by", "is_large_text", "read_file", "unreadable"]

_MARK_BYTES = 64  # more than any mark by which files are told
_WHILE_PARSED = 20  # times its size a text of single digits takes while it becomes a table, one of words or decimals 8
_HELD = 2  # times its size a file takes in memory while it is read, at least
_UNREADABLE = (
    (b"FEA1", "a Feather file of version 1: write it again with a current pyarrow"),
    (b"<html", "a web page: export the table as CSV"),
    (b"<!DOCTYPE", "a web page: export the table as CSV"),
    (b"<?xml", "XML: export the table as CSV"),
    (b"{", "JSON: export the table as CSV or Parquet"),
    (b"[{", "JSON: export the table as CSV or Parquet"),
    (b"%PDF", "a PDF document: export the table as CSV"),
    (b"\x89HDF", "an HDF5 file: export the table as CSV or Parquet"),
    (b"SQLite format 3", "a database: export the table as CSV"),
    (b"\x80\x04\x95", "a pickle, which can run code when it is read: export the table as CSV or Parquet"),
    (b"\x80\x05\x95", "a pickle, which can run code when it is read: export the table as CSV or Parquet"),
)


def read_file(
    path: str | os.PathLike[str],
    *,
    options: ReadOptions | None = None,
    like: Reading | None = None,
    target: str = "",
) -> tuple[pl.DataFrame, Reading]:
    """Return the table in a file, and how it was read.

    The file is told by its content, not by its name: text with separated cells, Parquet, Arrow or Feather, a workbook;
    each may be packed (gzip, bzip2, xz, zstd, zip). Names of columns are unique; every missing value is null.

    Args:
        path: Where the file is.
        options: What not to find out.
        like: How an earlier file was read: the same options, except for those given now, and columns of the same
            names written in the same way.
        target: Column that a file without names may lack, though the earlier one had it: the others keep their names.

    Raises:
        DataError: if there is no such file, it isn't a table, it holds no rows, or an option means nothing in it.
    """
    path = Path(path)
    before = like or Reading()
    asked = (options or ReadOptions()).over(before.options)
    known = overruled(before.formats, options or ReadOptions())
    if (large := _large(path, options)) is not None:
        table, formats, decided = with_typed_texts(tidy(large[0]), options=asked, known=known)
        return table, Reading(asked, formats, together((*large[1], *decided)))
    _check_size(path)
    data, packed = _unpacked(_bytes(path), str(path))
    check_options(options, _form(data), source=str(path))
    now = Reading(asked, known, before.notes)
    table, reading = _read_bytes(data, str(path), now, each_line=like is not None, target=target)
    return tidy(table), Reading(asked, reading.formats, together((*packed, *reading.notes)))


def _large(path: Path, options: ReadOptions | None) -> tuple[pl.DataFrame, tuple[Note, ...]] | None:
    """Return the table of a very large Parquet file; None of any other file, or one that can't be read."""
    try:
        large = large_parquet(path)
        if large is None:
            return None
        check_options(options, "columns", source=str(path))
        begun = time.monotonic()
        table = large.read(times=1)
        notes = [Note("read_in", text=f"{time.monotonic() - begun:.1f}", rows=large.rows)]
        if large.doubles:
            notes.append(Note("single_precision"))
        return table, tuple(notes)
    except OSError:
        return None  # reading all of it says why
    except pl.exceptions.PolarsError as error:
        raise unreadable(str(path), error) from error


def unreadable(source: str, error: Exception) -> DataError:
    """Return the error that says of a file of another format than text that it is broken."""
    return DataError(f"{source} begins like a data file but can't be read ({error}): export the table as CSV")


def is_large_text(path: Path) -> bool:
    """Say whether a file is a text that would not do well to be read at once.

    Raises:
        OSError: if it can't be read.
    """
    if not path.is_file() or _WHILE_PARSED * path.stat().st_size <= memory_limit():
        return False
    with path.open("rb") as file:
        begin = file.read(_MARK_BYTES)
    marks = tuple(mark for mark, _ in (*_UNREADABLE, *_BINARY))
    return not (begin.startswith(marks) or packed_as(begin) or is_spreadsheet(begin))


def _check_size(path: Path) -> None:
    """Refuse a file that can't be read whole, before it takes all memory there is; others say themselves what is wrong.

    It is held twice at least, as bytes and as what they mean.
    """
    if path.is_file() and _HELD * path.stat().st_size > (limit := memory_limit()):
        raise DataError(
            f"{path} has {path.stat().st_size / 1e9:.1f} GB, too much to be read into {limit / 1e9:.1f} GB of memory: "
            "write it as Parquet, which is read in parts (for a CSV file in Python: "
            f'polars.scan_csv("{path.name}").sink_parquet("{path.stem}.parquet"))'
        )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        what = "it is a folder: name one file in it" if path.is_dir() else error.strerror or error
        raise DataError(f"{path} can't be read: {what}") from error


def _unpacked(data: bytes, source: str) -> tuple[bytes, tuple[Note, ...]]:
    how = packed_as(data)
    if not how or is_spreadsheet(data):
        return data, ()
    inner = unpack(data, how=how, source=source, most=memory_limit() / _HELD)
    if (again := packed_as(inner)) and not is_spreadsheet(inner):
        raise DataError(f"{source} is packed twice ({how}, and {again} in it): unpack it first")
    return inner, (Note("packed", text=how),)


def _form(data: bytes) -> Form:
    """Return what unpacked bytes are; what is nothing else is read as text."""
    if any(data.startswith(mark) for mark, _ in _BINARY):
        return "columns"
    return "workbook" if is_spreadsheet(data) else "text"


def _read_bytes(
    data: bytes, source: str, before: Reading, *, each_line: bool, target: str
) -> tuple[pl.DataFrame, Reading]:
    """Read what isn't packed; formats of the earlier file come in, those of this one go out.

    Of rows to predict each line below the header is kept, as predictions stand beside them, but for blank ones and one
    that is a part of the header, as it was in the earlier file. Otherwise headers that come again, remarks and totals
    are left out.
    """
    for mark, what in _UNREADABLE:
        if data.startswith(mark):
            raise DataError(f"{source} is {what}")
    for mark, reader in _BINARY:
        if data.startswith(mark):
            table = tidy(_read_binary(data, source, reader))
            table, formats, decided = with_typed_texts(table, options=before.options, known=before.formats)
            return table, Reading(before.options, formats, decided)
    formats, expected = before.formats, expected_by(before, target) if each_line else Expected()
    if is_spreadsheet(data):
        table, notes = read_spreadsheet(data, options=before.options, expected=expected, source=source)
        formats, delimiter = of_workbook(formats, table), ","
    else:
        text, notes = _text(data, source, before.options)
        found = parse_delimited(text, options=before.options, expected=expected, source=source)
        table, delimiter, notes = found.table, found.layout.delimiter, (*notes, *found.notes)
    if not each_line:
        table, left_out = without_footer(table, options=before.options, delimiter=delimiter)
        notes = (*notes, *left_out)
    table, formats, decided = typed(table, options=before.options, delimiter=delimiter, known=formats)
    return table, Reading(before.options, formats, (*notes, *decided))


def expected_by(before: Reading, target: str) -> Expected:
    """Return what an earlier file says of the header."""
    two_lines = any(note.code in ("units_line", "second_line") for note in before.notes)
    return Expected(tuple(form.column for form in before.formats), two_lines=two_lines, again=False, target=target)


def _text(data: bytes, source: str, options: ReadOptions) -> tuple[str, tuple[Note, ...]]:
    text, encoding = decode(data, encoding=options.encoding, source=source)
    check_text(text, source)
    return text, () if encoding in ORDINARY else (Note("encoding", text=encoding),)


def _read_binary(data: bytes, source: str, reader: Callable[[bytes], pl.DataFrame]) -> pl.DataFrame:
    try:
        return reader(data)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(source, error) from error


def _read_feather(data: bytes) -> pl.DataFrame:
    """Read an Arrow file; where polars can't, pyarrow does if it is installed.

    polars (2.1) refuses the missing values of pandas' categories, whose key is −1.
    """
    try:
        return pl.read_ipc(io.BytesIO(data))
    except pl.exceptions.ComputeError:
        try:
            import pyarrow as pa
        except ImportError as error:
            raise pl.exceptions.ComputeError("pip install pyarrow, which reads more of these files") from error
        try:
            return pl.DataFrame(pa.ipc.open_file(data).read_all())
        except pa.ArrowException as error:
            raise pl.exceptions.ComputeError(str(error)) from error


# A file is told by its first bytes: its name may say anything.
_BINARY: tuple[tuple[bytes, Callable[[bytes], pl.DataFrame]], ...] = (
    (b"PAR1", lambda data: pl.read_parquet(io.BytesIO(data))),
    (b"ARROW1", _read_feather),
    (b"\xff\xff\xff\xff", lambda data: pl.read_ipc_stream(io.BytesIO(data))),
)
