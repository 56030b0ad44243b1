"""The fixed rows that a loss is the mean over: read once from tensors, arrays, batches or a data set, and kept."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, TensorDataset

from thetastar.errors import DataError, DataTypeError, FallbackWarning
from thetastar.landscape.given_back import random_state_kept

__all__ = ["Rows", "read_rows"]

_READ_AT_ONCE = 256  # rows of a data set
_MOST_BATCHES = 1_000_000  # more are an iterator without an end


@dataclass(frozen=True)
class Rows:
    """Inputs [rows, …] and targets [rows, …] that belong together."""

    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.inputs)

    def cut(self, begin: int, end: int) -> Rows:
        """Return some of the rows, sharing their memory."""
        return Rows(self.inputs[begin:end], self.targets[begin:end])


def read_rows(data: Any, *, dtype: torch.dtype, device: torch.device, most_bytes: float) -> tuple[Rows, ...]:
    """Read all rows once: batches of the same shape are joined, those of another shape stay apart.

    Args:
        data: (X, y), an iterable of such batches, or a data set of pairs.
        dtype: What floating numbers become.
        device: Where they go; it is said if they come from another one.
        most_bytes: How much they may take.

    Raises:
        DataError: There are no rows, X and y are not equally long, or they take too much memory.
        DataTypeError: Something is neither a tensor nor an array.
    """
    with random_state_kept():  # a DataLoader draws from it even if it doesn't shuffle
        found = list(_limited(_batches(data), most_bytes))
    elsewhere = sorted({str(tensor.device) for pair in found for tensor in pair if tensor.device != device})
    if elsewhere:
        warnings.warn(
            f"the data is on {', '.join(elsewhere)} and the parameters on {device}: a copy of the data was put there",
            FallbackWarning,
            stacklevel=4,
        )
    alike: dict[object, list[tuple[Tensor, Tensor]]] = {}
    for inputs, targets in found:
        if len(inputs):
            alike.setdefault((inputs.shape[1:], inputs.dtype, targets.shape[1:], targets.dtype), []).append(
                (inputs, targets)
            )
    if not alike:
        raise DataError(
            "the data holds no rows: an empty table, an empty list of batches, or an iterator that was used up before"
        )

    def put(tensors: Sequence[Tensor]) -> Tensor:
        whole = tensors[0] if len(tensors) == 1 else torch.cat([tensor.to(device) for tensor in tensors])
        return whole.detach().to(device, dtype if whole.is_floating_point() else whole.dtype)

    return tuple(Rows(*(put(tensors) for tensors in zip(*pairs, strict=True))) for pairs in alike.values())


def _batches(data: Any) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the batches of whatever holds them."""
    if isinstance(data, TensorDataset) and len(data.tensors) == 2:
        data = data.tensors
    if _is_pair(data):
        yield _batch(data, "the data")
        return
    if isinstance(data, Dataset):
        data = DataLoader(data, batch_size=_READ_AT_ONCE)
    if not isinstance(data, Iterable) or isinstance(data, (str, bytes, dict, Tensor, np.ndarray)):
        raise DataTypeError(
            f"data must be (X, y), an iterable of (X, y) batches, or a data set of pairs; seen {_kind(data)}"
        )
    for index, batch in enumerate(data):
        yield _batch(batch, f"batch {index}")


def _limited(batches: Iterable[tuple[Tensor, Tensor]], most_bytes: float) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield batches until they are too many to hold."""
    held = 0
    for count, pair in enumerate(batches, 1):
        held += sum(tensor.nbytes for tensor in pair)
        if held > most_bytes or count > _MOST_BATCHES:
            raise DataError(
                f"the first {count:,} batches hold {held / 1e9:,.1f} GB, and at most {most_bytes / 1e9:,.1f} GB or "
                f"{_MOST_BATCHES:,} batches are kept: does the iterator never end? Take fewer rows, or pass memory="
            )
        yield pair


def _is_pair(data: Any) -> bool:
    return isinstance(data, (tuple, list)) and len(data) == 2 and all(_is_array(part) for part in data)


def _is_array(value: Any) -> bool:
    return isinstance(value, (Tensor, np.ndarray))


def _batch(batch: Any, name: str) -> tuple[Tensor, Tensor]:
    """Return the two tensors of a batch."""
    if not _is_pair(batch):
        seen = [_kind(part) for part in batch] if isinstance(batch, (tuple, list)) else _kind(batch)
        raise DataTypeError(f"{name} must be (X, y), both tensors or NumPy arrays; seen {seen}")
    inputs, targets = (_tensor(part, name) for part in batch)
    lengths = [len(part) if part.ndim else 0 for part in (inputs, targets)]
    if inputs.ndim == 0 or targets.ndim == 0 or lengths[0] != lengths[1]:
        raise DataError(
            f"X and y of {name} must have one entry a row along their first dimension; seen the shapes "
            f"{tuple(inputs.shape)} and {tuple(targets.shape)}"
        )
    return inputs, targets


def _tensor(value: Any, name: str) -> Tensor:
    if isinstance(value, Tensor):
        return value
    try:
        return torch.as_tensor(value)
    except TypeError as error:
        raise DataTypeError(f"{name} holds an array of {value.dtype}, which is no number") from error


def _kind(value: object) -> str:
    return type(value).__name__
