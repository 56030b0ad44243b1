from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.files import codes, column
from thetastar.data.text.missing import ALWAYS_MISSING, MISSING_BESIDE_VALUES


@pytest.mark.parametrize("word", [word for word in ALWAYS_MISSING if word])
def test_some_words_never_mean_anything_else(tmp_path: Path, word: str) -> None:
    read, reading = column(tmp_path, ["red", word, "blue", word])
    assert read == ["red", None, "blue", None]
    assert [(note.texts, note.rows) for note in reading.notes if note.code == "missing"] == [((word,), 2)]


@pytest.mark.parametrize("word", [word for word in MISSING_BESIDE_VALUES if word])
@pytest.mark.parametrize("values", [("1.5", "2"), ("2024-03-05", "2024-03-06"), ("yes", "no"), ("$5", "$6")])
def test_others_count_as_missing_beside_values(tmp_path: Path, word: str, values: tuple[str, str]) -> None:
    read, reading = column(tmp_path, [values[0], word.upper(), values[1], word])
    assert [value is None for value in read] == [False, True, False, True]
    assert "missing" in codes(reading)


@pytest.mark.parametrize("word", ["-", "none", "无", "NR", "."])
def test_and_may_be_an_answer_among_words(tmp_path: Path, word: str) -> None:
    read, reading = column(tmp_path, ["red", word, "blue"])
    assert read == ["red", word, "blue"]
    assert codes(reading) == {}


def test_a_pair_of_words_is_not_missing(tmp_path: Path) -> None:
    assert column(tmp_path, ["有", "无", "NA"])[0] == ["有", "无", None]


def test_nearly_all_numbers_make_the_other_words_missing(tmp_path: Path) -> None:
    numbers = [str(value / 7) for value in range(60)]
    read, reading = column(tmp_path, [*numbers, "trace", "trace", "broken"])
    assert read[-3:] == [None, None, None]
    assert read[:60] == [float(text) for text in numbers]
    assert codes(reading) == {"words_as_missing": ("trace", "broken")}
    assert column(tmp_path, [*numbers[:30], *["trace"] * 5])[0][0] == "0.0"  # more than one row in ten: words


def test_the_count_is_of_rows(tmp_path: Path) -> None:
    _, reading = column(tmp_path, ["1", "NR", "-", "NR", "", "2"])
    assert [(note.texts, note.rows) for note in reading.notes if note.code == "missing"] == [(("NR", "-"), 3)]
