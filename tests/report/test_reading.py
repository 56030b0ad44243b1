"""What was decided about a file is said once, but of every file which of its lines are no rows."""

from __future__ import annotations

import pytest

from thetastar.data import Note, Reading
from thetastar.report.reading import reading_notes
from thetastar.report.words import LANGUAGES

SEMICOLON = Note("delimiter", text=";")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_was_decided_before_is_not_said_again(lang: str) -> None:
    before, new = Reading(notes=(SEMICOLON,)), Note("percent", ("share",), rows=4)
    assert len(reading_notes(before, lang)) == 1
    assert reading_notes(before, lang, besides=before) == ()
    (said,) = reading_notes(Reading(notes=(SEMICOLON, new)), lang, besides=before)
    assert "share" in said


@pytest.mark.parametrize(
    "note",
    [
        Note("title_lines", text="Report", rows=2),
        Note("units_line", texts=("km", "kg")),
        Note("second_line", ("Size living",)),
        Note("blank_rows", rows=3),
    ],
    ids=lambda note: note.code,
)
def test_which_lines_are_no_rows_is_said_of_every_file(note: Note) -> None:
    reading = Reading(notes=(SEMICOLON, note))
    assert len(reading_notes(reading, "en", besides=reading)) == 1


def test_texts_are_listed_as_the_language_does() -> None:
    note = Note("missing", ("a", "b"), rows=9, texts=("NA", "-"))
    (english,), (chinese,) = (reading_notes(Reading(notes=(note,)), lang) for lang in LANGUAGES)
    assert english == "“NA”, “-” counts as missing, 9 rows, in: a, b."
    assert chinese == "按缺失处理的 “NA”、“-”，共 9 行，所在的列：a、b。"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("note", "option"),
    [
        (Note("decimal_settled", ("a",), text=","), "--decimal"),
        (Note("thousands_settled", ("a",), text=","), "--decimal"),
        (Note("dates_settled_dmy", ("a",)), "--dates mdy"),
        (Note("dates_settled_mdy", ("a",)), "--dates dmy"),
    ],
    ids=lambda given: given.code if isinstance(given, Note) else "",
)
def test_options_of_the_command_are_named_to_who_gave_it(note: Note, option: str, lang: str) -> None:
    reading = Reading(notes=(note,))
    (by_command,), (by_python,) = (reading_notes(reading, lang, by=by) for by in ("command", "regressor"))
    assert option in by_command
    assert "--" not in by_python
    assert reading_notes(reading, lang, by="function") == (by_python,)


def test_of_many_texts_some_are_listed() -> None:
    note = Note("words_as_missing", ("a",), rows=9, texts=tuple("abcdefghi"))
    (said,) = reading_notes(Reading(notes=(note,)), "en")
    assert "“f”, … and 3 more" in said
