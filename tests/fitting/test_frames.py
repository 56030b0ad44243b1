"""The ladder and the curves as tables hold what the record holds."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.report.records import diverged, regression, tiny
from thetastar.fitting.frames import curves_frame, ladder_frame


def test_ladder_holds_means_and_standard_errors() -> None:
    record = regression()
    ladder = ladder_frame(record)
    for row, rung in zip(ladder.iter_rows(named=True), record.ladder, strict=True):
        folds = np.asarray(rung.validation)
        assert (row["rung"], row["parameters"], row["outcome"]) == (rung.name, rung.parameters, rung.outcome)
        assert row["training_loss"] == pytest.approx(np.mean(rung.training))
        assert row["validation_loss"] == pytest.approx(folds.mean())
        assert row["standard_error"] == pytest.approx(folds.std(ddof=1) / math.sqrt(len(folds)))


def test_standard_error_is_nan_where_it_cannot_be_told() -> None:
    assert math.isnan(ladder_frame(diverged())["standard_error"][-1])
    one_fold = tuple(replace(rung, validation=rung.validation[:1]) for rung in regression().ladder)
    assert ladder_frame(replace(regression(), ladder=one_fold))["standard_error"].is_nan().all()


def test_curves_hold_every_point() -> None:
    record = regression()
    points = curves_frame(record)
    assert len(points) == sum(2 * len(curve.update) + len(curve.validation_update) for curve in record.curves)
    first = record.curves[0]
    head = points.head(len(first.update))
    assert head["quantity"].unique().to_list() == ["loss"]
    assert (head["update"].to_list(), head["value"].to_list()) == (list(first.update), list(first.loss))


def test_no_curves_is_an_empty_table_with_the_same_columns() -> None:
    assert curves_frame(tiny()).schema == curves_frame(regression()).schema
    assert curves_frame(tiny()).is_empty()
