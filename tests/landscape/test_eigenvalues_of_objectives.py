"""Eigenvalues of real objectives against known Hessians and against brute force."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

import thetastar as ts
from tests.landscape.planted import ends
from thetastar.landscape import Operator, signs, trace


def network(width: int, *, dtype: torch.dtype = torch.float64, rows: int = 60) -> ts.Objective:
    """A tanh network of 3 classes after some steps of descent."""
    torch.manual_seed(0)
    X, y = torch.randn(rows, 5, dtype=torch.float64), torch.randint(3, (rows,))
    module = nn.Sequential(nn.Linear(5, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 3))
    module = module.double()
    optimizer = torch.optim.Adam(module.parameters(), lr=1e-2)
    for _ in range(30):
        optimizer.zero_grad()
        nn.functional.cross_entropy(module(X), y).backward()
        optimizer.step()
    return ts.Objective(module.to(dtype), nn.functional.cross_entropy, (X.to(dtype), y))


def all_eigenvalues(objective: ts.Objective) -> torch.Tensor:
    matrix = objective.hessian_product(torch.eye(objective.size, dtype=objective.dtype)).double()
    return torch.linalg.eigvalsh((matrix + matrix.T) / 2).flip(0)


def test_saddle_of_the_book() -> None:
    def loss(theta: torch.Tensor) -> torch.Tensor:
        return (1 - theta[0] * theta[1]) ** 2

    origin = ts.spectrum(ts.Objective.of(loss, torch.zeros(2, dtype=torch.float64)))
    assert origin.values.tolist() == pytest.approx([2, -2])
    assert origin.complete
    assert origin.vectors[:, 1].abs().tolist() == pytest.approx([0.5**0.5, 0.5**0.5])  # down along (1, 1)
    minimum = ts.spectrum(ts.Objective.of(loss, torch.ones(2, dtype=torch.float64)))
    assert minimum.values.tolist() == pytest.approx([4, 0])


def test_least_squares_has_the_hessian_of_its_rows() -> None:
    torch.manual_seed(1)
    X, y = torch.randn(200, 7, dtype=torch.float64), torch.randn(200, 1, dtype=torch.float64)
    line = nn.Linear(7, 1, bias=False, dtype=torch.float64)
    objective = ts.Objective(line, nn.MSELoss(), (X, y))
    true = torch.linalg.eigvalsh(2 * X.T @ X / 200).flip(0)
    assert torch.allclose(ts.spectrum(objective).values, true)
    found = trace(objective)
    assert found.value == pytest.approx(float(true.sum()))
    assert found.frobenius == pytest.approx(float(true.norm()))


def test_network_with_many_parameters_against_brute_force() -> None:
    objective = network(25)
    assert objective.size > 512
    true = all_eigenvalues(objective)
    found = ts.spectrum(objective, 4, tolerance=1e-6)
    assert not found.exact
    assert (found.values - ends(true, 4)).abs().max() <= 1e-6 * found.scale
    density = ts.spectral_density(objective, known=found)
    assert density.distance(true) <= density.error
    share = signs(objective, tolerance=1e-3 * found.scale)
    assert share.positive == pytest.approx(float((true > 1e-3 * found.scale).double().mean()))


def test_single_precision_network() -> None:
    true = all_eigenvalues(network(25))
    objective = network(25, dtype=torch.float32)
    found = ts.spectrum(objective, 4, tolerance=1e-4)
    assert (found.values - ends(true, 4)).abs().max() <= 1e-4 * found.scale


@pytest.mark.gpu
def test_on_a_gpu_as_on_a_processor() -> None:
    torch.manual_seed(0)
    X, y = torch.randn(60, 5, dtype=torch.float64), torch.randint(3, (60,))
    module = nn.Sequential(nn.Linear(5, 80), nn.Tanh(), nn.Linear(80, 3)).double()
    here = ts.Objective(module, nn.functional.cross_entropy, (X, y))
    there = ts.Objective(copy.deepcopy(module).cuda(), nn.functional.cross_entropy, (X.cuda(), y.cuda()))
    one, other = (ts.spectrum(each, 3, tolerance=1e-8) for each in (here, there))
    assert torch.allclose(one.values, other.values, atol=1e-7)
    assert other.vectors.is_cuda
    one, other = (ts.spectral_density(each, probes=2, steps=20) for each in (here, there))
    assert torch.allclose(one.nodes, other.nodes, atol=1e-5)
    assert trace(here).value == pytest.approx(trace(there).value, rel=1e-8)
    assert ts.critical_point(here).kind == ts.critical_point(there).kind


def test_gauss_newton_matrix_has_no_negative_eigenvalue() -> None:
    objective = network(25)
    operator = Operator(objective.gauss_newton_product, size=objective.size, dtype=objective.dtype)
    found = ts.spectrum(operator, 3, tolerance=1e-4)
    assert float(found.values.min()) >= -float(found.residuals.max())
    assert float(ts.spectrum(objective, 3).values.min()) < 0
