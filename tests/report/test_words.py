"""The catalogue: both languages say everything, with the same numbers; every code of a record has words."""

from __future__ import annotations

import re
import string
from importlib.resources import files
from pathlib import Path
from typing import get_args

import polars as pl
import pytest

import thetastar
from thetastar.data import Kind, decide_columns
from thetastar.data.codes import NoteCode
from thetastar.descent import Ended
from thetastar.descent.rule import RULES
from thetastar.errors import UserError
from thetastar.fitting.codes import (
    CautionCode,
    CombinedKind,
    CombinedWhy,
    Dependence,
    Learned,
    LimitCode,
    NotStreamed,
    OutcomeCode,
    Plane,
    Stopped,
)
from thetastar.functions import RUNGS
from thetastar.landscape.directions import Kind as Kinds
from thetastar.losses import LOSSES
from thetastar.report.words import LANGUAGES, catalogue, knows, say

SAID_IN_PARTS = {"known_after": ("missing", "same"), "conflicts": ("regression", "classification")}  # of cautions
CODES = {
    "rung.": tuple(RUNGS),
    "found.": tuple(RUNGS),
    "outcome.": get_args(OutcomeCode),
    "limit.": (*(code for code in get_args(LimitCode) if code != "noise"), "noise.regression", "noise.classification"),
    "caution.": (
        *(code for code in get_args(CautionCode) if code not in SAID_IN_PARTS),
        *(f"{code}.{part}" for code, parts in SAID_IN_PARTS.items() for part in parts),
    ),
    "reading.": get_args(NoteCode),
    "kind.": tuple(kind.value for kind in Kind),
    "split.": ("random", "stratified", "time", "group", "blocked"),
    "independence.": tuple(code for code in get_args(Dependence) if code != "dependent"),
    "independence.dependent.": ("rows", "time", "group"),
    "combined.": get_args(CombinedKind),
    "combined.why.": get_args(CombinedWhy),
    "streamed.how.": tuple(filter(None, get_args(Learned))),
    "streamed.skipped.": tuple(filter(None, get_args(NotStreamed))),
    "notice.": get_args(Stopped),
    "ended.": get_args(Ended),
    "loss.": tuple(LOSSES),
    "data.target.": ("regression", "classification"),
    "descent.surface.": get_args(Plane),
    "landscape.axis.": tuple(kind for kind in get_args(Kinds) if kind != "parameters"),
    "method.": tuple(RULES),
    "target.reason.": ("numeric", "integer_codes", "few_integers", "two_values", "text", "hours", "boolean", "asked"),
    "data.target.hint.": ("integer_codes", "few_integers", "two_values"),
    "column.reason.": (
        *("empty", "one_value", "one_value_or_missing", "boolean", "boolean_words", "zero_one", "dates", "times"),
        *("durations", "numeric", "integer_codes", "row_number"),
        *(
            "named_identifier",
            "unnamed_identifier",
            "only_column",
            "categorical_dtype",
            "few_distinct",
            "many_distinct",
            "long_text",
        ),
        *("all_distinct_text", "distinct_code", "mostly_distinct_text", "overruled"),
    ),
}
PACKAGE = Path(thetastar.__file__).parent
CHINESE = re.compile(r"[\u3400-\u9fff]")


def placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


@pytest.mark.parametrize("key", catalogue())
def test_every_key_has_every_language_with_the_same_placeholders(key: str) -> None:
    words = catalogue()[key]
    assert set(words) == set(LANGUAGES)
    assert placeholders(words["en"]) == placeholders(words["zh"])


@pytest.mark.parametrize("key", [f"{prefix}{code}" for prefix, codes in CODES.items() for code in codes])
def test_every_code_of_a_record_has_words(key: str) -> None:
    assert knows(key)


