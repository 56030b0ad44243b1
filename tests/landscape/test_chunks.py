from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.testing import assert_close

import thetastar as ts
from tests.landscape import nets
from thetastar.landscape.chunks import cut_into_chunks, default_memory
from thetastar.landscape.rows import Rows
from thetastar.landscape.trial import Footprint

CPU = torch.device("cpu")


def block(rows: int) -> Rows:
    return Rows(torch.arange(float(rows)), torch.zeros(rows))


@given(
    sizes=st.lists(st.integers(1, 200), min_size=1, max_size=4),
    per_row=st.floats(1, 1e7),
    fixed=st.floats(0, 1e8),
    memory=st.floats(1, 1e10),
)
def test_graphs_stay_within_memory(sizes: list[int], per_row: float, fixed: float, memory: float) -> None:
    chunks = cut_into_chunks([block(size) for size in sizes], Footprint(per_row, fixed), memory=memory, device=CPU)
    assert torch.equal(
        torch.cat([part.inputs for part in chunks.rows]), torch.cat([block(size).inputs for size in sizes])
    )
    held = [fixed + per_row * len(part) for part in chunks.rows]
    assert 0 <= chunks.kept <= len(held)
    one_more = max(held[chunks.kept :], default=0.0)
    beside = max(held) / 2  # what a backward pass needs
    alone = all(len(part) == 1 for part in chunks.rows)  # can't be less
    assert alone or sum(held[: chunks.kept]) + one_more + beside <= memory * (1 + 1e-9)


def test_plenty_of_memory_keeps_all_graphs() -> None:
    chunks = cut_into_chunks([block(100), block(50)], Footprint(1e6, 0.0), memory=1e9, device=CPU)
    assert chunks.kept == len(chunks.rows)
    assert max(len(part) for part in chunks.rows) <= 96
    few = cut_into_chunks([block(100)], Footprint(1e6, 0.0), memory=5e7, device=CPU)
    assert 0 < few.kept < len(few.rows)


def test_a_graphics_card_takes_all_rows_at_once() -> None:
    chunks = cut_into_chunks([block(1000)], Footprint(1e6, 0.0), memory=1e10, device=torch.device("cuda"))
    assert [len(part) for part in chunks.rows] == [1000]


def test_the_default_is_half_of_what_is_free() -> None:
    assert 1e7 < default_memory(CPU) < 1e14


def test_graphs_are_built_once_as_far_as_memory_allows() -> None:
    module, _, rows = nets.case("mlp")
    calls: list[int] = []

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        calls.append(len(targets))
        return nn.functional.cross_entropy(outputs, targets)

    wanted = nets.brute_force_hessian(module, nn.CrossEntropyLoss(), rows)
    plenty, little = ts.Objective(module, loss, rows), ts.Objective(module, loss, rows, memory=1)
    for objective, first, later in ((plenty, [7], []), (little, [1] * 7, [1] * 7)):
        calls.clear()
        vector = torch.randn(objective.size, dtype=torch.float64)
        assert_close(objective.hessian_product(vector), wanted @ vector)
        assert calls == first
        for vectors in (vector, torch.randn(objective.size, 3, dtype=torch.float64)):
            calls.clear()
            assert_close(objective.hessian_product(vectors), wanted @ vectors)
            assert calls == later


def test_products_of_two_matrices_take_turns_in_memory() -> None:
    module, loss, rows = nets.case("mlp")
    objective, vector = ts.Objective(module, loss, rows), torch.ones(27, dtype=torch.float64)
    first = objective.hessian_product(vector), objective.gauss_newton_product(vector)
    assert_close((objective.hessian_product(vector), objective.gauss_newton_product(vector)), first)
    assert float((first[0] - first[1]).abs().max()) > 1e-3


@pytest.mark.parametrize("batched", [True, False])
def test_several_vectors_at_once_or_in_turn(batched: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thetastar.landscape.standing._BATCHED_WORK", 1 << 40 if batched else 0)
    for name in nets.NETS:
        module, loss, rows = nets.case(name)
        objective = ts.Objective(module, loss, rows)
        V = torch.randn(objective.size, 3, dtype=torch.float64)
        assert_close(objective.hessian_product(V), nets.brute_force_hessian(module, loss, rows) @ V)
        each = [objective.gauss_newton_product(vector) for vector in V.T]
        assert_close(objective.gauss_newton_product(V), torch.stack(each, 1))
