"""Classes with too few rows to be judged are named, others are not."""

from __future__ import annotations

import numpy as np
import polars as pl

from tests.fitting.tables import CONVEX, LONG, frame, numbers, problem_of
from thetastar.fitting import Caution, Question, fit
from thetastar.fitting.checks.rare_classes import rare_classes


def named(classes: list[str]) -> list[Caution]:
    return list(rare_classes(problem_of(frame(numbers(len(classes))), pl.Series("y", classes))))


def test_classes_of_fewer_than_five_rows_are_named_the_rarest_first() -> None:
    (found,) = named(["few"] * 4 + ["five"] * 5 + ["many"] * 30 + ["single"])
    assert (found.code, found.numbers) == ("few_of_class", {"fewest": 5.0})
    assert found.classes == (3, 0)  # few, five, many, single


def test_where_all_classes_have_rows_enough_there_is_none() -> None:
    assert named(["five"] * 5 + ["many"] * 30) == []


def test_numbers_have_no_classes() -> None:
    assert list(rare_classes(problem_of(frame(numbers(40)), pl.Series("y", np.arange(40.0))))) == []


def test_copies_of_a_row_count_once_and_the_record_says_so() -> None:
    x = numbers(60)
    table = pl.concat([frame(x), frame(x[:1])] + [frame(x[:1])] * 6)
    y = pl.Series("y", ["rare"] + ["a", "b"] * 29 + ["a"] + ["rare"] * 7)
    record = fit(Question(table, y), recipe=CONVEX, budget=LONG).record
    caution = next(one for one in record.cautions if one.code == "few_of_class")
    assert [record.target.classes[place] for place in caution.classes] == ["rare"]
