"""Cautions are said with their numbers, in the terminal and on the page."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from tests.report import records
from thetastar.fitting.asked import Asked
from thetastar.fitting.record import Caution
from thetastar.report import show
from thetastar.report.cautions import cautions
from thetastar.report.page import render
from thetastar.report.words import LANGUAGES


def test_a_clean_table_needs_no_caution() -> None:
    record = records.regression()
    assert cautions(record, "en") == ()
    assert "Before you believe it" not in render(record, lang="en")


def test_what_to_do_is_said_in_the_language_of_who_asked() -> None:
    record = records.classification()
    leak = replace(record, cautions=(Caution("gives_away", "sold in", {"alone": 0.01, "others": 0.5}),))
    assert "leave it out (--kind 'sold in=identifier') and fit again" in cautions(leak, "en")[0]
    for by in ("regressor", "classifier", "function"):
        from_python = replace(leak, asked=Asked(by))  # type: ignore[arg-type]  # a text
        assert "leave it out (kinds={'sold in': 'identifier'}) and fit again" in cautions(from_python, "en")[0]
        assert "请去掉它（传入 kinds={'sold in': 'identifier'}）" in cautions(from_python, "zh")[0]


def test_the_evidence_is_said() -> None:
    said = cautions(records.classification(), "en")
    assert (
        "it alone leaves 0.40\xa0% unexplained; without it and its like, all columns together leave 62.0\xa0%"
        in said[1]
    )
    assert "missing in 100\xa0% of the rows where species is Adélie, and in 0.30\xa0% of the others" in said[2]
    assert "one and the same value in 99.8\xa0% of the rows" in said[3]
    assert said[4].startswith("Of 1,200 rows that judge, 20 rows stand among the rows of training too")
    assert said[5].startswith("Of 53,940 rows, 1,234 rows are exact copies of another")
    assert "put at least 3.1\xa0% of the rows into a wrong class" in said[6]
    assert said[7].startswith("Too few rows to judge species = Chinstrap, Adélie: fewer than 5 different ones each.")
    assert "varies among them by ± 0.0310" in cautions(records.hostile(), "en")[6]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["classification", "hostile"])
def test_terminal_and_page_say_all_of_them(name: str, lang: str) -> None:
    record = records.ALL[name]()
    console = Console(file=io.StringIO(), width=3_000, color_system=None)
    show(record, console, lang=lang)
    assert isinstance(console.file, io.StringIO)
    printed, page = console.file.getvalue(), render(record, lang=lang)
    assert len(cautions(record, lang)) == len(record.cautions) >= 7
    for caution, words in zip(record.cautions, cautions(record, lang), strict=True):
        assert words in printed, caution
    assert page.count("<li>") >= 7
    assert "<script>alert" not in page
