"""A real browser for the report's pages: Debian's (or any other) Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import pages

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome")
# As root there is no sandbox; the rest keeps the browser from looking for anything on a network by itself.
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser with a fresh profile; skips where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the extra 'browser' isn't installed")
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        pytest.skip(f"there is no browser here (looked for {', '.join(NAMES)})")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=list(FLAGS), headless=True)
        yield browser
        browser.close()


@pytest.fixture
def flat_chromium(chromium: Browser) -> Iterator[Browser]:
    """The same browser without WebGL."""
    executable = next(filter(None, map(shutil.which, NAMES)))
    browser = chromium.browser_type.launch(executable_path=executable, args=[*FLAGS, "--disable-3d-apis"])
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pages are written."""
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="session", params=pages.ALL, ids="-".join)
def written(request: pytest.FixtureRequest, folder: Path) -> Path:
    """Every page: example records and fits to real data."""
    return pages.write(*request.param, folder=folder)
