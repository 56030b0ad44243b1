"""The terminal says what the page says, and reads no name as markup."""

from __future__ import annotations

import dataclasses
import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from thetastar.report import facts, limits, sentences, show
from thetastar.report.numbers import number, percent
from thetastar.report.words import LANGUAGES, say

from . import records


def printed(name: str, lang: str, *, width: int = 200) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    show(records.ALL[name](), console, lang=lang)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", records.ALL)
def test_headline_every_rung_and_the_limit_are_printed(name: str, lang: str) -> None:
    record = records.ALL[name]()
    flat = "".join(printed(name, lang).split())
    assert "".join(sentences.headline(record, lang).split()) in flat
    assert "".join(limits.limit(record, lang).split()) in flat
    for rung in record.ladder:
        assert "".join(say(f"rung.{rung.name}", lang).split()) in flat
    for column in record.columns:
        assert "".join(column.name.split()) in flat


def test_a_kept_formula_is_printed() -> None:
    assert "y = 3.250" in printed("tiny", "en")


def test_brackets_in_names_are_no_markup() -> None:
    assert "[red]" in printed("hostile", "en")


def test_a_wide_table_is_cut_and_says_so() -> None:
    record = records.regression()
    columns = tuple(dataclasses.replace(record.columns[0], name=f"column {place}") for place in range(117))
    console = Console(file=io.StringIO(), width=120, color_system=None)
    show(dataclasses.replace(record, columns=columns), console, lang="en")
    assert isinstance(console.file, io.StringIO)
    assert "… 93 columns more" in console.file.getvalue()
    assert "column 24" not in console.file.getvalue()


def test_classes_are_printed_one_by_one() -> None:
    record = records.rare()
    assert record.classes is not None
    words = printed("rare", "en")
    assert percent(record.classes.rankings[0].average_precision.value) in words
    assert percent(record.classes.scores[1].recall.value) in words
    assert say("classes.each", "en") not in printed("regression", "en")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["regression", "rare", "uneven"])
def test_it_fits_eighty_columns(name: str, lang: str) -> None:
    assert max(cell_len(line) for line in printed(name, lang, width=80).splitlines()) <= 80


@pytest.mark.parametrize("lang", LANGUAGES)
def test_losses_are_printed_whole_in_eighty_columns(lang: str) -> None:
    lines = printed("regression", lang, width=80).splitlines()
    assert any("0.02260\u00a0±\u00a00.00067" in line for line in lines)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_importances_stand_in_the_order_of_their_numbers(lang: str) -> None:
    record = records.regression()
    turned = dataclasses.replace(record.evidence, importance=record.evidence.importance[::-1])
    console = Console(file=io.StringIO(), width=200, color_system=None)
    show(dataclasses.replace(record, evidence=turned), console, lang=lang, data=False)
    assert isinstance(console.file, io.StringIO)
    below = console.file.getvalue().partition(say("terminal.importance.regression", lang))[2]
    names = [one.column for one in sorted(record.evidence.importance, key=lambda one: -facts.rise(record, one).mean)]
    assert re.findall("^(" + "|".join(names) + ") ", below, re.MULTILINE)[: len(names)] == names


@pytest.mark.parametrize("lang", LANGUAGES)
def test_long_names_leave_room_for_the_worst_rows_numbers(lang: str) -> None:
    record = records.regression()
    evidence = record.evidence
    long = {one.column: f"{one.column} {'very long ' * 9}" for one in evidence.importance}
    renamed = [dataclasses.replace(one, column=long[one.column]) for one in evidence.importance]
    worst = [
        dataclasses.replace(one, values={long.get(name, name): value for name, value in one.values.items()})
        for one in evidence.worst
    ]
    changed = dataclasses.replace(evidence, importance=tuple(renamed), worst=tuple(worst))
    console = Console(file=io.StringIO(), width=80, color_system=None)
    show(dataclasses.replace(record, evidence=changed), console, lang=lang, data=False)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().partition(say("good.worst.title", lang))[2].splitlines()
    heads = [say(f"good.worst.{key}", lang) for key in ("row", "truth", "prediction", "missed")]
    assert all(head in lines[1] for head in heads), lines[1]
    assert number(evidence.worst[0].truth) in lines[3], lines[3]
