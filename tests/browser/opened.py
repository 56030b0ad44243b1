"""A page that is open in the browser, with everything that it said and asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HEIGHT = 900
SECONDS = 60  # that the page may take to draw; the test of its speed has its own limit
# Two frames after the last resize or change of colours, the page has begun to draw again.
FOLLOWED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 250))))"
# What the browser tells whoever wrote the drawing library; a solid drawn without a graphics card brings both.
ADVICE = ("willReadFrequently", "GPU stall due to ReadPixels")
DRAWN = "() => document.documentElement.dataset.drawn === 'all' || !document.querySelector('[data-figure]')"


@dataclass(frozen=True)
class Opened:
    """A page's tab, what it said on the console, and which addresses beyond itself it asked for."""

    tab: Page
    said: list[str] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)
    loaded: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Return how long it took until everything was drawn."""
        return self.loaded[0]

    def hear(self, kind: str, text: str) -> None:
        """Keep what the console says, but for advice on the speed of plotly's own drawing."""
        if not any(advice in text for advice in ADVICE):
            self.said.append(f"{kind}: {text}")

    def look(self, *, width: int, theme: str) -> None:
        """Change the screen and wait until the page has followed."""
        self.tab.set_viewport_size({"width": width, "height": HEIGHT})
        self.tab.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        self.settle()

    def settle(self) -> None:
        """Wait until everything is drawn."""
        self.tab.evaluate(FOLLOWED)
        self.tab.wait_for_function(DRAWN, timeout=1000 * SECONDS)


@contextmanager
def opened(browser: Browser, file: Path, *, width: int) -> Iterator[Opened]:
    """Open a file in a context of its own, and listen from before its first byte."""
    screen = {"width": width, "height": HEIGHT}
    context = browser.new_context(viewport=screen, color_scheme="light", reduced_motion="reduce")
    page = Opened(context.new_page())
    address = file.resolve().as_uri()
    page.tab.on("console", lambda message: page.hear(message.type, message.text))
    page.tab.on("pageerror", lambda error: page.said.append(str(error)))
    page.tab.on("request", lambda request: page.asked_for.append(request.url) if request.url != address else None)
    begun = time.monotonic()
    page.tab.goto(address)
    page.settle()
    page.loaded.append(time.monotonic() - begun)
    yield page
    context.close()
