from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tests.fitting.tables import mixed, numbers, problem_of
from thetastar.data import Fold
from thetastar.fitting import Recipe
from thetastar.fitting.problem import Problem
from thetastar.fitting.saving import fingerprint as module
from thetastar.fitting.saving.fingerprint import fingerprint

FOLDS = (Fold(np.arange(20), np.arange(20, 40)), Fold(np.arange(20, 40), np.arange(20)))


def marks(problem: Problem, folds: tuple[Fold, ...] = FOLDS) -> dict[str, str]:
    return fingerprint(problem, folds, Recipe(), seed=0)


def problem() -> Problem:
    return problem_of(mixed(40), pl.Series("y", numbers(40)[:, 0]))


def test_it_does_not_depend_on_the_blocks_in_which_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = marks(problem())
    monkeypatch.setattr(module, "_BLOCK", 7)
    assert marks(problem()) == at_once


def test_each_part_has_its_own() -> None:
    one, first = problem(), marks(problem())
    other = one.y.copy()
    other[-1] += 1
    assert [name for name, mark in marks(replace(one, y=other)).items() if mark != first[name]] == ["target"]
    heavier = replace(one, weights=np.full(40, 2.0))
    assert [name for name, mark in marks(heavier).items() if mark != first[name]] == ["target"]
    assert [name for name, mark in marks(one, FOLDS[::-1]).items() if mark != first[name]] == ["folds"]


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["Bonn", "Köln", "Ulm"])])
def test_categories_count_by_their_text(dtype: pl.DataType) -> None:
    one = problem()
    towns = pl.Series("town", ["Bonn", "Ulm"] * 20)
    texts, numbered = (replace(one, table=one.table.with_columns(column)) for column in (towns, towns.cast(dtype)))
    assert marks(numbered)["table"] == marks(texts)["table"]
    renamed = towns.replace("Ulm", "Köln").cast(pl.Enum(["Bonn", "Köln"]))
    assert marks(replace(one, table=one.table.with_columns(renamed)))["table"] != marks(texts)["table"]
