from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

import thetastar as ts
from tests.landscape import nets
from thetastar.errors import DataError, DataTypeError, FallbackWarning
from thetastar.landscape.rows import Rows, read_rows

CPU = torch.device("cpu")


def read(data: Any, *, most_bytes: float = 1e9) -> tuple[Rows, ...]:
    return read_rows(data, dtype=torch.float64, device=CPU, most_bytes=most_bytes)


class Pairs(Dataset):
    def __init__(self, rows: nets.Rows) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows[0])

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.rows[0][index], self.rows[1][index]


class Stream(IterableDataset):
    def __init__(self, rows: nets.Rows) -> None:
        self.rows = rows

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        return iter(zip(*self.rows, strict=True))


def unequal(rows: nets.Rows) -> list[nets.Rows]:
    """Batches of 1, 4, 0 and 2 rows."""
    return [(rows[0][a:b], rows[1][a:b]) for a, b in ((0, 1), (1, 5), (5, 5), (5, 7))]


def test_data_comes_in_many_forms_with_the_same_result() -> None:
    module, loss, rows = nets.case("convolution")
    forms = {
        "tensors": rows,
        "a list of two": list(rows),
        "arrays": (rows[0].numpy(), rows[1].numpy()),
        "batches of different length": unequal(rows),
        "batches as lists": [list(batch) for batch in unequal(rows)],
        "a generator": (batch for batch in unequal(rows)),
        "a loader": DataLoader(TensorDataset(*rows), batch_size=2),
        "a loader that shuffles": DataLoader(TensorDataset(*rows), batch_size=3, shuffle=True),
        "a data set of tensors": TensorDataset(*rows),
        "a data set of pairs": Pairs(rows),
        "a stream": Stream(rows),
        "a loader of a stream": DataLoader(Stream(rows), batch_size=2),
    }
    hessian = nets.brute_force_hessian(module, loss, rows)
    vector = torch.randn(len(hessian), dtype=torch.float64)
    for name, data in forms.items():
        objective = ts.Objective(module, loss, data)
        assert objective.rows == nets.ROWS, name
        for memory in (objective, ts.Objective(module, loss, rows, memory=1)):
            assert_close(memory.hessian_product(vector), hessian @ vector)
        assert objective.loss() == pytest.approx(float(nets.loss_of(module, loss, rows)(objective.theta)), rel=1e-12)


def test_numbers_get_the_precision_of_the_parameters() -> None:
    X, y = np.arange(6.0, dtype=np.float64).reshape(3, 2), np.ones((3, 1), np.float16)
    (rows,) = read_rows((X, y), dtype=torch.float32, device=CPU, most_bytes=1e9)
    assert rows.inputs.dtype == rows.targets.dtype == torch.float32
    (rows,) = read((X.astype(np.int32), np.array([0, 1, 1], np.int64)))
    assert (rows.inputs.dtype, rows.targets.dtype) == (torch.int32, torch.int64)


def test_batches_of_one_shape_are_joined_and_others_stay_apart() -> None:
    """Sentences padded to their batch's length."""
    batches = [(torch.full((2, width), float(width)), torch.zeros(2)) for width in (3, 5, 3)]
    blocks = read(iter(batches))
    assert [tuple(rows.inputs.shape) for rows in blocks] == [(4, 3), (2, 5)]
    assert [float(rows.inputs.mean()) for rows in blocks] == [3.0, 5.0]


def test_sentences_of_different_length_make_one_mean() -> None:
    module, loss, _ = nets.case("tied embedding")
    batches = [(torch.randint(3, (rows, width)), torch.randint(3, (rows,))) for rows, width in ((2, 4), (3, 6), (1, 1))]
    objective = ts.Objective(module, loss, batches)
    hessian = sum(len(X) / 6 * nets.brute_force_hessian(module, loss, (X, y)) for X, y in batches)
    assert_close(objective.hessian_product(torch.eye(objective.size)), hessian)


