from __future__ import annotations

import math

import torch
from hypothesis import given
from hypothesis import strategies as st

from thetastar.functions import Part, lay_out, views

SHAPES = st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple), min_size=1, max_size=6)


def test_parts_lie_one_behind_the_other() -> None:
    parts = lay_out([("bias", (2,)), ("weight", (3, 2))], start=5)
    assert parts == (Part("bias", (2,), 5), Part("weight", (3, 2), 7))
    assert [(part.size, part.stop) for part in parts] == [(2, 7), (6, 13)]


def test_a_view_writes_through() -> None:
    flat = torch.zeros(2, 8)
    views(lay_out([("bias", (2,)), ("weight", (3, 2))]), flat)["weight"][1, 2, 0] = 7.0
    assert flat.nonzero().tolist() == [[1, 6]]


@given(SHAPES, st.integers(1, 3))
def test_the_parts_together_are_the_flat_vector(shapes: list[tuple[int, ...]], members: int) -> None:
    parts = lay_out([(f"p{i}", shape) for i, shape in enumerate(shapes)])
    assert parts[-1].stop == sum(math.prod(shape) for shape in shapes)
    flat = torch.arange(members * parts[-1].stop).view(members, -1)
    found = views(parts, flat)
    assert [tuple(view.shape) for view in found.values()] == [(members, *shape) for shape in shapes]
    assert torch.equal(torch.cat([view.flatten(1) for view in found.values()], 1), flat)
