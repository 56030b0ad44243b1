"""For everyone: the keyboard reaches everything, focus can be seen, and axe-core finds nothing to mend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.opened import Opened, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CONTROLS = "a[href], summary, [tabindex='0'], button, input, select"
# Everything that the Tab key should reach, in the order of the page; a closed <details> hides what is in it.
REACHABLE = f"""() => [...document.querySelectorAll({CONTROLS!r})].filter(e => e.checkVisibility()).map(
    (control, place) => (control.dataset.place = place))"""
FOCUSED = """() => {
    const it = document.activeElement, style = getComputedStyle(it);
    return [it.dataset.place ?? "none", style.outlineStyle, parseFloat(style.outlineWidth)];
}"""
AXE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
    v => `${v.id} (${v.impact}): ${v.nodes.map(n => n.target.join(" ")).slice(0, 3).join(" | ")}`)"""


@pytest.fixture(scope="module")
def page(chromium: Browser, written: Path) -> Iterator[Opened]:
    with opened(chromium, written, width=1280) as found:
        yield found


@pytest.fixture(scope="session")
def axe() -> str:
    pytest.importorskip("axe_playwright_python", reason="the extra 'browser' isn't installed")
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def test_tab_reaches_every_control_and_the_focus_is_seen(page: Opened) -> None:
    page.look(width=390, theme="light")
    page.tab.reload()  # so that Tab starts at the top
    reachable = page.tab.evaluate(REACHABLE)
    seen = []
    for _ in reachable:
        page.tab.keyboard.press("Tab")
        place, style, thickness = page.tab.evaluate(FOCUSED)
        seen.append(place)
        assert style != "none", place
        assert thickness >= 2, place
    assert sorted(map(int, seen)) == reachable


def test_the_first_tab_offers_to_skip_to_the_findings(page: Opened) -> None:
    page.tab.reload()
    page.tab.keyboard.press("Tab")
    page.tab.keyboard.press("Enter")
    assert page.tab.url.endswith("#found")
    assert page.tab.locator("#found").evaluate("it => Math.abs(it.getBoundingClientRect().top) < innerHeight")


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_to_mend(page: Opened, axe: str, width: int, theme: str) -> None:
    page.look(width=width, theme=theme)
    page.tab.evaluate("() => document.querySelectorAll('details').forEach(it => it.open = true)")
    page.tab.evaluate(axe)
    assert page.tab.evaluate(AXE) == []


def test_axe_is_awake(chromium: Browser, axe: str, tmp_path: Path) -> None:
    faint = tmp_path / "faint.html"
    faint.write_text("<html><body><p style='color: #ddd'>faint</p><img src='data:,'></body></html>", encoding="utf-8")
    with opened(chromium, faint, width=390) as page:
        page.tab.evaluate(axe)
        found = " ".join(page.tab.evaluate(AXE))
    assert re.search("color-contrast.*image-alt|image-alt.*color-contrast", found)
