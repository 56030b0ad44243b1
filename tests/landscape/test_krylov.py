"""A Krylov space: its residuals are true ones, also after restarts, beside locked vectors and past breakdowns."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.landscape.planted import Planted, networklike
from thetastar.errors import UserError
from thetastar.landscape import Operator
from thetastar.landscape.krylov import Krylov
from thetastar.landscape.operator import Counted, stream


def grown(planted: Planted, steps: int, *, capacity: int = 50, locked: torch.Tensor | None = None) -> Krylov:
    products = Counted(planted.operator)
    space = Krylov(
        products,
        locked=products.none() if locked is None else locked,
        capacity=capacity,
        random=stream("test", 0),
    )
    for _ in range(steps):
        if space.full:
            count = space.dimension
            space.shrink(space.ritz(), torch.tensor([0, 1, count - 2, count - 1]))
        space.grow()
    return space


@given(
    steps=st.integers(5, 40),
    capacity=st.integers(6, 20),
    dtype=st.sampled_from([torch.float32, torch.float64]),
    values=st.lists(st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, 1e-6]), min_size=30, max_size=80),
)
def test_residuals_are_true_ones(steps: int, capacity: int, dtype: torch.dtype, values: list[float]) -> None:
    planted = Planted(torch.tensor(values, dtype=torch.float64), dtype=dtype)
    space = grown(planted, min(steps, 29), capacity=capacity)
    ritz = space.ritz()
    vectors = space.vectors(ritz.coefficients).T
    true = planted.off(ritz.values, vectors)
    rounding = 20 * torch.finfo(dtype).eps * planted.values.abs().max()
    assert (true <= 1.01 * ritz.residuals + rounding).all()
    assert (ritz.residuals <= 1.01 * true + rounding).all()
    nearest = (planted.values[:, None] - ritz.values).abs().amin(0)
    assert (nearest <= ritz.residuals + rounding).all()


@pytest.mark.parametrize("capacity", [50, 12])  # without and with restarts
def test_locked_vectors_are_left_out_and_count_in_residuals(capacity: int) -> None:
    planted = Planted(networklike())
    locked = torch.randn(3, 2000, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    locked = torch.linalg.qr(locked.T).Q.T
    space = grown(planted, 30, locked=locked, capacity=capacity)
    ritz = space.ritz()
    vectors = space.vectors(ritz.coefficients).T
    assert (locked @ vectors).abs().max() < 1e-12
    assert torch.allclose(ritz.residuals, planted.off(ritz.values, vectors), rtol=1e-6, atol=1e-12)


def test_space_goes_on_where_it_is_invariant() -> None:
    planted = Planted(torch.tensor([5.0] * 4 + [1.0] * 4))
    space = grown(planted, 8)
    assert space.complete
    assert torch.allclose(space.ritz().values.flip(0), planted.values)


def test_slight_asymmetry_counts_in_residuals() -> None:
    planted = Planted(networklike(700))
    drawn = torch.Generator().manual_seed(0)
    noise = 1e-5 * torch.randn(700, 700, generator=drawn, dtype=torch.float64)
    products = Counted(Operator(lambda V: planted.product(V) + noise @ V, size=700, dtype=torch.float64))
    space = Krylov(products, locked=products.none(), capacity=60, random=stream("test", 0))
    for _ in range(50):
        space.grow()
    ritz = space.ritz()
    assert float(ritz.residuals.min()) > 1e-6
    top = planted.off(ritz.values[-1:], space.vectors(ritz.coefficients[:, -1:]).T)
    assert float(top) <= 30 * float(ritz.residuals[-1])


def test_asymmetry_is_noticed() -> None:
    above = torch.triu(torch.ones(20, 20, dtype=torch.float64))
    products = Counted(Operator(lambda V: above @ V, size=20, dtype=torch.float64))
    space = Krylov(products, locked=products.none(), capacity=10, random=stream("test", 0))
    space.grow()  # one product alone can't tell
    with pytest.raises(UserError, match="isn't symmetric"):
        space.grow()
