from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thetastar.errors import UserError
from thetastar.functions import FunctionSet


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ({}, 1),
        ({"shortcut": 26}, 27),
        ({"hidden": (32, 32), "reads": 26}, 26 * 32 + 32 + 32 * 32 + 32 + 32 + 1),
        ({"hidden": (10,), "reads": 4, "shortcut": 26}, 27 + 4 * 10 + 10 + 10),
        ({"hidden": (10, 10), "reads": 4, "residual": True}, 4 * 10 + 10 + 100 + 10 + 10 + 1),
        ({"hidden": (10,), "reads": 4, "batch_norm": True}, 1 + 40 + 20 + 10),
    ],
)
def test_the_number_of_unknown_parameters(settings: dict[str, object], size: int) -> None:
    assert FunctionSet(inputs=26, outputs=1, **settings).size == size  # type: ignore[arg-type]  # settings of a table


def test_running_averages_follow_theta() -> None:
    functions = FunctionSet(inputs=3, outputs=2, reads=3, hidden=(4, 5), batch_norm=True)
    assert [part.name for part in functions.running] == ["mean0", "variance0", "mean1", "variance1"]
    assert functions.running[0].start == functions.size
    assert functions.state_size == functions.size + 2 * (4 + 5)


def test_a_constant_needs_no_inputs() -> None:
    assert FunctionSet(inputs=0, outputs=3).size == 3


def test_decay_touches_weights_only() -> None:
    functions = FunctionSet(inputs=3, outputs=2, shortcut=2, reads=3, hidden=(4,), batch_norm=True)
    mask = functions.decays()
    decaying = {part.name for part in functions.parts if mask[part.start : part.stop].all()}
    still = {part.name for part in functions.parts if not mask[part.start : part.stop].any()}
    assert (decaying, still) == ({"shortcut", "weight0", "readout"}, {"bias", "gamma0", "beta0"})


def test_a_part_is_found_by_its_name() -> None:
    functions = FunctionSet(inputs=3, outputs=2, shortcut=2)
    assert functions.part("shortcut").start == 2
    with pytest.raises(KeyError, match="readout"):
        functions.part("readout")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"outputs": 0}, "outputs=0"),
        ({"inputs": -1}, "inputs=-1"),
        ({"hidden": (3, 0), "reads": 2}, r"hidden=\(3, 0\)"),
        ({"shortcut": 5}, "shortcut=5"),
        ({"shortcut": -1}, "shortcut=-1"),
        ({"hidden": (3,), "reads": 5}, "reads=5"),
        ({"hidden": (3,)}, "need inputs to read"),
        ({"hidden": (3, 4), "reads": 2, "residual": True}, "equal widths"),
        ({"activation": "swish"}, "'swish'"),
    ],
)
def test_settings_that_make_no_function_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        FunctionSet(**{"inputs": 4, "outputs": 1, **settings})  # type: ignore[arg-type]  # settings of a table


@given(st.integers(1, 5), st.integers(1, 3), st.lists(st.integers(1, 6), max_size=3), st.booleans(), st.data())
def test_parts_cover_the_state_without_gaps(
    inputs: int, outputs: int, hidden: list[int], batch_norm: bool, data: st.DataObject
) -> None:
    functions = FunctionSet(
        inputs=inputs,
        outputs=outputs,
        shortcut=data.draw(st.integers(0, inputs)),
        reads=data.draw(st.integers(1, inputs)),
        hidden=tuple(hidden),
        batch_norm=batch_norm,
    )
    parts = [*functions.parts, *functions.running]
    assert parts[0].start == 0
    assert all(left.stop == right.start for left, right in pairwise(parts))
    assert parts[-1].stop == functions.state_size
