"""Tables: one row for everything the record holds."""

from __future__ import annotations

import dataclasses

import pytest

from thetastar.report import tables

from . import records


def test_the_ladder_marks_the_rung_that_was_kept() -> None:
    rows = tables.rung_rows(records.regression(), "en")
    assert [row.code for row in rows] == list(records.RUNGS)
    assert [row.code for row in rows if row.kept] == ["hidden"]
    assert rows[0].difference == ""
    assert "−0.0775" in rows[1].difference


def test_errors_are_in_the_targets_unit_or_a_share_of_rows() -> None:
    assert tables.rung_rows(records.tiny(), "en")[0].error == "2.191\u00a0±\u00a00.008"
    assert tables.rung_rows(records.classification(), "en")[1].error.endswith("%")


def test_every_column_has_a_row() -> None:
    record = records.regression()
    rows = tables.column_rows(record.columns, "en")
    assert [row.name for row in rows] == [column.name for column in record.columns]
    assert [row.used for row in rows] == [column.used for column in record.columns]


def test_confusion_shares_are_of_the_true_class() -> None:
    found = tables.confusion(records.classification())
    assert found is not None
    assert found.total == "333"
    for row in found.rows:
        assert sum(cell.share for cell in row.cells) == pytest.approx(1)
    assert [row.found for row in found.rows] == ["96.6\u00a0%", "83.8\u00a0%", "94.1\u00a0%"]


def test_confusion_of_many_classes_shows_the_most_frequent() -> None:
    record = records.classification()
    classes = tuple(f"class {place}" for place in range(30))
    table = tuple(tuple(place if place == guess else 0 for guess in range(30)) for place in range(30))
    record = dataclasses.replace(
        record,
        target=dataclasses.replace(record.target, classes=classes),
        held_out=dataclasses.replace(record.held_out, confusion=table),
    )
    found = tables.confusion(record)
    assert found is not None
    assert found.classes == classes[-tables.MOST_CLASSES :]


def test_regression_has_no_confusion() -> None:
    assert tables.confusion(records.regression()) is None


def test_settings_print_on_one_line() -> None:
    settings = {"learning_rate": 0.0031622776, "width": 64, "rule": "adam"}
    assert tables.settings_code(settings) == "learning_rate=0.003162, width=64, rule='adam'"