def said() -> list[re.Pattern[str]]:
    """Every text in the source that may be a key, with any code in the place of what is put into it."""
    source = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*") if path.suffix in (".py", ".j2"))
    keys = [re.split(r"\{[^{}]*\}", key) for key in re.findall(r'"((?:[a-z0-9_.]|\{[^{}]*\})+)"', source)]
    keys += re.findall(r'"([a-z0-9_.]+\.)" ~ [\w.(]+()', source)  # the template's: "rung." ~ rung.name
    return [re.compile("[a-z0-9_]+".join(map(re.escape, key))) for key in keys]


def test_all_words_are_said_somewhere() -> None:
    patterns = said()
    assert [key for key in catalogue() if not any(pattern.fullmatch(key) for pattern in patterns)] == []


@pytest.mark.parametrize("rung", CODES["rung."])
def test_every_rung_has_a_meaning(rung: str) -> None:
    assert knows(f"rung.{rung}.meaning")


@pytest.mark.parametrize("loss", CODES["loss."])
def test_every_loss_has_a_meaning(loss: str) -> None:
    assert knows(f"loss.{loss}.meaning")


@pytest.mark.parametrize("key", catalogue())
def test_english_holds_no_chinese_and_long_chinese_is_chinese(key: str) -> None:
    words = catalogue()[key]
    assert not CHINESE.search(words["en"])
    assert len(words["zh"]) < 25 or CHINESE.search(words["zh"])


def test_every_reason_that_a_table_gives_has_words() -> None:
    numbers = list(range(50))
    table = pl.DataFrame(
        {
            "measured": [n / 7 for n in numbers],
            "count": [n % 5 for n in numbers],
            "flag": [n % 2 for n in numbers],
            "answer": ["yes" if n % 3 else "no" for n in numbers],
            "truth": [n % 2 == 0 for n in numbers],
            "town": [("Ulm", "Bonn", "Kiel")[n % 3] for n in numbers],
            "typed": [str(n / 3) for n in numbers],
            "same": [1] * 50,
            "nothing": [None] * 50,
            "rare": [1 if n == 3 else None for n in numbers],
            "row_id": numbers,
            "name": [f"person {n}" for n in numbers],
            "day": [f"2024-01-{n % 28 + 1:02d}" for n in numbers],
            "remark": [f"{'long ' * 40}{n}" for n in numbers],
        }
    )
    reasons = {column.reason for column in decide_columns(table, overrules={"town": "text"})}
    assert len(reasons) > 8
    assert [reason for reason in reasons if not knows(f"column.reason.{reason}")] == []


def test_no_key_is_written_twice() -> None:
    text = files("thetastar.report").joinpath("words.json").read_text(encoding="utf-8")
    keys = re.findall(r'^  "([^"]+)": \{', text, flags=re.MULTILINE)
    assert len(keys) == len(set(keys)) == len(catalogue())


def test_numbers_are_filled_in() -> None:
    assert say("counted.rows.many", "en", count="20,640") == "20,640 rows"
    assert say("counted.rows.many", "zh", count="20,640") == "20,640 行"


def test_braces_in_a_value_stay_as_they_are() -> None:
    assert say("counted.rows.many", "en", count="{rows}") == "{rows} rows"


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(KeyError, match=r"rung\.cubic"):
        say("rung.cubic", "en")


def test_a_missing_number_is_named() -> None:
    with pytest.raises(KeyError, match="seconds"):
        say("progress.left", "en", second=1)


def test_an_unknown_language_is_the_users_error() -> None:
    with pytest.raises(UserError, match=r"'fr'.*en, zh"):
        say("rung.linear", "fr")


def test_templates_hold_no_words() -> None:
    """Text between tags, once markup and template code are gone, has no letters left: words live in the catalogue."""
    for name in ("report.html.j2", "macros.html.j2", "classes.html.j2"):
        text = files("thetastar.report").joinpath("templates", name).read_text(encoding="utf-8")
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
        text = re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
        visible = re.sub(r"<[^>]*>", "", text)
        assert not re.search(r"[A-Za-z]{2}", visible), visible.strip()
