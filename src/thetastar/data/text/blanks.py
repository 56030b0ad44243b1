"""Tables whose cells are set apart by blanks, as programs and old data collections write them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import polars as pl

from thetastar.data.text.number_text import split_numbers

__all__ = ["blanks_as_tabs", "set_apart_by_blanks"]

_CELL = re.compile(r'"[^"]*"|\S+')
_GAP = re.compile(r'("[^"\n]*")|[ \t]+')
_MOSTLY = 0.5  # share of the cells that must be numbers: in sentences, blanks set words apart


def set_apart_by_blanks(lines: Sequence[str], *, numeric: float) -> bool:
    """Say whether blanks cut all lines into as many cells, of which more are numbers than by any other character.

    Args:
        lines: Some lines of the text, the first one first.
        numeric: Share of the cells that are numbers if the best other character cuts the lines; 0 if none does.
    """
    rows = [_CELL.findall(line) for line in lines]
    counts = Counter(map(len, rows))
    if len(counts) != 1 or len(rows) < 2 or len(rows[0]) < 2:
        return False
    cells = pl.Series([cell.strip('"') for row in rows for cell in row])
    share = split_numbers(cells)["body"].count() / len(cells)
    return share >= _MOSTLY and share > numeric


def blanks_as_tabs(text: str) -> str:
    r"""Return the text with one tab between cells.

    Example:
        >>> blanks_as_tabs('  18.0   8  "ford torino"\n15 8   "amc hornet" ')
        '18.0\t8\t"ford torino"\n15\t8\t"amc hornet"'
    """
    stripped = "\n".join(line.strip(" \t") for line in text.split("\n"))
    return _GAP.sub(lambda match: match[1] or "\t", stripped)
