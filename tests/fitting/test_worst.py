"""The worst rows are named by their number in the source, whatever was sorted, merged or left out on the way."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest

from tests.fitting.tables import CONVEX, LONG, noise, numbers
from thetastar.data.convert import as_labels
from thetastar.estimators import Regressor
from thetastar.fitting import Question, fit, worst


def test_planted_errors_are_found_in_their_rows() -> None:
    x = numbers(200)[:, 0]
    table = pl.DataFrame(
        {
            "x": [None if place == 17 else value for place, value in enumerate(x)],
            "town": pl.Series(["Ulm", "Bonn"] * 100, dtype=pl.Categorical),
            "day": [datetime.date(2020, 1, 1) + datetime.timedelta(days=place % 50) for place in range(200)],
            "id": [f"house {place}" for place in range(200)],
        }
    )
    y = 3 * x + noise(200)
    y[[17, 120]] += [500.0, -900.0]
    record = fit(Question(table, pl.Series("y", y)), recipe=CONVEX, budget=LONG).record
    first, second = record.evidence.worst[:2]
    assert (first.row, second.row) == (121, 18)
    assert first.truth == y[120]
    assert first.values == {"x": str(x[120]), "town": "Ulm", "day": "2020-01-21"}
    assert second.values["x"] == ""
    assert len(record.evidence.worst) == 10
    errors = [abs(one.truth - one.prediction) for one in record.evidence.worst]
    assert errors == sorted(errors, reverse=True)
    assert all(y[one.row - 1] == one.truth for one in record.evidence.worst)


def test_identical_rows_are_counted_and_rows_left_out_before_are_too() -> None:
    x = np.concatenate([numbers(60)[:, 0], [0.5, 0.5]])
    y = 2 * x
    y[60:] = 80.0
    weights = np.ones(62)
    weights[:10] = 0
    model = Regressor(recipe=CONVEX, random_state=0).fit(x.reshape(-1, 1), y, sample_weight=weights)
    worst = model.record_.evidence.worst[0]
    assert (worst.row, worst.rows) == (61, 2)


def test_classes_have_none() -> None:
    table = pl.DataFrame({"x": numbers(60)[:, 0]})
    record = fit(Question(table, pl.Series("y", table["x"] > 0)), recipe=CONVEX, budget=LONG).record
    assert record.evidence.worst == ()
    assert record.evidence.residuals == ()


def test_of_hundreds_of_columns_only_the_shown_rows_are_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []

    def counting(series: pl.Series) -> pl.Series:
        written.append(len(series))
        return as_labels(series)

    table = pl.DataFrame({f"x{place}": numbers(60)[:, 0] + place for place in range(30)})
    monkeypatch.setattr(worst, "as_labels", counting)
    fit(Question(table, pl.Series("y", table["x0"] + noise(60))), recipe=CONVEX, budget=LONG)
    assert written == [10] * 30
