"""What is said of shared rows and of how good predictions were, in both languages."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from thetastar.data import Target
from thetastar.fitting.classes import Measured
from thetastar.fitting.new_rows.appraisal import Appraisal
from thetastar.fitting.new_rows.new_score import NewScore
from thetastar.fitting.new_rows.shared_rows import SharedRows
from thetastar.report.appraisal import appraised

PRICE = Target("price", "regression", (), "numeric")
GRADE = Target("grade", "classification", ("a", "b"), "text")
SHARED = SharedRows(
    rows=2_000,
    compared=2_000,
    inputs=30,
    compared_rows=1_900,
    same=29,
    first=(3, 4, 8, 9, 12),
    repeated=0,
    chance_error=0,
)
SAMPLED = replace(SHARED, compared=400, inputs=100, compared_rows=380, same=95)
NUMBERS = NewScore(1_900, Measured(0.93, 0.91, 0.95), 12.3)
CLASSES = NewScore(1_900, Measured(0.931, 0.92, 0.94), math.nan)
NONE = NewScore(0, Measured(math.nan, math.nan, math.nan), math.nan)


def test_nothing_is_said_where_there_is_nothing_to_say() -> None:
    assert appraised(Appraisal(None, None, None), PRICE, "en") == ()
    assert appraised(Appraisal(replace(SHARED, inputs=0), NONE, None), PRICE, "en") == ()
    chance = replace(SHARED, repeated=0.01, chance_error=0.002)
    assert appraised(Appraisal(chance, None, None), PRICE, "en") == ()


def test_shared_rows_are_told_with_their_numbers() -> None:
    (said,) = appraised(Appraisal(SHARED, None, None), PRICE, "en")
    assert said.startswith("30 of 2,000 rows to predict are among those that the function was found in")
    assert "first rows 3, 4, 8, 9, 12." in said
    assert said.endswith("Of 1,900 rows with a value for price, 29 stood there with the same one.")
    (said,) = appraised(Appraisal(SAMPLED, None, None), PRICE, "en")
    assert said.startswith("About 25.0\u00a0±\u00a02.2\u00a0% of 2,000 rows")
    assert "(100 of 400 rows that could be compared)" in said
    (said,) = appraised(Appraisal(replace(SHARED, inputs=300, repeated=0.1), None, None), PRICE, "en")
    assert "by chance in 10.0\u00a0% of new rows" in said


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_where_the_truth_does_not_vary_there_is_an_error_and_no_share_of_the_variance(lang: str) -> None:
    alike = NewScore(1, Measured(math.nan, math.nan, math.nan), 133.0)
    (said, without) = appraised(Appraisal(None, alike, alike), PRICE, lang)
    for words in (said, without):
        assert "133" in words
        assert "R² –" not in words


def test_scores_are_told_with_their_intervals() -> None:
    assert appraised(Appraisal(None, NUMBERS, None), PRICE, "en") == (
        "On 1,900 rows with a value for price: R² 0.930 (0.910–0.950), root mean squared error 12.3.",
    )
    _, without = appraised(Appraisal(None, CLASSES, replace(CLASSES, rows=40)), GRADE, "en")
    assert without == (
        "Without rows that it was found in, on 40 rows: 93.1\u00a0% (92.0–94.0) put into the right class."
    )
    assert appraised(Appraisal(None, CLASSES, NONE), GRADE, "en")[1].endswith("none is left to judge it by.")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_sentence_has_words(lang: str) -> None:
    lines = [
        line
        for target, score in ((PRICE, NUMBERS), (GRADE, CLASSES))
        for shared in (replace(SHARED, inputs=900, repeated=0.1), SAMPLED)
        for others in (score, NONE)
        for line in appraised(Appraisal(shared, score, others), target, lang)
    ]
    assert not any("{" in line for line in lines)
