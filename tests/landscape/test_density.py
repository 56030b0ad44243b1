"""Densities: the printed error covers the distance to the full spectrum, and isn't far above it."""

from __future__ import annotations

import math

import pytest
import torch

from tests.landscape.planted import Planted, bulk, networklike
from thetastar.errors import UserError
from thetastar.landscape import Operator, spectral_density, spectrum
from thetastar.landscape.spectrum import EXACT

SIZE = 700
SEEDS = 40
SPECTRA = {
    "network": networklike(SIZE),
    "even": torch.linspace(-1, 1, SIZE, dtype=torch.float64),
    "normal": bulk(SIZE, width=1.0),
    "deficient": torch.cat([torch.zeros(SIZE // 2), torch.linspace(0, 1, SIZE // 2) ** 4]),
    "clusters": torch.cat([torch.full((SIZE // 4,), -1.0), torch.zeros(SIZE // 4), torch.full((SIZE // 2,), 2.0)]),
    "positive": torch.logspace(-6, 0, SIZE, dtype=torch.float64),
    "few": torch.cat([torch.zeros(SIZE - 5), torch.arange(1.0, 6.0)]),
}


@pytest.mark.parametrize("name", SPECTRA)
@pytest.mark.parametrize("probes", [1, 4])
def test_error_covers_the_distance(name: str, probes: int) -> None:
    planted = Planted(SPECTRA[name])
    found = [spectral_density(planted.operator, probes=probes, steps=20, seed=seed) for seed in range(SEEDS)]
    away = torch.tensor([each.distance(planted.values) for each in found])
    errors = torch.tensor([each.error for each in found])
    assert (away <= errors).double().mean() >= 0.9  # of 40 at 95 %, fewer than 36 come once in 20
    assert errors.median() <= 5 * away.median()


def test_error_covers_on_average_over_spectra() -> None:
    covered = [
        (density := spectral_density(planted.operator, probes=4, steps=20, seed=seed)).distance(planted.values)
        <= density.error
        for planted in map(Planted, SPECTRA.values())
        for seed in range(100, 120)
    ]
    assert sum(covered) >= 0.95 * len(covered)


@pytest.mark.parametrize("steps", [4, 7, 12])
def test_error_covers_few_nodes_where_sampling_is_no_matter(steps: int) -> None:
    for seed, values in enumerate((torch.linspace(-1, 1, 20_000), torch.linspace(0, 1, 20_000) ** 3, bulk(20_000))):
        planted = Planted(values)
        found = spectral_density(planted.operator, probes=20, steps=steps, seed=seed)
        sampled = spectral_density(planted.operator, probes=20, steps=60, seed=seed)
        assert sampled.error < found.distance(planted.values) <= found.error


def test_few_parameters_are_exact() -> None:
    planted = Planted(bulk(EXACT))
    found = spectral_density(planted.operator)
    assert found.quadrature is None
    assert found.products == EXACT
    assert found.distance(planted.values) <= found.error + 1e-15


def test_known_eigenvalues_enter_exactly_and_lower_the_error() -> None:
    planted = Planted(SPECTRA["network"])
    known = spectrum(planted.operator, 6)
    plain = [spectral_density(planted.operator, seed=seed) for seed in range(10)]
    better = [spectral_density(planted.operator, seed=seed, known=known) for seed in range(10)]
    assert all(each.distance(planted.values) <= each.error for each in better)
    away = [sum(each.distance(planted.values) for each in found) for found in (plain, better)]
    assert away[1] < away[0] / 3
    assert torch.equal(better[0].nodes[-5:], known.values[:5].flip(0))


def test_spectrum_in_double_precision_is_known_to_probes_in_single() -> None:
    planted = Planted(torch.linspace(-1, 1, 600), dtype=torch.float32)
    known = spectrum(planted.operator, 5, tolerance=1e-9)  # single precision doesn't get there: the whole matrix does
    assert known.exact
    assert known.vectors.dtype == torch.float64
    found = spectral_density(planted.operator, known=known, probes=1, steps=20)
    assert found.distance(planted.values) <= found.error


def test_complete_spectrum_is_its_own_density() -> None:
    planted = Planted(bulk(600))
    whole = spectrum(planted.operator, 300)
    found = spectral_density(planted.operator, known=whole)
    assert found.products == 0
    assert found.distance(planted.values) <= found.error + 1e-15


def test_mean_is_that_of_the_probes() -> None:
    planted = Planted(SPECTRA["network"])
    found = spectral_density(planted.operator, probes=3, steps=15)
    assert found.quadrature is not None
    mean = (found.quadrature.nodes * found.quadrature.weights).sum(1).mean()
    assert float(found.nodes @ found.weights) == pytest.approx(float(mean))
    assert float(found.weights.sum()) == pytest.approx(1)
    assert (found.nodes.diff() >= 0).all()


def test_spreading_comes_closer_than_the_nodes_alone() -> None:
    planted = Planted(SPECTRA["even"])
    found = spectral_density(planted.operator, probes=6, steps=20)
    assert found.quadrature is not None
    nodes = found.quadrature.nodes.flatten()
    order = nodes.argsort()
    bare = type(found)(
        nodes[order], found.quadrature.weights.flatten()[order] / 6, 0.0, SIZE, found.known, None, 0, 0.0
    )
    assert found.distance(planted.values) < bare.distance(planted.values) / 2


def test_single_precision_and_zero() -> None:
    planted = Planted(SPECTRA["network"], dtype=torch.float32)
    found = spectral_density(planted.operator)
    assert found.distance(planted.values) <= found.error
    zero = spectral_density(Planted(torch.zeros(SIZE)).operator)
    assert zero.distance(torch.zeros(1)) == zero.error == 0


def test_drawn_curve_has_the_mass_and_the_width() -> None:
    found = spectral_density(Planted(torch.zeros(20)).operator)
    places = torch.linspace(-1, 1, 401)
    curve = found.smooth(places, width=0.1)
    assert float(torch.trapezoid(curve, places.double())) == pytest.approx(1, abs=1e-6)
    assert float(curve.max()) == pytest.approx(1 / (0.1 * math.sqrt(2 * math.pi)))


def test_printed() -> None:
    written = str(spectral_density(Planted(torch.arange(1.0, 101.0)).operator))
    assert "50% of 100 below  50" in written
    assert "100 products" in written


def test_bad_requests() -> None:
    operator = Planted(bulk(600)).operator
    for asked in ({"probes": 0}, {"steps": 1}):
        with pytest.raises(UserError, match="at least one probe and two steps"):
            spectral_density(operator, **asked)
    other = spectrum(Operator(lambda V: V, size=3), 1)
    with pytest.raises(UserError, match="of 3 parameters"):
        spectral_density(operator, known=other)
