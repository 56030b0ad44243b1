"""Plain values: what goes to JSON comes back equal, and what has the wrong shape is refused."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thetastar.data import Kind
from thetastar.fitting.codes import Stopped
from thetastar.fitting.saving.plain import from_plain, to_plain


@dataclass(frozen=True)
class Inner:
    kind: Kind
    label: str | int | float | bool


@dataclass(frozen=True)
class Outer:
    numbers: tuple[float, ...]
    pair: tuple[str, int]
    inner: Inner | None
    inners: tuple[Inner, ...]
    named: dict[str, float]


inners = st.builds(Inner, st.sampled_from(Kind), st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False))
outers = st.builds(
    Outer,
    st.lists(st.floats(allow_nan=False)).map(tuple),
    st.tuples(st.text(), st.integers()),
    st.none() | inners.filter(lambda one: not (isinstance(one.label, float) and math.isinf(one.label))),
    st.just(()),
    st.dictionaries(st.text(), st.floats(allow_nan=False)),
)


@given(outers)
def test_comes_back_equal_through_json(value: Outer) -> None:
    assert from_plain(Outer, json.loads(json.dumps(to_plain(value), allow_nan=False))) == value


def test_nan_comes_back() -> None:
    assert math.isnan(from_plain(tuple[float, ...], to_plain((math.nan,)))[0])


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Inner, {"kind": "number"}),
        (Inner, {"kind": "colour", "label": 1}),
        (Inner, {"kind": "number", "label": [1]}),
        (Inner, ["number", 1]),
        (tuple[str, int], ["a"]),
        (tuple[float, ...], ["many"]),
        (tuple[float, ...], 3),
    ],
    ids=str,
)
def test_wrong_shapes_are_refused(kind: object, values: object) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_plain(kind, values)


def test_a_code_is_one_of_those_that_there_are() -> None:
    assert from_plain(Stopped, "budget") == "budget"
    for other in ("Budget", "", None, ["budget"]):
        with pytest.raises(ValueError, match="one of"):
            from_plain(Stopped, other)
