"""Where the bytes of a text can be cut: behind a line end that doesn't stand inside of a quoted cell."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

import numpy as np

from thetastar.errors import DataError

__all__ = ["Characters", "characters_of", "whole_lines"]

_LINE_FEED, _CARRIAGE_RETURN, _QUOTATION_MARK = (ord(character) for character in '\n\r"')
_ASCII = bytes(range(128))
_BYTES = "u1"
_SHIFTING = "iso2022"  # escape sequences change what the bytes behind them mean
_WIDE = {"utf-16-le": "<u2", "utf-16-be": ">u2", "utf-32-le": "<u4", "utf-32-be": ">u4"}


@dataclass(frozen=True)
class Characters:
    """How the characters of a text lie in its bytes.

    Attributes:
        encoding: Of the text, without a byte order mark.
        unit: Numbers (of numpy) that line ends and quotation marks are one of, and no part of another character is.
        line_end: The number that every line ends with.
    """

    encoding: str
    unit: str
    line_end: int


def characters_of(data: bytes, encoding: str, *, source: str = "the file") -> Characters:
    r"""Return how characters lie in the bytes of a file.

    Args:
        data: Its first bytes.
        encoding: As ``decode`` names it.
        source: What errors call the file.

    Raises:
        DataError: if there is no such encoding, or bytes mean one thing at one place of a text and another elsewhere.

    Example:
        >>> characters_of("a,b\r\n".encode("utf-16"), "utf-16")
        Characters(encoding='utf-16-le', unit='<u2', line_end=10)
    """
    name = _without_mark(data, encoding, source)
    unit = _WIDE.get(name, _BYTES)
    plain = _ASCII.decode(name, errors="replace") == _ASCII.decode("ascii") and not name.startswith(_SHIFTING)
    if unit == _BYTES and not plain:
        raise DataError(
            f"{source} is too large to be read at once, and its encoding {encoding} can't be read in parts: write it "
            "as UTF-8, or as Parquet"
        )
    found = np.frombuffer(data, unit, count=len(data) // np.dtype(unit).itemsize)
    return Characters(name, unit, _LINE_FEED if (found == _LINE_FEED).any() else _CARRIAGE_RETURN)


def whole_lines(data: bytes, how: Characters, *, quoted: bool) -> tuple[int, int]:
    r"""Return how many of the bytes are whole lines, the last one ending outside of quotes, and how many lines.

    Args:
        data: Bytes that begin with a line.
        how: How characters lie in them.
        quoted: Whether cells may be quoted.

    Example:
        >>> whole_lines(b'1,"a\nb"\n2,"c\n', Characters("utf-8", "u1", 10), quoted=True)
        (8, 2)
    """
    size = np.dtype(how.unit).itemsize
    characters = np.frombuffer(data, how.unit, count=len(data) // size)
    ends = np.flatnonzero(characters == how.line_end)
    outside = ends
    if quoted:
        marks = np.flatnonzero(characters == _QUOTATION_MARK)
        outside = ends[np.searchsorted(marks, ends) % 2 == 0]
    if not len(outside):
        return 0, 0
    return (int(outside[-1]) + 1) * size, int(np.searchsorted(ends, outside[-1])) + 1


def _without_mark(data: bytes, encoding: str, source: str) -> str:
    """Return the encoding of what follows a byte order mark."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise DataError(
            f"{source}: there is no text encoding named {encoding!r}; --encoding takes names such as utf-8 or gb18030"
        ) from error
    if name in ("utf-16", "utf-32"):
        return f"{name}-be" if data.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)) else f"{name}-le"
    return "utf-8" if name == "utf-8-sig" else name
