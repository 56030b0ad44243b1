"""Spreading keeps mass and mean; distances and masses have closed forms."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.landscape.planted import Planted, bulk, networklike
from thetastar.landscape.measure import distance, mass_below, mass_error, sampling_error, spread
from thetastar.landscape.operator import Counted, stream
from thetastar.landscape.quadrature import Quadrature, tridiagonal


def measure(nodes: list[float], weights: list[float], residuals: list[float]) -> Quadrature:
    return Quadrature(*(torch.tensor([row], dtype=torch.float64) for row in (nodes, weights, residuals)))


@given(
    nodes=st.lists(st.floats(-10, 10), min_size=1, max_size=8, unique=True),
    residual=st.floats(0, 5),
)
def test_spreading_keeps_mass_and_mean(nodes: list[float], residual: float) -> None:
    even = [1 / len(nodes)] * len(nodes)
    points, weights = spread(measure(sorted(nodes), even, [residual] * len(nodes)))
    assert float(weights.sum()) == pytest.approx(1)
    assert float((points * weights).sum()) == pytest.approx(sum(nodes) / len(nodes), abs=1e-12)


def test_converged_nodes_stay_points_and_others_reach_half_way() -> None:
    points, _ = spread(measure([0.0, 1.0, 3.0], [0.2, 0.3, 0.5], [0.0, 9.0, 0.4]))
    first, second, third = points[0].view(3, -1)
    assert first.abs().max() == 0
    assert 0.5 < second.min() < second.max() < 1.5
    assert float(second.max() - second.min()) == pytest.approx(15 / 16)  # the outermost of 16 evenly laid points
    assert 2.92 < third.min() < third.max() < 3.08  # an eigenvalue lies within 0.4² / 2, as the others are 2 away


def test_distance_is_what_mass_times_way_is() -> None:
    left = torch.tensor([0.0, 1.0], dtype=torch.float64), torch.tensor([0.5, 0.5], dtype=torch.float64)
    right = torch.tensor([3.0], dtype=torch.float64), torch.tensor([1.0], dtype=torch.float64)
    assert distance(left, right) == pytest.approx(2.5)


@pytest.mark.parametrize(("count", "probes"), [(1, 1), (1, 4), (3, 2), (50, 2), (250, 1)])
def test_error_of_a_share_is_that_of_random_directions(count: int, probes: int) -> None:
    random, size, tries = torch.Generator().manual_seed(0), 500, 2000
    squares = torch.randn(tries, probes, size, generator=random, dtype=torch.float64).square()
    found = (squares[..., :count].sum(2) / squares.sum(2)).mean(1)
    off = (found - count / size).abs()
    assert 0.935 <= float((off <= mass_error(found, draws=probes * size)).double().mean()) <= 0.985


def test_error_of_many_is_normal() -> None:
    share = torch.tensor([0.1, 0.5], dtype=torch.float64)
    for draws in (10**8, 10**14):
        normal = 1.96 * (2 * share * (1 - share) / draws).sqrt()
        assert torch.allclose(mass_error(share, draws=draws), normal, rtol=5e-3)


def test_error_of_nothing_is_nothing() -> None:
    assert mass_error(torch.tensor([0.0, 1.0], dtype=torch.float64), draws=100).abs().max() == 0


def test_sampling_error_is_that_of_mass_times_way() -> None:
    points, weights = torch.tensor([[0.0, 1.0, 3.0], [0.2, 0.3, 0.5]], dtype=torch.float64)
    errors = mass_error(torch.tensor([0.2, 0.5], dtype=torch.float64), draws=70)
    assert sampling_error(points, weights, draws=70) == pytest.approx(float(errors[0] + 2 * errors[1]))


@pytest.mark.parametrize("values", [networklike(700), bulk(700), torch.cat([torch.zeros(400), torch.ones(300)])])
@pytest.mark.parametrize("place", [-0.45, -0.05, 1e-3, 0.02, 0.1, 3.0])
def test_mass_below_a_place_is_within_its_bound(values: torch.Tensor, place: float) -> None:
    planted = Planted(values)
    products = Counted(planted.operator)
    starts = torch.nn.functional.normalize(products.normal(3, random=stream("test", 1)), dim=0)
    found = tridiagonal(products, starts, steps=12, locked=products.none()).quadrature(12)
    below, unsure = mass_below(found, place)
    eigen = torch.linalg.eigh(planted.product(torch.eye(len(values), dtype=torch.float64)))
    true = (eigen.eigenvectors[:, eigen.eigenvalues < place].T @ starts).square().sum(0)
    assert ((below - true).abs() <= unsure + 1e-9).all()


def test_mass_beside_a_converged_node_is_sure() -> None:
    below, unsure = mass_below(measure([0.0, 1.0], [0.7, 0.3], [1e-12, 1e-12]), 1e-3)
    assert math.isclose(float(below), 0.7)
    assert float(unsure) < 1e-17
