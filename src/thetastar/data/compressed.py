"""What is inside a packed file, with a limit on how much may come out of it."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import math
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, cast

from thetastar.errors import DataError

__all__ = ["packed_as", "unpack"]

# A table of text shrinks to a tenth, a very regular one to a fiftieth. A kilobyte that becomes a megabyte is no table;
# small files may be anything, as nobody's memory is filled by them.
_LARGEST_RATIO = 100
_ALWAYS_ALLOWED = 256 << 20  # bytes
_BLOCK = 1 << 20  # bytes unpacked at a time
_ZSTD_INPUT = 256  # bytes given to zstd at a time: four of them can stand for 128 KiB

_MARKS = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PK\x03\x04", "zip"),
)
_DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, NotImplementedError)


def packed_as(data: bytes) -> str:
    """Return how a file is packed (gzip, bzip2, xz, zstd or zip), by its first bytes; empty if it isn't."""
    return next((name for mark, name in _MARKS if data.startswith(mark)), "")


def unpack(data: bytes, *, how: str, source: str, most: float = math.inf) -> bytes:
    """Return what is inside.

    Never more than a hundred times the packed size is unpacked, nor kept in memory, beyond 256 MiB.

    Args:
        data: The packed file.
        how: What ``packed_as`` says.
        source: What errors call the file.
        most: Bytes that memory can do with.

    Raises:
        DataError: if it is damaged, would become too large, or is an archive that doesn't hold exactly one file.
    """
    damaged = _errors_of_damage(how, source)
    try:
        return _limited(_BLOCKS[how](data, source), packed=len(data), most=most, source=source)
    except damaged as error:
        raise DataError(f"{source} can't be unpacked as {how} ({error}): it was cut short or is damaged") from error


def _errors_of_damage(how: str, source: str) -> tuple[type[Exception], ...]:
    """Return what unpacking a damaged file raises; refuse zstd where its library isn't installed."""
    if how != "zstd":
        return _DAMAGED
    try:
        import zstandard
    except ImportError as error:
        raise DataError(
            f"{source} is packed with zstd: pip install 'thetastar[zstd]' to read it, or unpack it first"
        ) from error
    return (*_DAMAGED, zstandard.ZstdError)


def _limited(blocks: Iterator[bytes], *, packed: int, most: float, source: str) -> bytes:
    limit = max(_ALWAYS_ALLOWED, _LARGEST_RATIO * packed)
    result = io.BytesIO()
    for block in blocks:
        result.write(block)
        if result.tell() > limit:
            raise DataError(
                f"{source} holds {packed:,} bytes and unpacks to more than {limit:,}, more than tables do: "
                "if you trust it, unpack it yourself and give the file inside"
            )
        if result.tell() > most:
            raise DataError(
                f"{source} unpacks to more than {most / 1e9:.1f} GB, too much for the memory that there is: unpack it "
                "yourself, as `thetastar fit` and `thetastar predict` go through a large text file in parts"
            )
    return result.getvalue()


def _blocks(opened: IO[bytes]) -> Iterator[bytes]:
    while block := opened.read(_BLOCK):
        yield block


def _gzip_blocks(data: bytes) -> Iterator[bytes]:
    with gzip.open(io.BytesIO(data)) as file:
        yield from _blocks(cast("IO[bytes]", file))


def _xz_blocks(data: bytes) -> Iterator[bytes]:
    with lzma.open(io.BytesIO(data)) as file:
        yield from _blocks(cast("IO[bytes]", file))


def _bzip2_blocks(data: bytes) -> Iterator[bytes]:
    with bz2.open(io.BytesIO(data)) as file:
        yield from _blocks(cast("IO[bytes]", file))


def _zip_blocks(data: bytes, source: str) -> Iterator[bytes]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    names = [one.filename for one in archive.infolist() if not one.is_dir() and not _added_by_a_system(one.filename)]
    if len(names) != 1:
        raise DataError(f"{source} is an archive of {len(names)} files ({names[:5]}): give it with one table inside")
    with archive.open(names[0]) as file:
        yield from _blocks(file)


def _added_by_a_system(name: str) -> bool:
    """Say whether a file manager added a file to the archive, not a person."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")


def _zstd_blocks(data: bytes) -> Iterator[bytes]:
    """Yield what is inside of all frames. The library's own reader takes a file that is cut short for a whole one."""
    import zstandard

    start = 0
    while start < len(data):
        frame = zstandard.ZstdDecompressor().decompressobj()
        while not frame.eof and start < len(data):
            yield frame.decompress(data[start : start + _ZSTD_INPUT])
            start += _ZSTD_INPUT
        if not frame.eof:
            raise EOFError("it ends within a frame")
        start = min(start, len(data)) - len(frame.unused_data)


_BLOCKS: dict[str, Callable[[bytes, str], Iterator[bytes]]] = {
    "gzip": lambda data, _: _gzip_blocks(data),
    "bzip2": lambda data, _: _bzip2_blocks(data),
    "xz": lambda data, _: _xz_blocks(data),
    "zstd": lambda data, _: _zstd_blocks(data),
    "zip": _zip_blocks,
}
