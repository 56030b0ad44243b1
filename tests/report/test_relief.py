"""The landscape has the heights of the contour map, and the path lies on it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from thetastar.report import figures
from thetastar.report.figures.relief import LIFT

from . import records
from .plotly_figures import checked


def test_heights_are_those_of_the_contour_map() -> None:
    record = records.regression()
    relief, contour = checked(figures.relief_figure(record, "en")), checked(figures.surface_figure(record, "en"))
    assert relief.data[0].z == contour.data[0].z
    assert relief.layout.scene.zaxis.ticktext == contour.data[0].colorbar.ticktext
    assert relief.layout.scene.xaxis.title.text == "intercept b"


def test_the_path_lies_on_the_surface() -> None:
    """On a plane, bilinear interpolation is exact wherever the path goes."""
    record = records.regression()
    assert record.surface is not None
    x, y = np.linspace(-1, 3, 9), np.linspace(0, 2, 6)
    plane = tuple(tuple(float(2 * a - 3 * b) for a in x) for b in y)
    path_x, path_y = (-0.9, 0.3, 2.7), (1.9, 1.0, 0.1)
    surface = dataclasses.replace(
        record.surface, x=tuple(x), y=tuple(y), loss=plane, path_x=path_x, path_y=path_y, path_loss=(0.0,) * 3
    )
    _, line, ends = checked(figures.relief_figure(dataclasses.replace(record, surface=surface), "en")).data
    lift = LIFT * 14.0  # heights go from −8 to 6
    np.testing.assert_allclose(line.z, 2 * np.array(line.x) - 3 * np.array(line.y) + lift, atol=1e-9)
    assert {0.3, 2.7} <= set(line.x)
    assert (ends.x, ends.y) == ((-0.9, 2.7), (1.9, 0.1))
    assert ends.z[0] == pytest.approx(2 * -0.9 - 3 * 1.9 + lift)


def test_without_finite_heights_nothing_is_drawn() -> None:
    assert checked(figures.relief_figure(records.tiny(), "en")) is None
    assert checked(figures.relief_figure(records.non_finite(), "en")) is None


def test_a_surface_with_holes_keeps_its_path() -> None:
    record = records.regression()
    assert record.surface is not None
    rows = [list(row) for row in record.surface.loss]
    rows[0][0] = float("inf")
    surface = dataclasses.replace(record.surface, loss=tuple(map(tuple, rows)))
    figure = checked(figures.relief_figure(dataclasses.replace(record, surface=surface), "zh"))
    assert figure.data[0].z[0][0] is None
    assert all(height is not None for height in figure.data[1].z)
