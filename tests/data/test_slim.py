from __future__ import annotations

import numpy as np
import polars as pl

from thetastar.data import content_numbers, decide_columns, encode, fit_encoding, slim

TEXTS = pl.DataFrame(
    {
        "town": ["Ulm", None, "Bonn", " ", "Ulm", "Bonn", "Ulm", "Bonn"],
        "paid": ["yes", "no", None, "no", "yes", "no", "yes", "no"],
        "code": ["007", "1", "007", "1", "007", "1", "007", "1"],
        "when": ["2024-01-01", "2024-01-02"] * 4,
        "size": [0.5, None, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5],
        "name": [f"{row} of them" for row in range(8)],
        "nothing": [None] * 8,
    },
    schema_overrides={"nothing": pl.String},
)


def test_the_values_stay_the_same_and_are_read_the_same() -> None:
    columns = decide_columns(TEXTS)
    table = slim(TEXTS, columns)
    assert table.columns == ["town", "paid", "code", "when", "size"]
    assert table.cast(dict.fromkeys(("town", "paid", "code"), pl.String)).equals(TEXTS.select(table.columns))
    encoding = fit_encoding(TEXTS, columns)
    assert fit_encoding(table, columns) == encoding
    assert np.array_equal(encode(encoding, table), encode(encoding, TEXTS))
    assert np.array_equal(content_numbers(table), content_numbers(TEXTS.select(table.columns)))


def test_a_text_takes_a_byte_a_row() -> None:
    towns = pl.DataFrame({"town": ["Ulm", "Castrop-Rauxel", "Bonn"] * 10_000})
    assert slim(towns, decide_columns(towns)).estimated_size() < 1.1 * towns.height


def test_of_columns_of_no_use_nothing_is_taken_away() -> None:
    useless = TEXTS.select("name", "nothing")
    assert slim(useless, decide_columns(useless)).equals(useless)
