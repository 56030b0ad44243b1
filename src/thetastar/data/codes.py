"""The codes that notes about a file speak in: what each can be, so that none is without words in the report."""

from __future__ import annotations

from typing import Literal

__all__ = ["NoteCode", "NumberProblem"]

NumberProblem = Literal["codes", "mixed_units", "partly_units"]  # why numbers stayed text
NoteCode = Literal[
    # the file
    "packed",
    "sheet",
    "encoding",
    "delimiter",
    "blanks",
    "read_in",
    "sampled",
    "read_start",
    "read_places",
    "single_precision",
    # its lines
    "title_lines",
    "no_header",
    "unnamed",
    "renamed",
    "repeated_header",
    "units_line",
    "second_line",
    "blank_rows",
    "short_rows",
    "remarks_below",
    "totals",
    # its columns
    "decimal_comma",
    "decimal_settled",
    "thousands",
    "thousands_settled",
    "currency",
    "percent",
    "unit",
    "mixed_units",
    "partly_units",
    "codes",
    "durations",
    "dates_dmy",
    "dates_mdy",
    "dates_compact",
    "dates_settled_dmy",
    "dates_settled_mdy",
    "missing",
    "words_as_missing",
]
