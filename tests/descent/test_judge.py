from __future__ import annotations

import math

import pytest
import torch

from tests.functions.plain import cut, plain
from thetastar.descent import Examples, judge, judge_members, mean_loss, outputs_for
from thetastar.functions import FunctionSet, initial
from thetastar.losses import CrossEntropy, Huber, Squared

FUNCTIONS = FunctionSet(inputs=3, outputs=2, shortcut=3, reads=3, hidden=(4,), batch_norm=True)


def a_state(members: int) -> torch.Tensor:
    return initial(FUNCTIONS, range(members), dtype=torch.float64) + 0.1


def some_examples(*, weights: bool) -> Examples:
    stream = torch.Generator().manual_seed(0)
    draw = {"generator": stream, "dtype": torch.float64}
    return Examples(
        inputs=torch.randn(2, 30, 3, **draw),  # type: ignore[call-overload]  # two keywords in one place
        targets=torch.randn(2, 30, 2, **draw),  # type: ignore[call-overload]
        weights=torch.rand(2, 30, **draw) if weights else torch.ones(2, 30),  # type: ignore[call-overload]
    )


@pytest.mark.parametrize("weights", [False, True])
@pytest.mark.parametrize("numbers", [1 << 22, 100])
def test_mean_loss_equals_a_loop(weights: bool, numbers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Members with their own source and rows, in one or in several chunks; nan where there is nothing to judge by."""
    monkeypatch.setattr(judge, "_CHUNK_NUMBERS", numbers)
    examples, state = some_examples(weights=weights), a_state(4)
    sources = [0, 1, 1, 0]
    rows = [torch.tensor([3, 4, 20]), torch.arange(30), torch.empty(0, dtype=torch.int64), torch.tensor([7])]
    found = mean_loss(FUNCTIONS, Squared(), state=state, examples=examples, sources=sources, rows=rows)
    assert math.isnan(found[2])
    for member in (0, 1, 3):
        source, chosen = sources[member], rows[member]
        outputs = plain(FUNCTIONS, cut(FUNCTIONS, state[member]), examples.inputs[source, chosen])
        errors = (outputs - examples.targets[source, chosen]).square().sum(1)
        own = examples.weights[source, chosen]
        assert found[member].item() == pytest.approx(((errors * own).sum() / own.sum()).item(), rel=1e-12)


def test_no_rows_at_all() -> None:
    none = [torch.empty(0, dtype=torch.int64)] * 2
    state = a_state(2)
    examples = some_examples(weights=False)
    assert mean_loss(FUNCTIONS, Squared(), state=state, examples=examples, sources=[0, 1], rows=none).isnan().all()


def test_class_codes() -> None:
    examples = some_examples(weights=False)
    codes = torch.arange(30).remainder(2).expand(2, 30)
    classes = Examples(examples.inputs, codes, examples.weights)
    state = a_state(1)
    rows = [torch.arange(10)]
    found = mean_loss(FUNCTIONS, CrossEntropy(), state=state, examples=classes, sources=[0], rows=rows)
    logits = plain(FUNCTIONS, cut(FUNCTIONS, state[0]), examples.inputs[0, :10])
    expected = torch.nn.functional.cross_entropy(logits, codes[0, :10])
    assert found.item() == pytest.approx(expected.item(), rel=1e-12)


@pytest.mark.parametrize("numbers", [1 << 22, 100])
def test_losses_at_temperatures_and_the_share_of_wrong_classes(numbers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "_CHUNK_NUMBERS", numbers)
    examples, state = some_examples(weights=True), a_state(2)
    codes = torch.arange(30).remainder(2).expand(2, 30)
    classes, rows = Examples(examples.inputs, codes, examples.weights), [torch.arange(10), torch.arange(5, 30)]
    temperatures = (0.5, 1.0, 4.0)
    found = judge_members(
        FUNCTIONS,
        CrossEntropy(),
        state=state,
        examples=classes,
        sources=[0, 1],
        rows=rows,
        temperatures=temperatures,
    )
    assert found.losses.shape == (2, 3)
    for member, chosen in enumerate(rows):
        logits = plain(FUNCTIONS, cut(FUNCTIONS, state[member]), classes.inputs[member, chosen])
        own = classes.weights[member, chosen] / classes.weights[member, chosen].sum()
        for place, temperature in enumerate(temperatures):
            each = torch.nn.functional.cross_entropy(logits / temperature, codes[0, chosen], reduction="none")
            assert found.losses[member, place].item() == pytest.approx((each * own).sum().item(), rel=1e-12)
        wrong = (logits.argmax(1) != codes[0, chosen]).double()
        assert found.error[member].item() == pytest.approx((wrong * own).sum().item(), rel=1e-12)


def test_the_error_of_numbers_is_the_root_of_the_mean_square() -> None:
    examples, state, rows = some_examples(weights=True), a_state(1), [torch.arange(30)]
    found = judge_members(FUNCTIONS, Huber(), state=state, examples=examples, sources=[0], rows=rows)
    squared = mean_loss(FUNCTIONS, Squared(), state=state, examples=examples, sources=[0], rows=rows)
    assert found.error.item() == pytest.approx(squared.sqrt().item(), rel=1e-12)


def test_a_missing_number_in_a_row_of_another_member_stays_there() -> None:
    """Members with fewer rows are padded, and 0 · nan is nan."""
    examples = some_examples(weights=False)
    examples.inputs[0, 0] = math.nan
    state, rows = a_state(2), [torch.arange(30), torch.tensor([1, 2])]
    found = mean_loss(FUNCTIONS, Squared(), state=state, examples=examples, sources=[0, 0], rows=rows)
    assert found.isnan().tolist() == [True, False]


@pytest.mark.parametrize("rows", [0, 1, 30])
@pytest.mark.parametrize("sources", [1, 2])
def test_outputs_for_many_rows(rows: int, sources: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "_CHUNK_NUMBERS", 100)
    state, inputs = a_state(2), some_examples(weights=False).inputs[:sources, :rows]
    found = outputs_for(FUNCTIONS, state, inputs)
    assert found.shape == (2, rows, 2)
    for member in range(2):
        expected = plain(FUNCTIONS, cut(FUNCTIONS, state[member]), inputs[member % sources])
        torch.testing.assert_close(found[member], expected)
