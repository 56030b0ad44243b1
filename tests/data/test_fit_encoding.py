from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.tables import COLUMNS, SETTINGS, rows_of, table_of
from thetastar.data import (
    Encoding,
    EncodingSettings,
    check_finite,
    decide_columns,
    encode,
    fit_encoding,
)
from thetastar.data.encoding import BooleanPart, CategoryPart, NumberPart
from thetastar.errors import DataError, SavedFunctionError, UserError


def saved(encoding: Encoding) -> str:
    return json.dumps(encoding.to_json(), sort_keys=True)


@given(rows_of(max_size=20), rows_of(max_size=20), rows_of(max_size=20), SETTINGS)
def test_a_validation_row_cannot_influence_the_encoding(
    train: list[Any], one: list[Any], other: list[Any], settings: EncodingSettings
) -> None:
    poison = [{**row, "number": float("inf"), "word": f"new {i}"} for i, row in enumerate(other)]
    rows = np.arange(len(train))
    alone = fit_encoding(table_of(train), COLUMNS, settings=settings)
    for others in (one, poison):
        table = table_of([*train, *others])
        assert saved(fit_encoding(table, COLUMNS, rows=rows, settings=settings)) == saved(alone)
        weights = np.concatenate([np.ones(len(train)), np.zeros(len(others))])
        assert saved(fit_encoding(table, COLUMNS, weights=weights, settings=settings)) == saved(alone)


@given(rows_of(max_size=15), st.data(), SETTINGS)
def test_weights_are_repetitions_to_the_last_bit(
    rows: list[Any], data: st.DataObject, settings: EncodingSettings
) -> None:
    counts = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows))))
    if not counts.any():
        return
    repeated = table_of([row for row, count in zip(rows, counts, strict=True) for _ in range(count)])
    expected = saved(fit_encoding(repeated, COLUMNS, settings=settings))
    weights = counts.astype(np.float64)
    assert saved(fit_encoding(table_of(rows), COLUMNS, weights=weights, settings=settings)) == expected
    order = data.draw(st.permutations(range(len(rows))))
    shuffled = table_of([rows[i] for i in order])
    assert saved(fit_encoding(shuffled, COLUMNS, weights=weights[order], settings=settings)) == expected


@given(rows_of(max_size=15), SETTINGS)
def test_json_round_trips_to_the_last_bit(rows: list[Any], settings: EncodingSettings) -> None:
    table = table_of(rows)
    encoding = fit_encoding(table, COLUMNS, settings=settings)
    again = Encoding.from_json(json.loads(json.dumps(encoding.to_json(), allow_nan=False)))
    assert again == encoding
    assert encode(again, table).tobytes() == encode(encoding, table).tobytes()


def test_known_statistics() -> None:
    table = pl.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 100.0]})
    columns = decide_columns(table)
    (standard,) = fit_encoding(table, columns).parts
    assert isinstance(standard, NumberPart)
    assert standard.offset == 22.0
    assert standard.scale == pytest.approx(np.std([1, 2, 3, 4, 100]), rel=1e-15)
    assert (standard.middle, standard.missing, standard.knots) == (3.0, False, (1.0, 2.0, 3.0, 4.0, 100.0))
    (robust,) = fit_encoding(table, columns, settings=EncodingSettings(normalisation="robust")).parts
    assert isinstance(robust, NumberPart)
    assert (robust.offset, robust.smooth) == (3.0, True)
    assert robust.scale == pytest.approx((4 - 2) / 1.3489795)


def test_robust_falls_back_to_the_deviation() -> None:
    table = pl.DataFrame({"x": [5.0] * 9 + [6.5]})
    (part,) = fit_encoding(table, decide_columns(table), settings=EncodingSettings(normalisation="robust")).parts
    assert isinstance(part, NumberPart)
    assert part.scale == pytest.approx(np.std([5.0] * 9 + [6.5]))


