"""What new rows hold that the function was not found in, said in both languages."""

from __future__ import annotations

import pytest

from thetastar.data import Column, Kind
from thetastar.fitting.new_rows.unfamiliar import NewRows, Unfamiliar
from thetastar.report.unfamiliar import told

SIZE = Column("size", Kind.number, True, "numeric", 0, 9, "1", False)
SOLD = Column("sold", Kind.date, True, "dates", 0, 9, "2020-01-01", False)
TOWN = Column("town", Kind.category, True, "few_distinct", 0, 3, "Ulm", False)
FOUND = (
    Unfamiliar(SIZE, "far", 2, 3, "1e9", (-1.5, 20_000.0)),
    Unfamiliar(SOLD, "far", 1, 4, "2199-01-01", (0.0, 18_262.5)),
    Unfamiliar(SOLD, "far", 1, 4, "x", (0.0, 1e12)),
    Unfamiliar(TOWN, "category", 1, 1_234, "a town " * 9, ()),
    *(Unfamiliar(SIZE, code, 1, 5, "w", (0.0, 1.0)) for code in ("unreadable", "infinite", "missing")),
)


def test_nothing_is_said_of_familiar_rows() -> None:
    assert told(NewRows(5, 0, (), ()), "en") == ()


def test_everything_is_said_with_its_numbers() -> None:
    said = told(NewRows(2_000, 4, ("a", "b"), FOUND), "en")
    assert said[0].endswith("the function doesn’t know them: a, b.")
    assert said[1] == "4 of 2,000 rows hold a value unlike those that the function was found in:"
    assert said[2].startswith("size: 2 rows far outside the range that the function was found in (−1.50 to 20,000)")
    assert "(1970-01-01 to 2020-01-01)" in said[3]
    assert "to 1·10¹²" in said[4]
    assert "first 'a town a town a town a t…' in row 1,234." in said[5]
    assert len(said) == 2 + len(FOUND)


def test_years_are_written_as_years() -> None:
    year = Unfamiliar(SIZE, "far", 1, 2, "1999", (1935.0, 1954.0))
    assert "(1935 to 1954)" in told(NewRows(3, 1, (), (year,)), "en")[1]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_code_has_words(lang: str) -> None:
    said = told(NewRows(2_000, 4, ("a",), FOUND), lang)
    assert not any("{" in line for line in said)
    assert len(set(said)) == len(said)
