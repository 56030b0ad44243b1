"""A text file in parts, each of whole lines, so that memory needn't hold all of it.

The first part tells how the whole file is laid out: its encoding, its delimiter, the names of the columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from thetastar.data.reading import Note, ReadOptions
from thetastar.data.text.decode import ENOUGH, ORDINARY, check_text, declared, decode, decode_part, telling_lines
from thetastar.data.text.delimited import Layout, parse_delimited, parse_further, quotes_span_lines
from thetastar.data.text.header import Expected
from thetastar.data.text.held import bytes_held
from thetastar.data.text.line_ends import Characters, characters_of, whole_lines
from thetastar.data.text.lines import is_quoted
from thetastar.errors import DataError

__all__ = ["Part", "PartedText", "open_parts"]

_FIRST = 1 << 23  # bytes: a thousand lines of up to 8 kB, by which delimiter and header are judged
_PART = 1 << 21  # bytes: few enough that a block can be put together from many places, enough to be read at full speed
_LONGEST = 1 << 26  # bytes between two line ends: in a table, only a quotation mark that nothing closes reaches so far


@dataclass(frozen=True)
class Part:
    """Whole lines of a file: where they begin, how many lines are above them, and their bytes."""

    begin: int
    above: int
    data: bytes


@dataclass(frozen=True, eq=False)
class PartedText:
    """A text file whose first part is read.

    Attributes:
        path: Where it is.
        how: How its characters lie in its bytes.
        telling: Lines of the first part that tell something about the encoding; None if it is settled.
        noted: What is to be told of it.
        layout: Of its cells.
        again: Whether the header is left out where it comes again.
        begin: Where the first part ends.
        above: Lines of the first part.
        height: Rows of the first part,
        held: And how many bytes of memory they take as texts.
        options: What was asked for.
        expected: What was known of the header.
    """

    path: Path
    how: Characters
    telling: bytes | None
    noted: tuple[Note, ...]
    layout: Layout
    again: bool
    begin: int
    above: int
    height: int
    held: float
    options: ReadOptions
    expected: Expected

    def parts(self) -> Iterator[Part]:
        """Yield all parts but the first one.

        Raises:
            DataError: if a line has no end.
            OSError: if the file can't be read.
        """
        begin, above, rest = self.begin, self.above, b""
        with self.path.open("rb") as file:
            file.seek(begin)
            while data := file.read(_PART):
                rest += data
                size, lines = whole_lines(rest, self.how, quoted=self._quoted(rest))
                if size:
                    yield Part(begin, above, rest[:size])
                    begin, above, rest = begin + size, above + lines, rest[size:]
                elif len(rest) > _LONGEST:
                    raise _endless(str(self.path), above)
        if rest:
            yield Part(begin, above, rest)

    def part(self, begin: int, end: int, above: int) -> Part:
        """Return a part by where it stands.

        Raises:
            OSError: if the file can't be read.
        """
        with self.path.open("rb") as file:
            file.seek(begin)
            return Part(begin, above, file.read(end - begin))

    def first_rows(self) -> tuple[pl.DataFrame, tuple[Note, ...]]:
        """Return the rows of the first part, and what was noticed of the whole file, such as its encoding.

        Raises:
            OSError: if the file can't be read.
        """
        source, data = str(self.path), self.part(0, self.begin, 0).data
        text = decode_part(data, self.how.encoding, source=source)
        found = parse_delimited(text, options=self.options, expected=self.expected, source=source)
        return found.table, (*self.noted, *found.notes)

    def rows(self, part: Part) -> tuple[pl.DataFrame, tuple[Note, ...]]:
        """Return the rows of a part as trimmed texts under the columns' names, and what was noticed.

        Raises:
            DataError: if it isn't text, or a row has more cells than the first line of the file.
        """
        source = str(self.path)
        text = decode_part(part.data, self.how.encoding, source=source, above=part.above)
        check_text(text, source, above=part.above)
        return parse_further(text, self.layout, again=self.again, above=part.above, source=source)

    def in_encoding(self, name: str) -> PartedText:
        """Return the file as it is in another encoding than the first part told.

        Raises:
            DataError: if the first part doesn't fit it.
            OSError: if it can't be read.
        """
        return open_parts(self.path, options=self.options, expected=self.expected, encoding=name)

    def _quoted(self, data: bytes) -> bool:
        if self.layout.blanks or b'"' not in data:
            return False
        return is_quoted(data.decode(self.how.encoding, errors="ignore"), self.layout.delimiter)


def open_parts(path: Path, *, options: ReadOptions, expected: Expected, encoding: str | None = None) -> PartedText:
    """Return a text file in parts.

    Args:
        path: Where it is.
        options: What not to find out.
        expected: What is known of its header.
        encoding: The one that more of the file than its first part tells; None to find out what the first part tells.

    Raises:
        DataError: if its beginning isn't text, or no table.
        OSError: if it can't be read.
    """
    source = str(path)
    with path.open("rb") as file:
        data = file.read(_FIRST)
        whole = not file.read(1)
    told = encoding or options.encoding or declared(data)
    how = characters_of(data, told or "utf-8", source=source)
    size, lines = (len(data), 0) if whole else _first_part(data, how, options, told=told, source=source)
    text, name = decode(data[:size], encoding=told, source=source)
    check_text(text, source)
    first = parse_delimited(text, options=options, expected=expected, source=source)
    telling = None if told or whole else telling_lines(data[:size])
    return PartedText(
        path,
        how if told else replace(how, encoding=name),
        telling=None if telling is None or len(telling) >= ENOUGH else telling,
        noted=() if name in ORDINARY else (Note("encoding", text=name),),
        layout=first.layout,
        again=expected.again and first.names_numbers(),
        begin=size,
        above=lines,
        height=first.table.height,
        held=bytes_held(first.table),
        options=options,
        expected=expected,
    )


def _first_part(
    data: bytes, how: Characters, options: ReadOptions, *, told: str | None, source: str
) -> tuple[int, int]:
    """Return how many bytes of the beginning are whole lines, and how many lines."""
    size, lines = whole_lines(data, how, quoted=False)
    if not size:
        raise _endless(source, 0)
    text, _ = decode(data[:size], encoding=told, source=source)
    if quotes_span_lines(text, options):
        size, lines = whole_lines(data, how, quoted=True)
    if not size:
        raise _endless(source, 0)
    return size, lines


def _endless(source: str, above: int) -> DataError:
    return DataError(
        f"{source}: what begins in line {above + 1} doesn't end within {_LONGEST >> 20} MB: a quotation mark there may "
        "open a cell that isn't closed, or the file isn't a table of text"
    )
