"""Permutation importance: a closed form for a line, the table itself permuted, and columns that tell nothing."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
import torch

from tests.fitting.explain.subjects import subject_of
from tests.fitting.tables import NEVER, frame, mixed, noise, numbers
from thetastar.data import encode
from thetastar.descent import Deadline
from thetastar.fitting.explain import Subject, importance
from thetastar.fitting.explain.importance import donors
from thetastar.fitting.problem import in_unit, pad
from thetastar.fitting.rungs.combine import row_losses


def test_a_line_gives_twice_its_slope_squared_times_the_variance() -> None:
    """E(w·x′ − w·x)² over an independent x′ is 2w²·Var x, and the loss is of a target of deviation 1."""
    x = numbers(3000)
    y = pl.Series("y", 3 * x[:, 0] + 1 * x[:, 1])
    found = {one.column: one for one in importance(subject_of(frame(x), y), deadline=NEVER)}
    variance = 9 * x[:, 0].var() + x[:, 1].var()
    for column, slope in (("x1", 3.0), ("x2", 1.0)):
        place = int(column[1]) - 1
        expected = 2 * slope**2 * x[:, place].var()
        assert np.mean(found[column].loss) == pytest.approx(expected / variance, rel=0.05)
        assert np.mean(found[column].error) == pytest.approx(math.sqrt(expected), rel=0.05)
        assert len(found[column].loss) == 3
        assert found[column].permutations == 5


@pytest.mark.parametrize("rung", ["linear", "hard_sigmoids", "hidden"])
def test_it_is_the_column_of_the_table_that_is_permuted_before_it_is_encoded(rung: str) -> None:
    """Numbers, categories, booleans and dates with gaps, against the table permuted and encoded anew."""
    table = mixed(120)
    y = pl.Series(
        "y", table["size"].fill_null(0).to_numpy() + 20 * (table["town"] == "Ulm").fill_null(False).to_numpy()
    )
    subject = subject_of(table, y, rung=rung)
    found = {one.column: one for one in importance(subject, deadline=NEVER)}
    for position, column in enumerate(table.columns):
        assert found[column].loss == pytest.approx(by_hand(subject, column, position), rel=1e-3, abs=1e-6)


def by_hand(subject: Subject, column: str, position: int) -> list[float]:
    """Permute the table's column, encode it again, predict, and take the mean loss, fold by fold."""
    increases = []
    for fold in range(subject.folds):
        rows = subject.folded.folds[fold].validation
        table = subject.problem.table[rows]
        before, after = loss_on(subject, fold, table), []
        for permutation in range(5):
            random = np.random.default_rng((0, fold, permutation, position))
            moved = table.with_columns(table[column][donors(np.ones(len(rows)), random)])
            after.append(loss_on(subject, fold, moved))
        increases.append(float(np.mean(after)) - before)
    return increases


def loss_on(subject: Subject, fold: int, table: pl.DataFrame) -> float:
    folded, rows = subject.folded, subject.folded.folds[fold].validation
    inputs = folded.examples.inputs.new_empty(len(rows), folded.width)
    pad(
        torch.from_numpy(encode(folded.encodings[fold], table)), folded.encodings[fold], into=inputs, plain=folded.plain
    )
    predicted = in_unit(subject.outputs(fold, inputs), subject.problem.target, folded.scales[fold]).double()
    return float(row_losses(subject.loss, predicted, subject.problem.y[rows], folded.scales[fold]).mean())


def test_a_column_that_tells_nothing_has_no_importance() -> None:
    x = numbers(600, columns=3)
    found = importance(subject_of(frame(x), pl.Series("y", 2 * x[:, 0] + noise(600))), deadline=NEVER)
    assert found[0].column == "x1"
    useless = [one for one in found if one.column != "x1"]
    assert max(abs(np.mean(one.loss)) for one in useless) < 0.01 * np.mean(found[0].loss)


def test_classes_lose_rows() -> None:
    x = numbers(600)
    y = pl.Series("y", np.where(x[:, 0] > 0, "yes", "no"))
    found = {one.column: one for one in importance(subject_of(frame(x), y), deadline=NEVER)}
    assert np.mean(found["x1"].error) == pytest.approx(0.5, abs=0.08)  # half of the rows get the other class
    assert abs(np.mean(found["x2"].error)) < 0.02
    assert np.mean(found["x1"].loss) > 10 * abs(np.mean(found["x2"].loss))


def test_a_constant_needs_no_column() -> None:
    assert importance(subject_of(frame(numbers(60)), pl.Series("y", noise(60)), rung="constant"), deadline=NEVER) == ()


def test_without_time_nothing_is_claimed() -> None:
    subject = subject_of(frame(numbers(60)), pl.Series("y", numbers(60)[:, 0]))
    assert importance(subject, deadline=Deadline.after(0.0)) == ()


def test_each_row_gives_its_value_once_and_heavy_rows_give_it_more_often() -> None:
    random = np.random.default_rng(0)
    assert sorted(donors(np.full(7, 0.3), random)) == list(range(7))
    counts = np.bincount(donors(np.array([1.0, 2.0, 5.0, 1.0, 1.0, 1.0, 1.0, 2.0, 1.0, 1.0]), random), minlength=10)
    assert counts.sum() == 10
    assert counts[2] in (3, 4)  # 5 of 16, over 10 rows
