"""The pages in docs/: their code runs, and the picture on each is of the figure that it makes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.report.plotly_figures import checked
from thetastar.report.figures.figure import Figure

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
LONGEST = 60  # lines


def test_there_is_a_page_for_each_quantity() -> None:
    assert {page.stem for page in PAGES} == {
        *("critical_point", "density", "products", "sharpness", "spectrum", "surface"),
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_code_of_a_page_runs_and_makes_a_figure(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    assert blocks
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": page.stem}
    for block in blocks:  # in order, each going on from the one before
        exec(compile(block, str(page), "exec"), names)
    figure = names["figure"]
    assert isinstance(figure, Figure)
    assert checked(figure) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_short_and_what_it_links_to_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    assert len(text.splitlines()) <= LONGEST
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert f"{page.stem}.png" in links
    assert [link for link in links if not (page.parent / link).is_file()] == []
