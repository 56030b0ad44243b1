"""Bytes of a text file to text, whatever wrote it."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from thetastar.errors import DataError

__all__ = [
    "ENOUGH",
    "ORDINARY",
    "check_text",
    "declared",
    "decode",
    "decode_part",
    "likely_encoding",
    "telling_lines",
]

_UTF8 = "utf-8"
ORDINARY = (_UTF8, "utf-8-sig", "ascii")  # encodings that nobody needs to be told of

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16's, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What spreadsheets still write where they don't write UTF-8. A few characters fit several of them equally
# well: then the earlier one is meant.
_CANDIDATES = ("gb18030", "big5", "cp1252", "shift_jis", "euc_kr", "cp1251")
_WESTERN = ("cp1252", "latin-1")  # the second has a character for every byte
_ALONE = 0.9  # share of the bytes beyond ASCII without another beside them: é, £ and ° stand among ASCII, 北京 doesn't
ENOUGH = 20_000  # bytes to guess from: more of them no longer change the guess
_SAMPLE = 1 << 16  # bytes that tell UTF-16 without a mark
_ZEROS = 0.2  # share of every second byte that is zero in UTF-16: commas, figures and line ends have one
_DAMAGED = 10  # times as many characters that are UTF-8 as bytes that aren't: then the file is UTF-8 but for these


def decode(data: bytes, *, encoding: str | None = None, source: str = "the file") -> tuple[str, str]:
    """Return the text of a file, and the name of its encoding.

    Without an encoding asked for: a byte order mark decides; otherwise UTF-8 if all bytes fit; otherwise Windows-1252
    (which contains Latin-1's letters) if the bytes beyond ASCII stand alone; otherwise the likeliest of GB18030, Big5,
    Windows-1252, Shift-JIS, EUC-KR and Windows-1251, judged by the lines that aren't plain ASCII.

    Raises:
        DataError: if the encoding isn't known, the bytes don't fit it, or they are UTF-8 but for a few.
    """
    name = encoding or declared(data)
    if name is not None:
        return _strictly(data, name, source), name
    name = likely_encoding(data)
    return decode_part(data, name, source=source), name


def decode_part(data: bytes, name: str, *, source: str, above: int = 0) -> str:
    """Return the text of a part of a file whose encoding is known.

    Args:
        data: Whole lines.
        name: The encoding.
        source: What errors call the file.
        above: Lines of the file above these.

    Raises:
        DataError: if the bytes don't fit it.
    """
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        if name != _UTF8:
            return _strictly(data, name, source)
        line = above + data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{source}: line {line} holds a byte that isn't UTF-8 ({data[error.start]:#04x}), though the others "
            "are: correct it there, or say which encoding the file has with --encoding"
        ) from error


def likely_encoding(data: bytes) -> str:
    """Return the encoding of a text that doesn't declare it, as ``decode`` finds it.

    It is UTF-8 too if all but a few bytes are: another encoding would turn all the rest into nonsense.
    """
    if _fits(data, _UTF8) or _mostly_utf8(data):
        return _UTF8
    guess = None if _alone(data) else _guess(data)
    return guess or next(name for name in _WESTERN if _fits(data, name))


def telling_lines(data: bytes) -> bytes:
    """Return the lines that aren't plain ASCII: figures would dilute the few words that tell encodings apart."""
    return b"\n".join(line for line in data.splitlines() if not line.isascii())


def declared(data: bytes) -> str | None:
    """Return the encoding that the first bytes of a file tell: by a byte order mark, or as UTF-16 without one."""
    return next((name for mark, name in _MARKS if data.startswith(mark)), None) or _unmarked_utf16(data)


def check_text(text: str, source: str, *, above: int = 0) -> None:
    """Refuse what holds a zero, as no text does.

    Args:
        text: Of a file, or a part of it.
        source: What errors call the file.
        above: Lines of the file above the text.

    Raises:
        DataError: if it does.
    """
    if "\0" in text:
        line = above + text.count("\n", 0, text.index("\0")) + 1
        raise DataError(
            f"{source} is neither text nor Parquet nor Arrow nor a workbook (a zero byte in line {line}): "
            "export the table as CSV"
        )


def _unmarked_utf16(data: bytes) -> str | None:
    """Return which half of UTF-16's characters is zero as it is in figures and commas, if one is."""
    sample = data[:_SAMPLE]
    even, odd = (half.count(0) / max(len(half), 1) for half in (sample[::2], sample[1::2]))
    if odd >= _ZEROS and even == 0 and b"\n\0" in sample:
        return "utf-16-le"
    return "utf-16-be" if even >= _ZEROS and odd == 0 and b"\0\n" in sample else None


def _mostly_utf8(data: bytes) -> bool:
    text = data.decode(_UTF8, errors="replace")
    bad = text.count("\ufffd")
    good = sum(not character.isascii() for character in text[: 1 << 20]) - bad
    return good >= _DAMAGED * bad


def _alone(data: bytes) -> bool:
    """Say whether nearly all bytes beyond ASCII stand alone, as they do in languages that mostly use ASCII."""
    runs = re.findall(rb"[\x80-\xff]+", data)[:ENOUGH]
    return sum(len(run) == 1 for run in runs) >= _ALONE * len(runs)


def _guess(data: bytes) -> str | None:
    """Return the candidate that decodes everything and looks most like language, or None if none decodes."""
    telling = telling_lines(data)
    if len(telling) > ENOUGH:  # cut between lines where possible, never inside a character
        telling = telling[:ENOUGH].rpartition(b"\n")[0] or telling
    matches = from_bytes(telling, cp_isolation=list(_CANDIDATES))
    ranked = sorted(matches, key=lambda match: (match.chaos, -match.coherence, _rank(match.encoding)))
    return next((match.encoding for match in ranked if _fits(data, match.encoding)), None)


def _rank(name: str) -> int:
    return _CANDIDATES.index(name) if name in _CANDIDATES else len(_CANDIDATES)


def _fits(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _strictly(data: bytes, name: str, source: str) -> str:
    try:
        return data.decode(name)
    except LookupError as error:
        raise DataError(
            f"{source}: there is no text encoding named {name!r}; --encoding takes names such as utf-8 or gb18030"
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{source}: byte {error.start} isn't {name} text ({error.reason}); save the file as UTF-8, "
            "or say which encoding it has with --encoding"
        ) from error
