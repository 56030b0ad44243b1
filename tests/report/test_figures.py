"""Figures hold the record's numbers, at the places where people look for them."""

from __future__ import annotations

import dataclasses
import math

import pytest

from thetastar.functions import RUNGS
from thetastar.report import figures
from thetastar.report.figures.descent import smooth
from thetastar.report.figures.probe import trials
from thetastar.report.figures.style import DARK, LIGHT, label, log_axis, rung_colour

from . import records
from .plotly_figures import checked

DRAW = (
    *(figures.ladder_figure, figures.descent_figure, figures.probe_figure, figures.surface_figure),
    *(figures.predicted_figure, figures.precision_recall_figure, figures.roc_figure, figures.threshold_figure),
    figures.reliability_figure,
)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2, relative luminance)."""
    lights = sorted((luminance(one), luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "muted", "accent", "second"])
@pytest.mark.parametrize("ground", ["paper", "panel"])
def test_text_stands_out(palette: dict[str, str], name: str, ground: str) -> None:
    assert contrast(palette[name], palette[ground]) >= 4.5


def test_light_colours_differ_so_that_each_has_its_dark_twin() -> None:
    assert len(set(LIGHT.values())) == len(LIGHT)


def test_every_rung_has_its_own_colour() -> None:
    assert len({rung_colour(rung) for rung in RUNGS}) == len(RUNGS)


def test_the_ladder_shows_means_over_folds_with_standard_errors() -> None:
    record = records.regression()
    figure = checked(figures.ladder_figure(record, "en"))
    training, validation = figure.data[1], figure.data[2]
    assert training.y == pytest.approx([1.0, 0.148, 0.0541, 0.0211, 0.0149])
    assert validation.y == pytest.approx([1.0004, 0.1493, 0.0558, 0.0226, 0.0229])
    assert all(error > 0 for error in validation.error_y.array)
    assert figure.layout.shapes[0].x0 < 3 < figure.layout.shapes[0].x1


def test_a_rung_without_finite_loss_leaves_a_gap() -> None:
    figure = checked(figures.ladder_figure(records.diverged(), "en"))
    assert figure.data[2].y[4] is None
    assert figure.data[2].y[3] is not None


def test_the_descent_draws_every_member_twice() -> None:
    record = records.regression()
    figure = checked(figures.descent_figure(record, "en"))
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert sum(trace.yaxis == "y2" for trace in lines) == 20
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == figure.layout.yaxis2.type == "log"
    assert checked(figures.descent_figure(records.tiny(), "en")) is None


def test_smoothing_keeps_the_first_updates_and_calms_the_later_ones() -> None:
    updates = tuple(range(1, 1001))
    noisy = tuple(math.exp((-1) ** update) / update for update in updates)
    found = smooth(updates, noisy)
    assert found[:3] == pytest.approx(noisy[:3])
    assert found[500] == pytest.approx(1 / 501, rel=0.05)
    assert smooth((1, 2, 3), (1.0, math.inf, math.nan)) == [1.0, None, None]
    assert smooth((0, 1), (1.0, 2.0)) == [None, 2.0]


def test_the_probe_shows_losses_by_rate_and_crosses_for_what_diverged() -> None:
    record = records.regression()
    found = trials(record)
    assert [trial.learning_rate for trial in found if trial.diverged] == [1.0, 1.0]
    figure = checked(figures.probe_figure(record, "en"))
    assert figure.data[-1].marker.symbol == "x-thin"
    assert figure.data[0].x == pytest.approx([1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 1e-1])
    assert checked(figures.probe_figure(records.tiny(), "en")) is None


def test_the_surface_carries_the_path_from_start_to_end() -> None:
    record = records.regression()
    figure = checked(figures.surface_figure(record, "en"))
    surface = record.surface
    assert surface is not None
    contour, path = figure.data[0], figure.data[2]
    assert contour.z[3][5] == pytest.approx(math.log10(surface.loss[3][5]))
    assert path.x == pytest.approx(surface.path_x)
    assert figure.layout.xaxis.title.text == "intercept b"
    assert checked(figures.surface_figure(records.tiny(), "en")) is None


def test_a_loss_of_zero_is_drawn_without_a_logarithm() -> None:
    record = records.regression()
    surface = record.surface
    assert surface is not None
    flat = dataclasses.replace(surface, loss=((0.0, 1.0), (1.0, 2.0)), x=(0.0, 1.0), y=(0.0, 1.0))
    figure = checked(figures.surface_figure(dataclasses.replace(record, surface=flat), "en"))
    assert figure.data[0].z == ([0.0, 1.0], [1.0, 2.0])


def test_predicted_against_true_has_one_dot_a_row_and_a_diagonal() -> None:
    record = records.regression()
    figure = checked(figures.predicted_figure(record, "en"))
    assert figure.data[0].x == pytest.approx(record.held_out.truth, rel=1e-4)
    assert figure.data[1].x == figure.data[1].y
    assert figure.layout.xaxis.range == figure.layout.yaxis.range
    assert checked(figures.predicted_figure(records.classification(), "en")) is None


@pytest.mark.parametrize("name", records.ALL)
def test_every_record_can_be_drawn(name: str) -> None:
    record = records.ALL[name]()
    for draw in (
        figures.ladder_figure,
        figures.descent_figure,
        figures.probe_figure,
        figures.surface_figure,
        figures.predicted_figure,
    ):
        checked(draw(record, "zh"))  # which raises where plotly would refuse it


def test_a_ladder_without_a_finite_loss_has_no_figure() -> None:
    assert checked(figures.ladder_figure(records.non_finite(), "en")) is None
    assert checked(figures.ladder_figure(records.tiny(), "en")) is not None


def test_labels_are_escaped_and_short() -> None:
    assert label("<b>x</b>") == "&lt;b&gt;x&lt;/b&gt;"
    assert len(label("x" * 100)) == 28


@pytest.mark.parametrize("values", [[1e-9, 1e9], [0.02, 1.0], [3.0], [1e-300, 1e-299], [0.0, -1.0, math.nan]])
def test_a_logarithmic_axis_has_ticks_inside_its_range(values: list[float]) -> None:
    axis = log_axis(values)
    assert axis["type"] == "log"
    for tick in axis.get("tickvals", []):
        assert axis["range"][0] <= math.log10(tick) <= axis["range"][1]
    assert len(axis.get("tickvals", [])) <= 9
    assert len(axis.get("tickvals", [])) >= 2 or not any(value > 0 for value in values)


def test_losses_far_from_zero_are_not_pressed_against_the_top() -> None:
    record = records.regression()
    ladder = [dataclasses.replace(rung, training=(0.09, 0.08), validation=(0.1, 0.09)) for rung in record.ladder]
    lower = dataclasses.replace(ladder[4], training=(0.01, 0.01))
    far, near = (dataclasses.replace(record, ladder=(*ladder[:4], last)) for last in (ladder[4], lower))
    assert checked(figures.ladder_figure(far, "en")).layout.yaxis.rangemode == "normal"
    assert checked(figures.ladder_figure(near, "en")).layout.yaxis.rangemode == "tozero"


def test_a_narrow_logarithmic_axis_is_named_in_even_steps() -> None:
    axis = log_axis([0.0741, 0.0752])
    assert len(axis["tickvals"]) >= 3
    assert len(set(axis["ticktext"])) == len(axis["ticktext"])
