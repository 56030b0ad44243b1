"""How good predictions of a number are, in words."""

from __future__ import annotations

import dataclasses

import pytest

from thetastar.fitting.evidence import WorstRow
from thetastar.fitting.record import Series
from thetastar.report import accuracy, figures
from thetastar.report.words import LANGUAGES, say

from . import records
from .plotly_figures import checked
from .records import measured


def test_a_row_a_level_with_what_was_measured() -> None:
    rows = accuracy.interval_rows(records.regression())
    assert [row.asked for row in rows] == ["50\u00a0%", "80\u00a0%", "90\u00a0%", "95\u00a0%"]
    assert rows[2].measured.startswith("89.60\u00a0±")
    assert rows[2].length == "1,104"
    assert accuracy.interval_rows(records.classification()) == ()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_says_whether_the_length_changes(lang: str) -> None:
    record = records.regression()
    check = record.evidence.intervals
    assert check is not None
    assert all(words in accuracy.intervals(record, lang) for words in ("330", "2,900", "90"))
    inputs = measured(record, intervals=dataclasses.replace(check, by="inputs", columns=("carat", "clarity")))
    names = say("list.comma", lang).join(("carat", "clarity"))
    assert names in accuracy.intervals(inputs, lang)
    assert names not in accuracy.intervals(record, lang)
    assert len({accuracy.band(one, lang) for one in (record, inputs, records.classification())}) == 3
    same = measured(record, intervals=dataclasses.replace(check, by="", tenths=()))
    assert say("good.intervals.same", lang) in accuracy.intervals(same, lang)
    assert accuracy.intervals(records.tiny(), lang) == ""


def test_the_ends_are_drawn_beside_the_diagonal() -> None:
    record = records.regression()
    check = record.evidence.intervals
    assert check is not None
    low, high = checked(figures.predicted_figure(record, "en")).data[2:]
    assert (low.x, high.x) == (check.low, check.high)
    assert low.y == high.y == check.predicted
    assert len(checked(figures.predicted_figure(measured(record, intervals=None), "en")).data) == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_columns_with_something_left_are_named(lang: str) -> None:
    record = records.regression()
    assert "carat" in accuracy.residuals(record, lang)
    quiet = tuple(
        dataclasses.replace(curve, band=dataclasses.replace(curve.band, beyond=False))
        for curve in record.evidence.residuals
    )
    assert "carat" not in accuracy.residuals(measured(record, residuals=quiet), lang)


def test_the_worst_rows_show_their_most_important_columns_first() -> None:
    record = records.regression()
    table = accuracy.worst_table(record, "en", most=3)
    assert table.columns == ("carat", "clarity", "cut")
    assert table.rows[0] == ("5,000", "16,000", "8,000", "−8,000", "2.01", "SI2", "")
    assert table.rows[2][0] == "4,174 (one of 2)"
    assert accuracy.worst_table(records.classification(), "en").rows == ()


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("0.02828484012237895", "0.0282848"),
        ("-1e-05", "-1e-05"),
        ("-0.0000123456789", "−1.23457·10⁻⁵"),
        ("62.1", "62.1"),
        ("1.2.3-beta-4567", "1.2.3-beta-4567"),
        ("12345678901", "12345678901"),
    ],
)
def test_decimals_of_the_worst_rows_that_no_one_reads_are_left_out(cell: str, shown: str) -> None:
    worst = WorstRow(row=1, rows=1, truth=1.0, prediction=2.0, values={"one": cell})
    record = measured(records.regression(), worst=(worst,), importance=())
    assert accuracy.worst_table(record, "en").rows[0][-1] == shown


def test_residuals_are_drawn_with_their_band() -> None:
    record = records.regression()
    curve = record.evidence.residuals[0]
    dots, low, high, line = checked(figures.residual_figure(record, "carat")).data
    assert (dots.x, dots.y) == (curve.x, curve.missed)
    assert (low.y, line.y, high.y) == (curve.band.low, curve.band.mean, curve.band.high)
    (levels,) = checked(figures.residual_figure(record, "clarity")).data
    assert levels.x == (12.0, -30.0, 4.0)
    assert levels.error_x.array == (25.0, 25.0, 25.0)


def test_a_few_rows_far_off_do_not_flatten_the_rest() -> None:
    record = records.regression()
    curve = record.evidence.residuals[1]
    far = dataclasses.replace(curve, missed=(1e6, -1e6, *curve.missed[2:]))
    low, high = checked(figures.residual_figure(measured(record, residuals=(far,)), "depth")).layout.yaxis.range
    assert max(abs(low), abs(high)) < 500


@pytest.mark.parametrize("lang", LANGUAGES)
def test_of_a_series_windows_are_counted(lang: str) -> None:
    record = records.regression()
    cut = dataclasses.replace(record, series=Series(time="date", group="", lags=24, windows=900))
    assert accuracy.worst(cut, lang) != accuracy.worst(record, lang)
    assert "diamonds.csv" in accuracy.worst(record, lang)
