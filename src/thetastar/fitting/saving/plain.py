"""Dataclasses as plain values that JSON can hold, and back again."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Sequence
from typing import Any

from torch import Tensor

__all__ = ["from_plain", "to_plain"]


def to_plain(value: Any, tensors: list[Tensor] | None = None) -> Any:
    """Return a dataclass, or a container of them, as lists, dictionaries, text, numbers and None.

    Floats that are not finite become text, which ``from_plain`` reads back: JSON has no number for them. A tensor is
    put into ``tensors`` and becomes its place there.

    Example:
        >>> from thetastar.data import Target
        >>> to_plain(Target("grade", "classification", ("a", "b"), "text"))["classes"]
        ['a', 'b']
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name), tensors) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: to_plain(item, tensors) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item, tensors) for item in value]
    if isinstance(value, Tensor) and tensors is not None:
        tensors.append(value)
        return len(tensors) - 1
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    return getattr(value, "value", value)  # an Enum becomes its value


def from_plain(kind: Any, values: Any, tensors: Sequence[Tensor] = ()) -> Any:
    """Return a value of the annotated kind (a dataclass, a tuple of them, …) from what ``to_plain`` wrote.

    A tensor is taken from its place in ``tensors``.

    Raises:
        KeyError: if a field is missing.
        TypeError: if a value has the wrong shape.
        ValueError: if a value can't be read as what it should be.

    Example:
        >>> from_plain(tuple[float, ...], [1, "inf"])
        (1.0, inf)
    """
    if kind is Any:
        return values
    if kind is Tensor:
        return tensors[values]
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        fields = [field.name for field in dataclasses.fields(kind)]
        return kind(**{name: from_plain(hints[name], values[name], tensors) for name in fields})
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        if values not in arguments:
            raise ValueError(f"one of {arguments} is expected; seen {values!r}")
        return values
    if origin is tuple:
        kinds = arguments[:1] * len(values) if arguments[-1] is Ellipsis else arguments
        return tuple(from_plain(one, item, tensors) for one, item in zip(kinds, values, strict=True))
    if origin is dict:
        return {key: from_plain(arguments[1], item, tensors) for key, item in values.items()}
    if origin in (typing.Union, types.UnionType):
        return _from_union(arguments, values, tensors)
    return kind(values)


def _from_union(kinds: tuple[Any, ...], value: Any, tensors: Sequence[Tensor]) -> Any:
    """Return a value of a union: None stays None; a union of scalars is plain already."""
    others = [kind for kind in kinds if kind is not type(None)]
    if value is None and len(others) < len(kinds):
        return None
    if len(others) == 1:
        return from_plain(others[0], value, tensors)
    if not isinstance(value, tuple(others)):
        raise TypeError(f"one of {[kind.__name__ for kind in others]} is expected; seen {type(value).__name__}")
    return value
