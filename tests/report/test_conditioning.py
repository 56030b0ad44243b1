"""Words about what normalising the columns did for descent."""

from __future__ import annotations

import dataclasses
import math

import pytest

from thetastar.fitting.record import Conditioning
from thetastar.report.conditioning import conditioning
from thetastar.report.words import LANGUAGES

from . import records


def said(found: Conditioning | None, lang: str = "en") -> str:
    return conditioning(dataclasses.replace(records.regression(), conditioning=found), lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_numbers_before_and_after_are_told(lang: str) -> None:
    words = said(Conditioning(3.4e5, 12.0, 211_000.0, 31.0), lang)
    for told in ("340,000", "12", "211,000", "31"):
        assert told in words
    assert "{" not in words


def test_updates_are_left_out_for_classes() -> None:
    assert "updates" not in said(Conditioning(3.4e5, 12.0, None, None))


def test_what_float64_cannot_tell_is_said_so() -> None:
    assert said(Conditioning(math.inf, 12.0, math.inf, 31.0)).count("more than 10¹⁵") == 2


def test_nothing_is_said_of_nothing() -> None:
    assert said(None) == ""
