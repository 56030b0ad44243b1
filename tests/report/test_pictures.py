"""Every figure on the page is one that plotly knows, written as plotly would write it."""

from __future__ import annotations

import json
import math

import pytest

from thetastar.report.figures.figure import Figure, across, blank, upright
from thetastar.report.lead import towards_the_rarer
from thetastar.report.pictures import Picture, effect_panels, inside_script, pictures, residual_panels
from thetastar.report.words import LANGUAGES

from . import records
from .plotly_figures import checked


def drawn(name: str, lang: str) -> list[Picture]:
    record = towards_the_rarer(records.ALL[name]())
    panels = (*effect_panels(record, lang), *residual_panels(record, lang))
    found = (*pictures(record, lang).values(), *(panel.picture for panel in panels))
    return [picture for picture in found if picture is not None]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", records.ALL)
def test_plotly_would_write_every_figure_the_same(name: str, lang: str) -> None:
    for picture in drawn(name, lang):
        written = json.loads(picture.data)
        plotly = json.loads(checked(Figure(written["data"], written["layout"])).to_json())
        plotly["layout"].pop("template")
        assert written == plotly, picture.id
        assert picture.height == written["layout"]["height"]


def test_plotly_notices_a_name_that_it_does_not_know() -> None:
    checked(Figure(({"type": "scatter", "x": [1.0]},), blank(100)))
    with pytest.raises(ValueError, match="colour"):
        checked(Figure(({"type": "scatter", "marker": {"colour": "#ffffff"}},), blank(100)))


def test_what_is_not_finite_is_a_gap() -> None:
    figure = Figure(({"type": "scatter", "y": (1.0, math.nan, -math.inf, None)},), {"height": 1})
    assert json.loads(figure.json())["data"][0]["y"] == [1.0, None, None, None]


def test_no_text_ends_the_script_that_holds_it() -> None:
    text = inside_script(json.dumps({"name": "</script><!--"}))
    assert "<" not in text
    assert json.loads(text) == {"name": "</script><!--"}


@pytest.mark.parametrize("legend", [True, False])
def test_the_shared_look_is_what_was_asked_for(legend: bool) -> None:
    layout = checked(Figure((), blank(321, legend=legend, right=22))).layout
    assert (layout.height, layout.margin.r, layout.showlegend) == (321, 22, legend)


def test_lines_go_from_side_to_side_as_plotly_draws_them() -> None:
    ours = checked(Figure((), {"height": 100, "shapes": [across(2, colour="#123456"), upright(3, colour="#123456")]}))
    theirs = checked(Figure((), {"height": 100}))
    theirs.add_hline(y=2, line={"color": "#123456", "width": 1, "dash": "dot"})
    theirs.add_vline(x=3, line={"color": "#123456", "width": 1, "dash": "dot"})
    assert ours.layout.shapes == theirs.layout.shapes
