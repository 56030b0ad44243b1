from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from thetastar.errors import UserError
from thetastar.losses import one_hot


def test_equals_torch() -> None:
    codes = torch.randint(5, (3, 11))
    assert torch.equal(one_hot(codes, 5), functional.one_hot(codes, 5).float())


def test_dtype_is_as_asked() -> None:
    assert one_hot(torch.tensor([0]), 2, dtype=torch.float64).dtype == torch.float64


@pytest.mark.parametrize(("codes", "first"), [([0, 3, 4], 3), ([-1, 0], -1)])
def test_refuses_a_code_without_a_class(codes: list[int], first: int) -> None:
    with pytest.raises(UserError, match=rf"0 … 2; the first that doesn't is {first}"):
        one_hot(torch.tensor(codes), 3)


def test_refuses_codes_that_are_not_whole_numbers() -> None:
    with pytest.raises(UserError, match=r"int64, got torch\.float32"):
        one_hot(torch.tensor([0.0]), 2)
