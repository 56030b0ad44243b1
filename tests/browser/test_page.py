"""The report in a real browser: it opens without a word, draws every figure, fits the screen and can be printed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import pages
from tests.browser.opened import Opened, opened
from thetastar.report.figures.style import DARK, LIGHT
from thetastar.report.words import LANGUAGES, say

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LAPTOP, TELEPHONE = 1280, 390  # pixels
PAPER = 688  # pixels: A4 without its margins, 182 mm of 96 / 25.4 pixels
MOST_SECONDS = 10.0  # until everything is drawn; one second and a half on an idle machine
MARKS = ".trace path, .points path, .contourlayer path, .barlayer path, .heatmaplayer image, .gl-container canvas"

FIGURES = f"""() => [...document.querySelectorAll("[data-figure]")].map(holder => ({{
    id: holder.id || holder.dataset.figure,
    marks: holder.querySelectorAll({MARKS!r}).length,
    traces: (holder.data ?? []).length,
    width: holder.querySelector("svg")?.getBoundingClientRect().width ?? 0,
    room: holder.clientWidth,
}}))"""

# Text of a figure that its frame cuts off. A frame is the SVG that plotly draws into.
CUT_OFF = """() => [...document.querySelectorAll("[data-figure] svg.main-svg text")].filter(text => {
    const inner = text.getBoundingClientRect(), frame = text.closest("svg.main-svg").getBoundingClientRect();
    const out = Math.max(frame.left - inner.left, inner.right - frame.right, inner.bottom - frame.bottom);
    return inner.width > 0 && out > 1;
}).map(text => `${text.closest("[data-figure]").dataset.figure}: ${text.textContent}`)"""

TOO_WIDE = """() => {
    const page = document.documentElement;
    return page.scrollWidth > page.clientWidth ? page.scrollWidth : 0;
}"""

COUNT_FOLDED_WHEN_PRINTED = """() => {
    window.seen = [];
    const folded = () => seen.push(document.querySelectorAll("details:not([open])").length);
    window.addEventListener("beforeprint", folded);
}"""

# What ends to the right of the page.
BEYOND = """() => [...document.querySelectorAll("main td, main th, main .plot, main pre, main p")].filter(
    it => it.getBoundingClientRect().right > document.documentElement.clientWidth + 1
).map(it => `${it.tagName} ${it.textContent.slice(0, 40)}`)"""


@pytest.fixture(scope="module")
def page(chromium: Browser, written: Path) -> Iterator[Opened]:
    with opened(chromium, written, width=LAPTOP) as found:
        yield found


def figures(page: Opened) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.tab.evaluate(FIGURES)
    return found


def background(page: Opened) -> str:
    return str(page.tab.evaluate("() => getComputedStyle(document.body).backgroundColor"))


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))})"


def test_it_opens_without_an_error_and_without_a_network(page: Opened) -> None:
    assert page.said == []
    assert page.asked_for == []
    assert page.seconds < MOST_SECONDS


@pytest.mark.parametrize(("width", "theme"), [(LAPTOP, "light"), (TELEPHONE, "dark")])
def test_every_figure_is_drawn_and_nothing_is_cut_off(page: Opened, width: int, theme: str) -> None:
    page.look(width=width, theme=theme)
    found = figures(page)
    assert found
    for one in found:
        assert one["traces"] > 0, one
        assert one["marks"] > 0, one
        assert one["width"] == pytest.approx(one["room"], abs=1), one
    assert page.tab.evaluate(CUT_OFF) == []
    assert page.tab.evaluate(TOO_WIDE) == 0
    assert page.said == []


def test_it_follows_the_screen_into_the_dark_and_back(page: Opened) -> None:
    for theme, palette in (("light", LIGHT), ("dark", DARK), ("light", LIGHT)):
        page.look(width=LAPTOP, theme=theme)
        assert background(page) == rgb(palette["paper"])
        ticks = page.tab.locator("[data-figure] .xtick text").first
        assert ticks.evaluate("text => getComputedStyle(text).fill") == rgb(palette["muted"])


def test_the_links_stay_in_sight_and_mark_the_part_that_is_read(page: Opened) -> None:
    for width in (LAPTOP, TELEPHONE):
        page.look(width=width, theme="light")
        page.tab.locator("#good").evaluate("part => part.scrollIntoView()")
        page.settle()
        marked = page.tab.locator("nav a[aria-current]")
        assert marked.evaluate_all("links => links.map(link => link.hash)") == ["#good"]
        box = marked.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] < 60
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        covered = page.tab.locator("#good h2").bounding_box()
        assert covered is not None
        assert covered["y"] >= box["y"] + box["height"]


def test_it_can_be_printed_and_is_light_on_paper(page: Opened) -> None:
    page.look(width=LAPTOP, theme="dark")
    pdf = page.tab.pdf(format="A4", print_background=True)
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") >= 2
    page.tab.emulate_media(media="print")
    assert background(page) == "rgba(0, 0, 0, 0)"
    assert page.tab.evaluate("() => getComputedStyle(document.body).color") == rgb(LIGHT["ink"])
    page.tab.emulate_media(media="screen")


def test_what_is_folded_on_the_screen_is_open_on_paper(page: Opened) -> None:
    page.look(width=LAPTOP, theme="light")
    page.tab.evaluate(COUNT_FOLDED_WHEN_PRINTED)
    folded = page.tab.locator("details:not([open])").count()
    page.tab.pdf(format="A4")
    page.settle()
    assert page.tab.evaluate("() => seen") == [0]
    assert page.tab.locator("details:not([open])").count() == folded


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_three_dimensions_the_map_is_named_instead(flat_chromium: Browser, folder: Path, lang: str) -> None:
    with opened(flat_chromium, pages.write("regression", lang, folder=folder), width=TELEPHONE) as page:
        place = page.tab.locator("figure:has(#figure-relief-title)")
        assert place.locator("p").inner_text() == say("descent.relief.flat", lang)
        assert place.locator("figcaption, .plot").count() == 0
        assert page.tab.locator("[data-figure='figure-surface'] .contourlayer path").count() > 0
        assert all(one["marks"] for one in figures(page))
        assert page.said == []


def test_paper_is_wide_enough(page: Opened) -> None:
    page.look(width=PAPER, theme="light")
    page.tab.emulate_media(media="print")
    page.settle()
    beyond = page.tab.evaluate(BEYOND)
    page.tab.emulate_media(media="screen")
    assert beyond == []


def test_a_page_that_says_an_error_is_noticed(chromium: Browser, tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    broken.write_text("<script>nothing()</script><img src='https://nowhere.invalid/x.png'>", encoding="utf-8")
    with opened(chromium, broken, width=TELEPHONE) as page:
        assert any("nothing" in words for words in page.said)
        assert page.asked_for == ["https://nowhere.invalid/x.png"]
