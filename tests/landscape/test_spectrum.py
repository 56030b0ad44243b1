"""Both ends of planted spectra: complete for few parameters; for many within the residuals, copies included."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from tests.landscape.planted import Planted, bulk, ends, networklike
from thetastar.errors import UserError
from thetastar.landscape import Operator, spectrum
from thetastar.landscape.spectrum import EXACT

MANY = EXACT + 100  # parameters, so that the whole matrix isn't taken


def check(planted: Planted, k: int, tolerance: float) -> None:
    """Values, vectors, residuals and the bound of the others all hold."""
    found = spectrum(planted.operator, k, tolerance=tolerance)
    assert found.converged.all()
    rounding = 20 * torch.finfo(planted.operator.dtype).eps * found.scale
    away = (found.values - ends(planted.values, k)).abs()
    assert (away <= found.residuals.max() + tolerance * found.scale + rounding).all()
    assert (planted.off(found.values, found.vectors) <= 1.01 * found.residuals + rounding).all()
    others = planted.values[k:-k]
    slack = tolerance * found.scale + rounding
    assert found.others[0] - slack <= others.min() <= others.max() <= found.others[1] + slack


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), k=st.integers(1, 50))
def test_few_parameters_are_exact(values: list[float], k: int) -> None:
    planted = Planted(torch.tensor(values, dtype=torch.float64))
    found = spectrum(planted.operator, k)
    count = len(values)
    true = planted.values if 2 * k >= count else ends(planted.values, k)
    assert found.exact
    assert found.complete == (2 * k >= count)
    assert found.products == count
    assert torch.allclose(found.values, true, atol=1e-8, rtol=1e-12)
    assert (planted.off(found.values, found.vectors) <= 1e-8).all()  # of values up to 1e6


@pytest.mark.parametrize("tolerance", [1e-3, 1e-9])
@pytest.mark.parametrize(
    "values",
    [
        networklike(),
        torch.linspace(-1, 1, MANY),
        torch.logspace(-6, 6, MANY),
        torch.cat([-torch.logspace(-6, 6, MANY // 2), torch.logspace(-6, 6, MANY // 2)]),
        torch.cat([bulk(MANY - 9), torch.tensor([3.0] * 4 + [2.0] + [-2.0] * 3 + [-1.0])]),
        torch.cat([bulk(MANY - 8), 3 + 1e-7 * torch.arange(8)]),
        torch.cat([torch.zeros(MANY - 10), torch.arange(1.0, 11.0)]),
        torch.cat([torch.zeros(MANY - 1), torch.ones(1)]),
        torch.ones(MANY),
        -torch.ones(MANY),
    ],
    ids=["network", "even", "positive", "both", "repeated", "clustered", "deficient", "one", "same", "negative"],
)
def test_both_ends_of_planted_spectra(values: torch.Tensor, tolerance: float) -> None:
    check(Planted(values), 5, tolerance)


@pytest.mark.parametrize("seed", range(5))
def test_copies_are_counted(seed: int) -> None:
    values = torch.cat([bulk(MANY - 8), torch.tensor([3.0] * 5 + [-2.0] * 3)])
    found = spectrum(Planted(values, seed=seed).operator, 5, tolerance=1e-8, seed=seed)
    assert torch.allclose(found.values[:5], torch.full((5,), 3.0, dtype=torch.float64))
    assert torch.allclose(found.values[-3:], torch.full((3,), -2.0, dtype=torch.float64))
    assert torch.allclose(found.vectors.T @ found.vectors, torch.eye(10, dtype=torch.float64), atol=1e-7)


def test_single_precision() -> None:
    check(Planted(networklike(), dtype=torch.float32), 5, 1e-4)


def test_zero_operator() -> None:
    found = spectrum(Planted(torch.zeros(MANY)).operator, 3)
    assert found.values.abs().max() == found.residuals.max() == 0
    assert found.converged.all()


def test_hundreds_at_each_end_restart() -> None:
    planted = Planted(torch.linspace(-1, 2, 3000, dtype=torch.float64) ** 3)
    found = spectrum(planted.operator, 60, tolerance=1e-4, products=2000)
    assert found.converged.all()
    assert torch.allclose(found.values, ends(planted.values, 60), atol=1e-3)


@example(top=[1.0, 2.0, 3.0], bottom=[-1.0, -1.0, -2.0, -3.0, -2.00001], seed=0)
@given(
    top=st.lists(st.floats(1, 10), min_size=3, max_size=8),
    bottom=st.lists(st.floats(-10, -1), min_size=3, max_size=8),
    seed=st.integers(0, 1000),
)
def test_whatever_was_missed_values_are_true_and_never_too_far_out(
    top: list[float], bottom: list[float], seed: int
) -> None:
    outliers = torch.tensor(top + bottom, dtype=torch.float64)
    planted = Planted(torch.cat([bulk(MANY, width=0.1), outliers]), seed=seed)
    found = spectrum(planted.operator, 3)
    away = (planted.values[:, None] - found.values).abs().amin(0)
    assert (away <= 1.01 * found.residuals + 1e-12).all()
    assert (found.values[:3] <= planted.values[:3] + 1e-12).all()
    assert (found.values[3:] >= planted.values[-3:] - 1e-12).all()


def test_the_others_lie_between_their_bounds() -> None:
    missed, copies = 0, torch.tensor([2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, -1.0, -1.0])
    for seed in range(100):
        planted = Planted(torch.cat([bulk(700), copies]) if seed % 2 else networklike(700), seed=seed)
        found = spectrum(planted.operator, 5, seed=seed)
        others = planted.values[5:-5]
        missed += not found.others[0] <= others.min() <= others.max() <= found.others[1]
        assert found.others[1] - found.others[0] <= 1.6 * (found.values[0] - found.values[-1])
    assert missed <= 1  # a chance of 1/1000 each


def test_products_are_few() -> None:
    found = spectrum(Planted(networklike()).operator, 5)
    assert found.products <= 60  # eigsh takes 120 for both ends, and looks for nothing that it may have missed


def test_what_has_not_converged_says_so() -> None:
    found = spectrum(Planted(torch.linspace(-1, 1, MANY)).operator, 5, tolerance=1e-10, products=30)
    assert not found.converged.any()
    assert found.products == 30
    assert found.others == (-math.inf, math.inf)
    assert str(found).count("not converged") == 10
    assert "not searched" in str(found)


def test_weyl_a_small_change_moves_no_eigenvalue_further() -> None:
    planted = Planted(networklike())
    shift = Planted(bulk(2000, width=1e-3), seed=5)
    moved = Operator(lambda V: planted.product(V) + shift.product(V), size=2000, dtype=torch.float64)
    before, after = (spectrum(each, 3, tolerance=1e-9).values for each in (planted.operator, moved))
    assert (before - after).abs().max() <= shift.values.abs().max()


def test_same_seed_same_values() -> None:
    operator = Planted(networklike()).operator
    assert torch.equal(spectrum(operator, 2, seed=3).values, spectrum(operator, 2, seed=3).values)


def test_printed() -> None:
    lines = str(spectrum(Planted(torch.arange(1.0, 101.0)).operator, 2)).splitlines()
    assert [line.split()[:2] for line in lines[1:3]] == [["1", "100"], ["2", "99"]]
    assert lines[3].split() == ["…", "3", "…", "98"]
    assert [line.split()[:2] for line in lines[4:6]] == [["99", "2"], ["100", "1"]]


@pytest.mark.parametrize("asked", [{"k": 0}, {"tolerance": 0.0}, {"tolerance": math.nan}, {"products": 0}])
def test_bad_requests(asked: dict[str, float]) -> None:
    with pytest.raises(UserError, match="seen"):
        spectrum(Planted(torch.ones(3)).operator, **asked)


def test_too_many_are_refused_before_any_work() -> None:
    asked = []
    with pytest.raises(UserError, match="8000 GB"):
        spectrum(Operator(asked.append, size=10**6), 10**6)
    assert not asked