def categories(words: list[str | None], **settings: int) -> CategoryPart:
    table = pl.DataFrame({"w": words})
    columns = decide_columns(table, overrules={"w": "category"})
    (part,) = fit_encoding(table, columns, settings=EncodingSettings(**settings)).parts
    assert isinstance(part, CategoryPart)
    return part


def test_rare_categories_share_an_output() -> None:
    words = ["a"] * 4 + ["b"] * 3 + ["c"] * 2 + ["d", None]
    assert categories(words) == CategoryPart("w", ("a", "b", "c", "d"), other=False, missing=True, rare=())
    assert categories(words, rare=2) == CategoryPart("w", ("a", "b", "c"), other=True, missing=True, rare=("d",))
    assert categories(words, most_categories=4).other is False
    assert categories(words, most_categories=3) == CategoryPart(
        "w", ("a", "b"), other=True, missing=True, rare=("c", "d")
    )
    assert categories(words, most_categories=1) == CategoryPart(
        "w", (), other=True, missing=True, rare=("a", "b", "c", "d")
    )


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ([True, False, None, True], BooleanPart("f", "false", "true", 2 / 3, True)),
        (["No", "yes"], BooleanPart("f", "no", "yes", 0.5, False)),
        ([0, 1], BooleanPart("f", "0", "1", 0.5, False)),
        (["x", None], BooleanPart("f", "", "x", 0.0, False)),
        ([5.0, 9.0, 9.0, 9.0], BooleanPart("f", "5", "9", 0.75, False)),
    ],
)
def test_booleans(values: list[Any], part: BooleanPart) -> None:
    table = pl.DataFrame({"f": values})
    assert fit_encoding(table, decide_columns(table, overrules={"f": "boolean"})).parts == (part,)


def test_a_boolean_that_shows_one_value_in_training_keeps_its_meaning() -> None:
    table = pl.DataFrame({"f": [True, True, False]})
    (part,) = fit_encoding(table, decide_columns(table), rows=[0, 1]).parts
    assert part == BooleanPart("f", "false", "true", 1.0, False)


def test_infinities_are_refused_with_the_row_of_the_table() -> None:
    table = pl.DataFrame({"x": [1.0, 2.5, np.inf, 3.0], "y": [1.0, 2.5, 3.0, 4.0]})
    columns = decide_columns(table)
    with pytest.raises(DataError, match=r"column 'x' holds 1 infinite value\(s\), the first in row 3"):
        fit_encoding(table, columns, rows=[1, 2, 3])
    with pytest.raises(DataError, match="row 3"):
        check_finite(table, columns)
    check_finite(table, columns[1:])
    assert fit_encoding(table, columns, rows=[0, 1, 3]).width > 0


def test_what_cannot_be_fitted_is_refused() -> None:
    table = pl.DataFrame({"x": [1.0, 2.5], "c": [1, 1]})
    columns = decide_columns(table)
    with pytest.raises(DataError, match="no column is used"):
        fit_encoding(table, columns[1:])
    with pytest.raises(DataError, match=r"lacks the column\(s\) \['x'\]"):
        fit_encoding(table.select("c"), columns)
    with pytest.raises(DataError, match="positive weight"):
        fit_encoding(table, columns, rows=[0], weights=np.array([0.0, 1.0]))
    with pytest.raises(UserError, match="no normalisation 'minmax'"):
        EncodingSettings(normalisation="minmax")
    with pytest.raises(UserError, match="can't be negative"):
        EncodingSettings(pieces=-1)


@pytest.mark.parametrize("change", [{"part": "tree"}, {"offset": "far"}, {"knots": 3}, {"kind": "colour"}])
def test_a_tampered_encoding_is_refused(change: dict[str, Any]) -> None:
    table = pl.DataFrame({"x": [1.0, 2.5]})
    values = fit_encoding(table, decide_columns(table)).to_json()
    values["parts"][0].update(change)
    with pytest.raises(SavedFunctionError, match="can't be read"):
        Encoding.from_json(values)
    with pytest.raises(SavedFunctionError, match="'parts'"):
        Encoding.from_json({"settings": {}})