def test_the_data_is_kept_as_it_was() -> None:
    module, loss, (X, y) = nets.case("mlp")
    X.requires_grad_()
    objective = ts.Objective(module, loss, (X, y))
    objective.hessian_product(torch.ones(objective.size))
    assert X.grad is None
    assert X.requires_grad


@pytest.mark.parametrize(
    "nothing",
    [
        (torch.empty(0, 2), torch.empty(0)),
        [],
        iter(()),
        [(torch.empty(0, 2), torch.empty(0))],
        TensorDataset(torch.empty(0), torch.empty(0)),
    ],
    ids=["no rows", "no batches", "used up", "empty batch", "empty set"],
)
def test_no_rows_are_refused(nothing: object) -> None:
    with pytest.raises(DataError, match=r"the data holds no rows: an empty table, .* an iterator that was used up"):
        read(nothing)


def test_an_iterator_that_was_used_up_is_told() -> None:
    module, loss, rows = nets.case("mlp")
    batches = (batch for batch in unequal(rows))
    ts.Objective(module, loss, batches)
    with pytest.raises(DataError, match="an iterator that was used up before"):
        ts.Objective(module, loss, batches)


def test_an_iterator_without_an_end_is_refused() -> None:
    batch = (torch.zeros(100, 2, dtype=torch.float64), torch.zeros(100, dtype=torch.float64))
    with pytest.raises(DataError, match=r"the first 417 batches hold 0\.0 GB, .* does the iterator never end\?"):
        read(itertools.repeat(batch), most_bytes=1e6)


def test_inputs_and_targets_of_different_length_are_refused() -> None:
    with pytest.raises(DataError, match=r"X and y of the data must have one entry a row .* shapes \(3, 2\) and \(4,\)"):
        read((torch.ones(3, 2), torch.ones(4)))
    with pytest.raises(DataError, match=r"X and y of batch 1 .* seen the shapes \(2, 2\) and \(\)"):
        read([(torch.ones(2, 2), torch.ones(2)), (torch.ones(2, 2), torch.tensor(1.0))])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (torch.ones(3, 2), r"data must be \(X, y\), an iterable .* seen Tensor"),
        ("rows.csv", "data must be .* seen str"),
        (None, "data must be .* seen NoneType"),
        ([torch.ones(3, 2)], r"batch 0 must be \(X, y\), both tensors or NumPy arrays; seen Tensor"),
        ([(torch.ones(3, 2), torch.ones(3), torch.ones(3))], r"seen \['Tensor', 'Tensor', 'Tensor'\]"),
        ([({"x": torch.ones(3)}, torch.ones(3))], r"seen \['dict', 'Tensor'\]"),
        ((np.array(["a", "b"]), np.ones(2)), "the data holds an array of <U1, which is no number"),
    ],
)
def test_what_holds_no_rows_is_told(data: object, said: str) -> None:
    with pytest.raises(DataTypeError, match=said):
        read(data)


@pytest.mark.gpu
def test_data_on_another_device_is_put_beside_the_parameters_and_it_is_said() -> None:
    module, loss, rows = nets.case("convolution")
    hessian = nets.brute_force_hessian(module, loss, rows)
    with pytest.warns(FallbackWarning, match="the data is on cpu and the parameters on cuda:0: a copy of the data was"):
        objective = ts.Objective(module.cuda(), loss, DataLoader(TensorDataset(*rows), batch_size=2))
    found = objective.hessian_product(torch.eye(objective.size))
    assert found.device.type == "cuda"
    assert_close(found.cpu(), hessian)


def test_rows_are_cut_without_copies() -> None:
    rows = Rows(torch.arange(6.0).view(3, 2), torch.arange(3))
    part = rows.cut(1, 9)
    assert len(part) == 2
    assert part.inputs.data_ptr() == rows.inputs[1:].data_ptr()
    assert nn.functional.mse_loss(part.inputs[:, 0], torch.tensor([2.0, 4.0])) == 0
