"""Curves are thinned without skipping anything: every update's loss is in one of the means."""

from __future__ import annotations

import math

import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.fitting.tables import LONG, frame, numbers
from thetastar.fitting import Question, Recipe, fit
from thetastar.fitting.curves import _thin


@given(st.integers(1, 5000))
def test_the_thinned_means_hold_every_update(count: int) -> None:
    values = torch.rand(count, generator=torch.Generator().manual_seed(count), dtype=torch.float64)
    ends, means = _thin(values)
    lengths = [end - begin for begin, end in zip((0, *ends[:-1]), ends, strict=True)]
    assert len(ends) <= 151
    assert ends[0] == 1
    assert ends[-1] == count
    assert min(lengths) >= 1
    assert sum(length * mean for length, mean in zip(lengths, means, strict=True)) == pytest.approx(float(values.sum()))


def test_short_curves_stay_as_they_are() -> None:
    assert _thin(torch.tensor([3.0, 1.0])) == ((1, 2), (3.0, 1.0))
    assert _thin(torch.empty(0)) == ((), ())


def test_a_bad_update_is_never_hidden() -> None:
    values = torch.ones(4000)
    values[3210] = torch.nan
    assert any(math.isnan(mean) for mean in _thin(values)[1])


def test_every_trained_member_has_its_curve() -> None:
    x = numbers(90)
    recipe = Recipe(folds=3, rungs=("constant", "hidden"), width=8, epochs=5, learning_rates=(1e-3, 1e-2, 3e-2))
    curves = fit(Question(frame(x), pl.Series("y", x[:, 0] * x[:, 1])), recipe=recipe, budget=LONG).record.curves
    probes = [curve for curve in curves if curve.purpose == "probe"]
    folds = [curve for curve in curves if curve.purpose == "fold"]
    assert {(curve.learning_rate, curve.fold) for curve in probes} == {
        (rate, fold) for rate in (1e-3, 1e-2, 3e-2) for fold in (0, 1)
    }
    assert [curve.fold for curve in folds] == [0, 1, 2]
    assert len({curve.learning_rate for curve in folds}) == 1
    for curve in folds:
        assert len(curve.update) == len(curve.loss) == len(curve.gradient_norm)
        assert curve.validation_update[0] == 0
        assert curve.best_update in curve.validation_update
        best = curve.validation_update.index(curve.best_update)
        assert curve.validation_loss[best] == min(curve.validation_loss)


def test_rungs_that_are_computed_directly_have_none() -> None:
    x = numbers(60)
    recipe = Recipe(folds=3, rungs=("constant", "linear"))
    assert fit(Question(frame(x), pl.Series("y", x[:, 0])), recipe=recipe, budget=LONG).record.curves == ()
