"""Draw the picture of each page in this folder from the figure that its own code makes: ``python docs/draw.py``.

It needs the extra ``browser`` and a Chromium.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright
from plotly.offline import get_plotlyjs

from thetastar.report.figures.figure import Figure

HERE = Path(__file__).parent
WIDTH = 720  # pixels
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def figure_of(page: Path) -> Figure:
    """Run a page's code from top to bottom and return the figure that it leaves."""
    names: dict[str, Figure] = {}
    for block in re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S):
        exec(compile(block, str(page), "exec"), names)
    return names["figure"]


def main() -> None:
    """Write one picture beside each page."""
    executable = next(filter(None, map(shutil.which, BROWSERS)))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        for page in sorted(HERE.glob("*.md")):
            figure = figure_of(page)
            tab = browser.new_page(viewport={"width": WIDTH, "height": figure.height}, device_scale_factor=1.5)
            tab.set_content("<body style='margin:0;background:white'><div id='figure'></div>")
            tab.add_script_tag(content=get_plotlyjs())
            tab.evaluate(
                "made => Plotly.newPlot('figure', made.data, made.layout, {staticPlot: true})",
                json.loads(figure.json()),
            )
            tab.screenshot(path=page.with_suffix(".png"))
        browser.close()


if __name__ == "__main__":
    main()
