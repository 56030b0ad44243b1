"""Figures of a landscape: plotly knows all that is in them, and they show the numbers they are made of."""

from __future__ import annotations

import math

import pytest
import torch

import thetastar as ts
from tests.report.plotly_figures import checked
from thetastar.errors import UserError
from thetastar.landscape import Operator
from thetastar.report import figures


def saddle() -> ts.Objective:
    return ts.Objective.of(lambda w: (1 - w[0] * w[1]) ** 2 + 0.1, torch.tensor([0.5, 0.2], dtype=torch.float64))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("along", ["random", "path", (0, 1)])
def test_contours_carry_losses_path_and_titles(along: str | tuple[int, int], lang: str) -> None:
    path = [torch.tensor([1.5, -1.0]), torch.tensor([1.0, 0.5]), torch.tensor([0.5, 0.2])]
    surface = ts.surface(saddle(), along, path=path, points=7)
    figure = checked(figures.landscape_figure(surface, lang))
    assert figure is not None
    contour, _, steps = figure.data[:3]
    assert contour.z[4][2] == pytest.approx(math.log10(float(surface.losses[2, 4])))
    assert surface.path is not None
    assert list(steps.x) == pytest.approx(surface.path[:, 0].tolist())
    titles = [figure.layout.xaxis.title.text, figure.layout.yaxis.title.text]
    assert len(set(titles)) == 2
    if along == (0, 1):
        assert titles == ["θ[0]", "θ[1]"]
    relief = checked(figures.landscape_relief(surface, lang))
    assert relief is not None
    assert relief.data[0].z == contour.z


def test_eigenvectors_are_named_by_their_curvature() -> None:
    objective = saddle()
    surface = ts.surface(objective, ts.spectrum(objective), points=3)
    figure = checked(figures.landscape_figure(surface, "en"))
    assert figure is not None
    assert figure.layout.xaxis.title.text.startswith("eigenvector of λ = ")
    assert figure.layout.xaxis.title.text != figure.layout.yaxis.title.text


def test_a_line_is_a_curve_with_the_place_where_it_stands() -> None:
    surface = ts.surface(saddle(), (1,), points=5)
    figure = checked(figures.landscape_figure(surface, "en"))
    assert figure is not None
    curve, here = figure.data
    assert list(curve.y) == pytest.approx(surface.losses.tolist())
    assert (here.x[0], here.y[0]) == pytest.approx((0.2, surface.loss))
    with pytest.raises(UserError, match="needs a plane"):
        figures.landscape_relief(surface, "en")


def test_the_spectrum_lies_on_the_density() -> None:
    diagonal = torch.linspace(-1, 3, 1000, dtype=torch.float64)
    operator = Operator(lambda V: diagonal[:, None] * V, size=1000, dtype=torch.float64)
    found = ts.spectrum(operator, k=3)
    figure = checked(figures.spectrum_figure(found, "en", density=ts.spectral_density(operator, known=found)))
    assert figure is not None
    steps, known = figure.data
    assert list(known.x) == pytest.approx([0.0005, 0.0015, 0.0025, 0.9975, 0.9985, 0.9995])
    assert list(known.y) == pytest.approx(found.values.tolist())
    assert steps.x[-1] == pytest.approx(1)
    middle = min(range(len(steps.x)), key=lambda place: abs(steps.x[place] - 0.5))
    assert steps.y[middle] == pytest.approx(1, abs=0.15)  # half of the eigenvalues are above 1
    assert len(checked(figures.spectrum_figure(found, "zh")).data) == 1


def test_eigenvalues_along_training_with_their_limit() -> None:
    figure = checked(
        figures.eigenvalues_figure([0, 10, 20], [1.0, 3.0, math.nan], "en", smallest=[-1.0, -0.5, -0.1], limit=2.0)
    )
    assert figure is not None
    assert [trace.name for trace in figure.data] == ["largest λ", "smallest λ", "limit of stability"]
    assert figure.data[0].y[2] is None
    assert list(figure.data[2].y) == [2.0, 2.0]
