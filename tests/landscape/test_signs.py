"""Shares of positive, zero and negative eigenvalues: exact where all are computed, within their error otherwise."""

from __future__ import annotations

import pytest
import torch

from tests.landscape.planted import Planted, bulk, networklike
from thetastar.errors import UserError
from thetastar.landscape import signs, spectral_density, spectrum

SIZE = 3500
FLAT = torch.cat([torch.zeros(2000), torch.linspace(0.5, 2, 1000), torch.linspace(-1, -0.2, 500)]).double()


def shares(values: torch.Tensor, tolerance: float) -> torch.Tensor:
    kinds = torch.stack([values > tolerance, values.abs() <= tolerance, values < -tolerance])
    return kinds.double().mean(1)


def test_few_parameters_are_counted() -> None:
    found = signs(Planted(torch.tensor([2.0, 1.0, 1e-12, 0.0, -1e-12, -3.0])).operator)
    assert (found.positive, found.zero, found.negative) == pytest.approx((2 / 6, 3 / 6, 1 / 6))
    assert found.errors == (0, 0, 0)
    assert found.tolerance == pytest.approx(3e-3)
    found = signs(Planted(torch.tensor([2.0, 1.0, 1e-12, 0.0, -1e-12, -3.0])).operator, tolerance=1.5)
    assert (found.positive, found.zero, found.negative) == pytest.approx((1 / 6, 4 / 6, 1 / 6))


@pytest.mark.parametrize("values", [networklike(SIZE), FLAT, bulk(SIZE)], ids=["network", "flat", "bulk"])
@pytest.mark.parametrize("tolerance", [1e-4, 1e-2, 0.1])
def test_error_covers_the_true_shares(values: torch.Tensor, tolerance: float) -> None:
    planted = Planted(values)
    true = shares(planted.values, tolerance)
    covered = torch.zeros(3)
    for seed in range(20):
        found = signs(
            planted.operator,
            tolerance=tolerance,
            density=spectral_density(planted.operator, steps=25, seed=seed),
        )
        assert found.positive + found.zero + found.negative == pytest.approx(1)
        away = (torch.tensor([found.positive, found.zero, found.negative], dtype=torch.float64) - true).abs()
        covered += away <= torch.tensor(found.errors, dtype=torch.float64) + 1e-12
    assert (covered >= 18).all()


def test_zeros_that_stand_apart_are_counted_closely() -> None:
    found = signs(Planted(FLAT).operator)
    assert found.products == 160
    assert found.tolerance == pytest.approx(2e-3, rel=1e-2)
    assert max(found.errors) < 0.06


def test_known_eigenvalues_are_counted_one_by_one() -> None:
    planted = Planted(networklike(SIZE))
    density = spectral_density(planted.operator, known=spectrum(planted.operator, 6))
    found = signs(planted.operator, tolerance=0.29, density=density)
    assert found.positive == pytest.approx(6 / SIZE)
    assert found.negative == pytest.approx(5 / SIZE, abs=1 / SIZE)


def test_exact_density_is_counted() -> None:
    planted = Planted(torch.tensor([2.0, -1.0]))
    found = signs(planted.operator, density=spectral_density(planted.operator))
    assert (found.positive, found.negative, found.errors) == (0.5, 0.5, (0, 0, 0))


def test_printed() -> None:
    assert str(signs(Planted(torch.tensor([1.0, -1.0])).operator, tolerance=0.1)) == (
        "positive 50.0%, zero 0.0%, negative 50.0% of 2 eigenvalues (zero: |λ| ≤ 0.1)"
    )


def test_negative_tolerance() -> None:
    with pytest.raises(UserError, match="seen -1"):
        signs(Planted(torch.ones(2)).operator, tolerance=-1)
