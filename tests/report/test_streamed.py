"""What is said of a function that went on over all rows of a file: kept or not, how far, or why not at all."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from thetastar.fitting.record import Streamed
from thetastar.report.streamed import streamed
from thetastar.report.words import LANGUAGES

from . import records
from .test_words import CODES


def words(lang: str = "en", **changes: Any) -> str:
    record = records.streamed()
    assert record.streamed is not None
    return streamed(dataclasses.replace(record, streamed=dataclasses.replace(record.streamed, **changes)), lang)


def test_rows_losses_and_throughput_are_told() -> None:
    told = words().replace("\xa0", " ")
    for part in ("49,950,101 rows", "50,000,000", "each row once", "6 min 52 s", "121,238 rows and 4.85 MB a second"):
        assert part in told
    for part in ("49,899 rows", "0.02263 to 0.01984", "−0.00279 ± 0.00021", "that went on was kept"):
        assert part in told


def test_errors_are_in_the_target_s_unit_or_in_rows() -> None:
    assert "600 with the sample’s function, 562 with the one that went on" in words()
    found = Streamed(method="descent", before_error=0.2, after_error=0.1)
    told = streamed(dataclasses.replace(records.classification(), streamed=found), "en")
    assert "put 20.0\xa0% into a wrong class" in told


def test_nothing_is_said_where_memory_held_all_rows() -> None:
    assert streamed(records.regression(), "en") == ""


def test_a_worse_function_is_not_kept() -> None:
    told = words(kept=False, after=0.03)
    assert "which is worse: the sample’s function was kept" in told


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("method", CODES["streamed.how."])
@pytest.mark.parametrize("stopped", CODES["notice."])
def test_how_it_ended(stopped: str, method: str, lang: str) -> None:
    told = words(lang, stopped=stopped, method=method)
    assert told.startswith(words(lang, method=method))
    assert (told == words(lang, method=method)) == (stopped == "finished")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("why", CODES["streamed.skipped."])
def test_why_it_did_not_go_on(why: str, lang: str) -> None:
    told = words(lang, skipped=why, problem="line 7 has 4 cells")
    assert "50,000,000" in told
    assert ("line 7 has 4 cells" in told) == (why == "unreadable")
