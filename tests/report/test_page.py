"""The page: one well-formed file that loads nothing, escapes everything and shows every rung."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from thetastar.errors import UserError
from thetastar.report import write_report
from thetastar.report.page import render
from thetastar.report.words import LANGUAGES, say

from . import records

VOID = {"meta", "link", "br", "img", "hr", "input"}
MOST_BYTES = 8_000_000


class Page(HTMLParser):
    """Checks that elements close in order, and collects what the tests look at."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.scripts: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[self.tags[-1][1].get("id") or f"script {len(self.scripts)}"] = data
        elif self.open and self.open[-1] != "style":
            self.text.append(data)


def parse(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    assert page.open == []
    return page


@pytest.fixture(scope="module", params=[(name, lang) for name in records.ALL for lang in LANGUAGES], ids="-".join)
def drawn(request: pytest.FixtureRequest) -> tuple[str, str, str, Page]:
    name, lang = request.param
    html = render(records.ALL[name](), lang=lang)
    return name, lang, html, parse(html)


def test_nothing_is_loaded_from_anywhere(drawn: tuple[str, str, str, Page]) -> None:
    page = drawn[3]
    for tag, attributes in page.tags:
        assert "src" not in attributes, tag
        assert (attributes.get("href") or "#").startswith("#"), attributes
        assert "url(" not in (attributes.get("style") or "")
    assert not any(tag in ("link", "iframe", "object", "embed", "base") for tag, _ in page.tags)
    assert not re.search(r"@import|url\(", re.search(r"<style>(.*?)</style>", drawn[2], re.DOTALL).group(1))  # type: ignore[union-attr]


def test_the_browser_is_told_to_load_nothing(drawn: tuple[str, str, str, Page]) -> None:
    policies = [a["content"] for tag, a in drawn[3].tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert policies[0] is not None
    assert policies[0].startswith("default-src 'none'")
    assert "http" not in policies[0]


def test_the_file_stays_small(drawn: tuple[str, str, str, Page]) -> None:
    assert len(drawn[2].encode()) < MOST_BYTES


def test_every_rung_is_a_row(drawn: tuple[str, str, str, Page]) -> None:
    rungs = [attributes["data-rung"] for _, attributes in drawn[3].tags if "data-rung" in attributes]
    assert rungs == [rung.name for rung in records.ALL[drawn[0]]().ladder]


def test_it_says_its_language(drawn: tuple[str, str, str, Page]) -> None:
    _, lang, _, page = drawn
    assert dict(page.tags)["html"]["lang"] == say("language.tag", lang)
    assert say("ladder.intro", lang) in "".join(page.text)


def test_it_says_how_networks_were_judged_where_there_are_any(drawn: tuple[str, str, str, Page]) -> None:
    name, lang, _, page = drawn
    record, text = records.ALL[name](), "".join(page.text)
    networks = any(rung.name in ("hidden", "deep") for rung in record.ladder)
    classes = bool(record.target.classes)
    assert (say("ladder.networks", lang) in text) == (networks and not classes)
    assert (say("ladder.networks.classification", lang) in text) == (networks and classes)


def test_every_figure_has_its_data_and_its_caption(drawn: tuple[str, str, str, Page]) -> None:
    page = drawn[3]
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    figures = [attributes for _, attributes in page.tags if "data-figure" in attributes]
    assert figures
    for figure in figures:
        text = page.scripts[str(figure["data-figure"])]
        assert "<" not in text  # nothing in it can end the script element
        data = json.loads(text)
        assert data["data"]
        assert (figure.get("aria-describedby") or figure.get("aria-labelledby")) in ids


def test_ids_are_unique_and_links_lead_somewhere(drawn: tuple[str, str, str, Page]) -> None:
    ids = [attributes["id"] for _, attributes in drawn[3].tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [str(attributes["href"])[1:] for tag, attributes in drawn[3].tags if tag == "a"]
    assert set(links) <= set(ids)


def test_wide_tables_can_be_scrolled_by_keyboard(drawn: tuple[str, str, str, Page]) -> None:
    boxes = [attributes for _, attributes in drawn[3].tags if attributes.get("class") == "scroll"]
    assert boxes
    assert all(box["tabindex"] == "0" and box["aria-label"] for box in boxes)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_names_are_shown_and_never_run(lang: str) -> None:
    html = render(records.hostile(), lang=lang)
    page = parse(html)
    assert "alert(" not in "".join(text for name, text in page.scripts.items() if not name.startswith("figure-"))
    assert '<script>alert("x")</script>' not in html
    assert records.HOSTILE in "".join(page.text)
    assert not any(tag == "script" and "id" not in a for tag, a in page.tags[: len(page.tags) // 2])


def test_numbers_that_are_not_finite_never_reach_the_page_as_nan() -> None:
    page = parse(render(records.non_finite()))
    words = " ".join(page.text).lower()
    assert not re.search(r"\bnan\b|\binf\b", words)
    for name, text in page.scripts.items():
        if name.startswith("figure-"):
            json.loads(text, parse_constant=pytest.fail)


def test_the_members_that_diverged_are_named() -> None:
    words = "".join(parse(render(records.diverged())).text)
    assert "deep network, fold 1, learning rate 0.0030" in words


def test_a_wide_table_is_folded_but_whole() -> None:
    record = records.regression()
    columns = tuple(dataclasses.replace(record.columns[0], name=f"column {place}") for place in range(117))
    page = parse(render(dataclasses.replace(record, columns=columns)))
    words = "".join(page.text)
    assert all(f"column {place}" in words for place in range(117))
    assert "93 columns more" in words


def test_a_function_that_was_computed_directly_is_not_said_to_have_descended() -> None:
    record = records.regression()
    direct = dataclasses.replace(record, choice=dataclasses.replace(record.choice, rung="constant"))
    said = say("descent.direct", "en", rung=say("rung.constant", "en"))
    assert said in "".join(parse(render(direct)).text)
    assert said not in "".join(parse(render(record)).text)


def test_the_three_steps_come_in_order() -> None:
    html = render(records.regression())
    places = [
        html.index(f'<section id="{name}"') for name in ("data", "functions", "loss", "descent", "found", "limit")
    ]
    assert places == sorted(places)


def test_the_file_is_written_where_it_was_asked_for(tmp_path: Path) -> None:
    path = write_report(records.tiny(), tmp_path / "report.html", lang="zh")
    assert path == tmp_path / "report.html"
    assert "函数集合" in path.read_text(encoding="utf-8")


def test_the_same_record_gives_the_same_file() -> None:
    assert render(records.regression()) == render(records.regression())


def test_an_unknown_language_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="'fr'"):
        write_report(records.tiny(), tmp_path / "report.html", lang="fr")
    assert not (tmp_path / "report.html").exists()
