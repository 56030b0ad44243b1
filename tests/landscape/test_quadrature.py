"""Gauss quadrature: exact for polynomials, for each start by itself, beside locked vectors and past breakdowns."""

from __future__ import annotations

import pytest
import torch

from tests.landscape.planted import Planted, bulk, networklike
from thetastar.landscape.operator import Counted, stream
from thetastar.landscape.quadrature import Quadrature, tridiagonal


def probed(planted: Planted, *, steps: int, locked: torch.Tensor | None = None) -> tuple[Quadrature, torch.Tensor]:
    products = Counted(planted.operator)
    locked = products.none() if locked is None else locked
    starts = products.normal(3, random=stream("test", 0))
    starts = torch.nn.functional.normalize(starts - locked.T @ (locked @ starts), dim=0)
    found = tridiagonal(products, starts, steps=steps, locked=locked).quadrature(steps)
    assert products.used == 3 * steps
    return found, starts


@pytest.mark.parametrize("power", range(10))  # five nodes are exact up to the ninth power
def test_moments_are_exact(power: int) -> None:
    planted = Planted(bulk(100, width=1.0))
    found, starts = probed(planted, steps=5)
    image = starts
    for _ in range(power):
        image = planted.product(image)
    moments = (found.weights * found.nodes**power).sum(1)
    assert torch.allclose(moments, (starts * image).sum(0), rtol=1e-10, atol=1e-10)


def test_first_steps_give_what_a_shorter_run_gives() -> None:
    planted = Planted(networklike())
    products = Counted(planted.operator)
    starts = torch.nn.functional.normalize(products.normal(2, random=stream("test", 0)), dim=0)
    long = tridiagonal(products, starts, steps=20, locked=products.none()).quadrature(8)
    short = tridiagonal(products, starts, steps=8, locked=products.none()).quadrature(8)
    assert torch.allclose(long.nodes, short.nodes)
    assert torch.allclose(long.residuals, short.residuals)


def test_few_distinct_values_are_found_with_their_shares() -> None:
    planted = Planted(torch.tensor([-1.0] * 30 + [0.0] * 50 + [2.0] * 20))
    found, starts = probed(planted, steps=10)  # three steps already tell everything
    flipped = planted.product(starts)
    assert torch.allclose(found.weights.sum(1), torch.ones(3, dtype=torch.float64))
    assert torch.allclose((found.weights * found.nodes).sum(1), (starts * flipped).sum(0))
    for nodes, weights in zip(found.nodes, found.weights, strict=True):
        carried = nodes[weights > 1e-12]
        assert torch.stack([(carried - value).abs() for value in (-1, 0, 2)]).amin(0).max() < 1e-12


def test_locked_vectors_are_left_out() -> None:
    values = torch.cat([torch.zeros(99), torch.tensor([7.0])])
    planted = Planted(values)
    vector = torch.linalg.eigh(planted.product(torch.eye(100, dtype=torch.float64))).eigenvectors[:, -1]
    found, _ = probed(planted, steps=5, locked=vector[None])
    assert (found.nodes * found.weights).abs().max() < 1e-12


def test_weights_survive_many_steps_without_full_orthogonality() -> None:
    planted = Planted(networklike())
    found, starts = probed(planted, steps=150)  # the outliers have come back as copies many times by then
    assert (found.nodes > 11.9).sum(1).min() > 1
    top = torch.where(found.nodes > 11.9, found.weights, 0).sum(1)
    along = (planted.product(starts) * starts).sum(0)
    assert torch.allclose((found.weights * found.nodes).sum(1), along, rtol=1e-8)
    vector = torch.linalg.eigh(planted.product(torch.eye(2000, dtype=torch.float64))).eigenvectors[:, -1]
    assert torch.allclose(top, (vector @ starts).square(), rtol=1e-6)
