"""A line below the header that belongs to it: units, or the second half of the names."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from thetastar.data.reading import Note
from thetastar.data.text.missing import MISSING_BESIDE_VALUES
from thetastar.data.text.number_text import split_numbers
from thetastar.data.text.unit_text import is_unit

__all__ = ["with_second_line"]

_FEWEST_ROWS = 3  # below the second line: fewer can't show that a column holds numbers
_FEWEST_NAMES = 2  # words above numbers; one alone may be a remark in a cell (about 30)
_SAMPLE = 1000  # rows that tell what the columns hold
_BRACKETS = "()[]{} "


def with_second_line(
    names: Sequence[str], below: pl.DataFrame
) -> tuple[tuple[str, ...], pl.DataFrame, tuple[Note, ...]]:
    """Return the columns' names, the rows, and what was noticed, where the first row is a part of the header.

    It is one if it holds words, and nothing else, above columns of numbers. Units are left out. Other words are joined
    to the names: above numbers, a blank name takes the one to its left, which stood for both (``Price, ""`` above
    ``net, gross``).

    Args:
        names: Cells of the first line of the header, an empty text for none.
        below: All other rows, as trimmed texts.
    """
    if below.height <= _FEWEST_ROWS:
        return tuple(names), below, ()
    second = ["" if cell is None or _stands_for_none(cell) else cell for cell in below.row(0)]
    rest = below[1 : _SAMPLE + 1]
    numeric = [_all_numbers(column) for column in rest]
    words = [word for word, above in zip(second, numeric, strict=True) if word and above]
    if not _above_numbers(second, words, rest, numeric=sum(numeric)):
        return tuple(names), below, ()
    if all(is_unit(word.strip(_BRACKETS)) for word in words):
        return tuple(names), below[1:], (Note("units_line", texts=tuple(dict.fromkeys(words))),)
    if len(words) < _FEWEST_NAMES:
        return tuple(names), below, ()
    joined = _joined(names, second, numeric)
    return joined, below[1:], (Note("second_line", tuple(name for name in joined if name)),)


def _above_numbers(second: Sequence[str], words: Sequence[str], rest: pl.DataFrame, *, numeric: int) -> bool:
    """Say whether a row holds words above at least half of the columns of numbers, and nothing that is a value."""
    present = [word for word in second if word]
    if not words or 2 * len(words) < numeric or split_numbers(pl.Series(present))["body"].count():
        return False
    return not any(bool((column == word).any()) for word, column in zip(second, rest, strict=True) if word)


def _joined(names: Sequence[str], second: Sequence[str], numeric: Sequence[bool]) -> tuple[str, ...]:
    joined, left = [], ""
    for name, word, number in zip(names, second, numeric, strict=True):
        left = name.strip() or (left if word and number else "")
        joined.append(f"{left} {word}".strip())
    return tuple(joined)


def _stands_for_none(cell: str) -> bool:
    return cell.strip(_BRACKETS).lower() in MISSING_BESIDE_VALUES


def _all_numbers(column: pl.Series) -> bool:
    values = column.drop_nulls()
    values = values.filter(~values.str.to_lowercase().is_in(MISSING_BESIDE_VALUES))
    return len(values) > 0 and split_numbers(values)["body"].null_count() == 0
