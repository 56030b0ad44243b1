"""What is done differently where a table is very large: nothing that its user would notice but the memory."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import torch

from tests.fitting.tables import LONG, NEVER, QUICK, frame, mixed, numbers, problem_of
from thetastar.data import Fold, encode
from thetastar.fitting import Question, Recipe, fit, pose, problem
from thetastar.fitting.problem import Folded, FoldRows, encode_folds, thin
from thetastar.fitting.splitter import Splitter


def folded_both_ways(monkeypatch: pytest.MonkeyPatch) -> tuple[Folded, Folded]:
    """Return the same folds, encoded at once and when needed; of the second one, a category is not in every fold."""
    table = mixed(120)
    posed = problem_of(table, pl.Series("y", numbers(120)[:, 0]))
    rows = np.arange(120)
    folds = [Fold(rows[:60], rows[60:]), Fold(rows[30:40], rows[40:])]
    at_once = encode_folds(posed, folds, deadline=NEVER)
    monkeypatch.setattr(problem, "_MOST_BYTES", 0)
    return at_once, encode_folds(posed, folds, deadline=NEVER)


def test_rows_encoded_when_needed_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, later = folded_both_ways(monkeypatch)
    assert isinstance(at_once.examples.inputs, torch.Tensor)
    assert not isinstance(later.examples.inputs, torch.Tensor)
    assert at_once.examples.inputs.shape == later.examples.inputs.shape
    rows = torch.tensor([5, 80, 5, 119])
    for fold in (0, 1):
        for leading in (0, 1, at_once.plain, at_once.plain + 1, at_once.width):
            expected = at_once.examples.inputs[fold, rows, :leading]
            assert torch.equal(at_once.examples.take(fold, rows, leading=leading), expected)
            assert torch.equal(later.examples.take(fold, rows, leading=leading), expected)
            assert torch.equal(FoldRows(later.examples, fold, rows, leading)[1:3], expected[1:3])


def test_members_side_by_side_see_their_own_source(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, later = folded_both_ways(monkeypatch)
    sources = [1, 0, 1]
    positions = torch.tensor([[[120, 125], [3, 7], [200, 130]], [[121, 121], [0, 119], [239, 120]]])
    room = [torch.full((2, 3, 2, at_once.width), torch.nan) for _ in range(2)]
    for folded, out in zip((at_once, later), room, strict=True):
        assert folded.examples.gather(positions, sources=sources, out=out) is out
    assert torch.equal(*room)
    assert isinstance(at_once.examples.inputs, torch.Tensor)
    assert torch.equal(room[0], at_once.examples.inputs.flatten(0, 1)[positions])


@pytest.mark.parametrize("classes", [False, True])
def test_a_whole_fit_is_the_same(classes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    table, x = mixed(150), numbers(150)
    y = pl.Series("y", np.where(x[:, 0] > 0, "a", "b") if classes else x[:, 0])
    found = []
    for most in (1 << 30, 0):
        monkeypatch.setattr(problem, "_MOST_BYTES", most)
        found.append(fit(Question(table, y), recipe=QUICK, budget=LONG))
    first, second = found
    assert torch.equal(first.function.state, second.function.state)
    assert first.record.ladder[-1].validation == second.record.ladder[-1].validation
    assert np.array_equal(first.function.outputs(table), second.function.outputs(table))


def test_thinning_keeps_both_ends_and_the_order() -> None:
    assert thin(np.arange(10), 4).tolist() == [0, 3, 6, 9]
    assert thin(torch.arange(3), 3).tolist() == [0, 1, 2]


def test_very_many_rows_judge_and_teach_by_an_even_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problem, "MOST_JUDGES", 7)
    monkeypatch.setattr(problem, "_MOST_TEACHERS", 11)
    posed, rows = problem_of(mixed(120), pl.Series("y", numbers(120)[:, 0])), np.arange(120)
    folded = encode_folds(posed, [Fold(rows[:90], rows[90:])], deadline=NEVER)
    assert folded.validation(0).tolist() == thin(rows[90:], 7).tolist()
    assert len(folded.train(0)) == 90
    few = encode_folds(posed, [Fold(thin(rows[:90], 11), rows[90:])], deadline=NEVER)
    assert np.array_equal(encode(folded.encodings[0], posed.table), encode(few.encodings[0], posed.table))


def test_folds_by_content_keep_identical_rows_together_and_are_even() -> None:
    rows = 20_000
    contents = np.random.default_rng(0).integers(0, 5_000, rows).astype(np.uint64)
    splitter = Splitter("random", 5, np.zeros(rows), None, None, 3, contents)
    folds = splitter.split()
    assert np.array_equal(np.sort(np.concatenate([fold.validation for fold in folds])), np.arange(rows))
    for fold in folds:
        assert not set(contents[fold.train]) & set(contents[fold.validation])
        assert len(np.union1d(fold.train, fold.validation)) == rows
        assert 0.18 < len(fold.validation) / rows < 0.22
    inner = splitter.split(folds[0].train)
    for fold in inner:
        assert 0.18 < len(fold.validation) / len(folds[0].train) < 0.22
        assert np.isin(fold.train, folds[0].train).all()


def test_a_table_of_too_many_rows_to_sort_is_fitted_with_its_repetitions_in_one_fold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Random targets that each stand in two rows: were the two divided, a flexible function would seem to know them."""
    monkeypatch.setattr(pose, "_MOST_MERGED", 100)
    stream = np.random.default_rng(1)
    x, y = stream.standard_normal((150, 8)), stream.standard_normal(150)
    recipe = Recipe(rungs=("constant", "linear", "hard_sigmoids"), pieces=32)
    record = fit(Question(frame(np.tile(x, (2, 1))), pl.Series("y", np.tile(y, 2))), recipe=recipe, budget=LONG).record
    assert record.choice.rung == "constant"
