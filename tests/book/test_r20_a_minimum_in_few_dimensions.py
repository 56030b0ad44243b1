"""R20 and R21: what a slice shows as a minimum is a saddle in more dimensions, and a step leads down from it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import thetastar as ts
from tests.book.two_neurons import descend, fitted_neuron, objective_of, split


def test_a_slice_of_the_book_s_saddle_is_a_minimum() -> None:
    saddle = ts.Objective.of(lambda w: (1 - w[0] * w[1]) ** 2, torch.zeros(2, dtype=torch.float64))
    across = ts.surface(saddle, torch.tensor([1.0, -1.0]), reach=0.5)
    assert int(across.losses.argmin()) == 12  # the middle, where the objective stands
    assert float(across.curvatures[0]) > 0
    assert float(ts.spectrum(saddle).values[-1]) == pytest.approx(-2)


def test_the_minimum_of_one_neuron_is_a_saddle_of_two() -> None:
    """Half the outgoing weight each: the same function, in which the larger network finds a way down."""
    neuron = fitted_neuron()
    small, large = objective_of(neuron), objective_of(split(neuron, 0.5))
    assert ts.critical_point(small).kind == "minimum"
    assert large.loss() == pytest.approx(small.loss(), rel=1e-12)
    found = ts.critical_point(large)
    assert found.kind == "saddle"
    assert found.certificate is not None
    assert found.certificate.held_out < -3 * found.certificate.error


def test_slices_of_that_saddle_along_what_one_neuron_could_do_are_minima() -> None:
    """Its four directions, in which both copies move together."""
    objective = objective_of(split(fitted_neuron(), 0.5))
    together = torch.zeros(4, objective.size, dtype=torch.float64)  # θ = (w₁, w₂, b₁, b₂, v₁, v₂, c)
    for row, places in enumerate(((0, 1), (2, 3), (4, 5), (6,))):
        together[row, list(places)] = 1.0
    for direction in together:
        found = ts.surface(objective, direction, reach=0.1)
        assert int(found.losses.argmin()) == 12
        assert float(found.curvatures[0]) > 0
    matrix = together @ objective.hessian_product(together.T)
    assert float(torch.linalg.eigvalsh(matrix)[0]) > 0  # in no combination of them either


def test_one_step_leaves_it_and_descent_goes_on_from_there() -> None:
    module = split(fitted_neuron(), 0.5)
    objective = objective_of(module)
    descend(module)
    assert objective_of(module).loss() == pytest.approx(objective.loss())  # descent alone stays
    found = ts.escape(objective)
    assert found.predicted > 0
    assert found.measured > 0
    assert objective.loss() - objective.loss(found.theta) == pytest.approx(found.measured)
    nn.utils.vector_to_parameters(found.theta, module.parameters())
    descend(module)
    assert objective.loss() - objective_of(module).loss() > 5 * found.measured


def test_a_small_step_out_gains_what_curvature_predicts() -> None:
    objective = objective_of(split(fitted_neuron(), 0.5))
    lowest = ts.spectrum(objective)
    direction, curvature, step = lowest.vectors[:, -1], float(lowest.values[-1]), 0.02
    drop = objective.loss() - objective.loss(objective.theta + step * direction)
    assert drop == pytest.approx(-curvature * step**2 / 2, rel=0.1)
