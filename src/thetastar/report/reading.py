"""What was decided while a file was read, in words."""

from __future__ import annotations

from collections.abc import Sequence

from thetastar.data import Note, Reading
from thetastar.fitting.codes import AskedBy
from thetastar.report.numbers import count, counted
from thetastar.report.words import say

__all__ = ["reading_notes"]

_TAB = r"\t"
_NO_ROWS = ("title_lines", "units_line", "second_line", "blank_rows")  # told of each file: its rows are counted below
_NAMES_SHOWN = 6  # a sentence lists this many columns, or texts, before it says "and n more"


# What may be overruled of the texts in a table of any source: by which option of the command, and with which value.
_OVERRULED = {
    "decimal_settled": ("decimal", ""),
    "thousands_settled": ("decimal", ""),
    "dates_settled_dmy": ("dates", "mdy"),
    "dates_settled_mdy": ("dates", "dmy"),
}


def reading_notes(
    reading: Reading, lang: str, *, besides: Reading | None = None, by: AskedBy = "command"
) -> tuple[str, ...]:
    """Return a sentence for each decision about a file that a person should know of.

    Args:
        reading: How the file was read.
        lang: In which language.
        besides: How an earlier file was read: what was decided about it too isn't said again, unless it is which lines
            are no rows.
        by: Who asked, and so can overrule it: the command by an option, a caller from Python by what is given to it.

    Raises:
        UserError: if the language isn't in the catalogue.
    """
    known = {note for note in (besides.notes if besides else ()) if note.code not in _NO_ROWS}
    return tuple(_sentence(note, lang, by) for note in reading.notes if note not in known)


def _sentence(note: Note, lang: str, by: AskedBy) -> str:
    return say(
        f"reading.{note.code}",
        lang,
        columns=_listed(note.columns, lang),
        text=_TAB if note.text == "\t" else note.text,
        texts=_listed([say("list.quoted", lang, text=text) for text in note.texts], lang),
        rows=counted("rows", note.rows, lang),
        overrule=_overrule(note, lang, by),
    )


def _overrule(note: Note, lang: str, by: AskedBy) -> str:
    if note.code not in _OVERRULED:
        return ""
    what, other = _OVERRULED[note.code]
    face = "command" if by == "command" else "python"
    return say(f"reading.overrule.{what}.{face}", lang, order=other)


def _listed(names: Sequence[str], lang: str) -> str:
    shown = list(names[:_NAMES_SHOWN])
    if len(names) > _NAMES_SHOWN:
        shown.append(say("data.target.more", lang, more=count(len(names) - _NAMES_SHOWN)))
    return say("list.comma", lang).join(shown)
