"""How many threads compute."""

from __future__ import annotations

import pytest
import torch
from threadpoolctl import threadpool_info

from thetastar.descent.parallel import side_by_side, threads_for


def test_results_come_in_order() -> None:
    assert side_by_side(lambda number: number**2, range(5)) == [0, 1, 4, 9, 16]
    assert side_by_side(lambda number: number**2, []) == []


def test_every_piece_computes_on_one_thread_and_the_users_numbers_are_back() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        pools = _threads_of_libraries()
        assert side_by_side(lambda _: torch.get_num_threads(), range(4)) == [1] * 4
        assert torch.get_num_threads() == 2
        assert _threads_of_libraries() == pools
    finally:
        torch.set_num_threads(before)


def _threads_of_libraries() -> list[tuple[str, int]]:
    return [(pool["filepath"], pool["num_threads"]) for pool in threadpool_info()]


def test_an_error_in_a_piece_comes_out() -> None:
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda number: 1 / number, [1, 0, 2])


@pytest.mark.parametrize(("work", "inside"), [(1, 1), (1 << 30, 2)])
def test_small_products_get_one_thread_and_the_users_number_is_back(work: int, inside: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(RuntimeError, match="stop"), threads_for(work):
            _stop_with(inside)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def _stop_with(threads: int) -> None:
    assert torch.get_num_threads() == threads
    raise RuntimeError("stop")
