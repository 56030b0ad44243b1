"""Trace and Frobenius norm: exact for few parameters; otherwise off by what their standard errors say."""

from __future__ import annotations

import pytest
import torch

from tests.landscape.planted import Planted, bulk, networklike
from thetastar.errors import UserError
from thetastar.landscape import spectrum, trace

SPECTRA = {"network": networklike(), "even": torch.linspace(-1, 3, 2000), "positive": torch.logspace(-6, 6, 2000)}


def test_few_parameters_are_exact() -> None:
    values = bulk(60)
    found = trace(Planted(values).operator)
    assert found.value == pytest.approx(float(values.sum()))
    assert found.frobenius == pytest.approx(float(values.norm()))
    assert found.samples == 0
    assert found.error < 1e-14


@pytest.mark.parametrize("with_known", [False, True])
@pytest.mark.parametrize("name", SPECTRA)
def test_standard_errors_are_what_estimates_scatter_by(name: str, with_known: bool) -> None:
    planted = Planted(SPECTRA[name])
    known = spectrum(planted.operator, 5) if with_known else None
    found = [trace(planted.operator, known=known, seed=seed) for seed in range(60)]
    for true, value, error in (
        (planted.values.sum(), [each.value for each in found], [each.error for each in found]),
        (planted.values.norm(), [each.frobenius for each in found], [each.frobenius_error for each in found]),
    ):
        deviations = (torch.tensor(value, dtype=torch.float64) - true) / torch.tensor(error, dtype=torch.float64)
        assert 0.7 < float(deviations.square().mean().sqrt()) < 1.4
        assert abs(float(deviations.mean())) < 0.5
    assert found[0].products == 60


def test_low_rank_is_summed_exactly() -> None:
    planted = Planted(torch.cat([torch.zeros(1990), torch.arange(1.0, 11.0)]))
    found = trace(planted.operator)
    assert found.value == pytest.approx(55)
    assert found.frobenius == pytest.approx(385**0.5)
    assert found.error < 1e-10


def test_sketch_beats_sampling_alone() -> None:
    planted = Planted(SPECTRA["network"])
    probes = torch.randn(2000, 60, generator=torch.Generator().manual_seed(0), dtype=torch.float64).sign()
    plain = (probes * planted.product(probes)).sum(0)
    assert trace(planted.operator).error < float(plain.std()) / 60**0.5 / 2


def test_single_precision() -> None:
    planted = Planted(SPECTRA["network"], dtype=torch.float32)
    found = trace(planted.operator)
    assert abs(found.value - float(planted.values.sum())) < 4 * found.error


def test_printed() -> None:
    assert str(trace(Planted(torch.ones(4)).operator)).splitlines()[0] == "trace           4 ± 9e-16"


def test_too_few_products() -> None:
    with pytest.raises(UserError, match="at least 6 products; seen 5"):
        trace(Planted(torch.ones(100)).operator, products=5)
