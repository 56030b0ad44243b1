"""Products are checked and counted; a whole matrix is what its products say."""

from __future__ import annotations

import pytest
import torch

from tests.landscape.planted import Planted
from thetastar.errors import UserError
from thetastar.landscape import Operator
from thetastar.landscape.operator import Counted, dense, stream


def operator_of(matrix: torch.Tensor) -> Operator:
    return Operator(lambda V: matrix @ V, size=len(matrix), dtype=matrix.dtype)


def test_whole_matrix_from_products() -> None:
    matrix = torch.randn(70, 70, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    matrix = matrix + matrix.T
    products = Counted(operator_of(matrix))
    assert torch.equal(dense(products), matrix)
    assert products.used == 70


def test_objective_and_operator_are_taken_alike() -> None:
    class Objective:
        size, dtype, device = 2, torch.float32, torch.device("cpu")

        def hessian_product(self, vectors: torch.Tensor, theta: torch.Tensor | None = None) -> torch.Tensor:
            assert theta is None
            return 3 * vectors

    assert torch.equal(dense(Counted(Objective())), 3 * torch.eye(2, dtype=torch.float64))


def test_asymmetry_is_refused() -> None:
    with pytest.raises(UserError, match="isn't symmetric"):
        dense(Counted(operator_of(torch.tensor([[1.0, 1.0], [0.0, 1.0]]))))


def test_values_that_are_not_finite_are_refused() -> None:
    with pytest.raises(UserError, match="isn't finite"):
        Counted(Operator(lambda V: V / 0, size=2))(torch.ones(2, 1))


def test_products_of_another_shape_are_refused() -> None:
    with pytest.raises(UserError, match=r"\(2, 1\) has the shape \(2,\)"):
        Counted(Operator(lambda V: V[:, 0], size=2))(torch.ones(2, 1))


def test_no_parameters_are_refused() -> None:
    with pytest.raises(UserError, match="on no parameters"):
        Counted(Operator(lambda V: V, size=0))


def test_random_vectors_are_of_their_purpose_and_leave_torchs_own_alone() -> None:
    state = torch.get_rng_state()
    products = Counted(Planted(torch.ones(5)).operator)
    one = products.normal(2, random=stream("density", 0))
    assert torch.equal(one, products.normal(2, random=stream("density", 0)))
    assert not torch.equal(one, products.normal(2, random=stream("density", 1)))
    assert not torch.equal(one, products.normal(2, random=stream("trace", 0)))
    assert torch.equal(state, torch.get_rng_state())
