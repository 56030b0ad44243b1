"""Sentences: every code of every field gives one, in both languages, and the numbers in them are right."""

from __future__ import annotations

import dataclasses
import io
import math

import pytest
from rich.console import Console

from thetastar.data import Kind
from thetastar.fitting.record import Limit
from thetastar.report import facts, limits, sentences, show, tables
from thetastar.report.page import render
from thetastar.report.words import LANGUAGES, say

from . import records
from .test_words import CODES


def test_the_headline_names_target_columns_and_error() -> None:
    words = sentences.headline(records.regression(), "en")
    assert words.startswith("From 8 columns, price can be predicted with a typical error of 599.5\u00a0±\u00a09.0")


def test_the_headline_of_classes_says_how_many_are_right() -> None:
    assert "93.2\u00a0%" in sentences.headline(records.classification(), "en")


def test_the_headline_of_a_constant_says_that_nothing_was_found() -> None:
    words = sentences.headline(records.tiny(), "en")
    assert words.startswith("No function of the columns predicts y better than always answering 3.25,")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", CODES["limit."])
@pytest.mark.parametrize("name", records.ALL)
def test_every_limit_is_a_sentence(name: str, code: str, lang: str) -> None:
    record = dataclasses.replace(records.ALL[name](), limit=Limit(code=code, numbers={}))
    words = limits.limit(record, lang)
    assert words.endswith("." if lang == "en" else "。")
    assert "{" not in words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_where_the_columns_tell_too_little_those_that_were_not_used_are_named(lang: str) -> None:
    record = records.regression()
    column = dataclasses.replace(record.columns[0], used=False, kind=Kind.identifier, reason="all_distinct_text")
    others = (
        ("words", Kind.text, "long_text"),
        ("n", Kind.identifier, "row_number"),
        ("customer_id", Kind.identifier, "named_identifier"),
        ("code", Kind.identifier, "distinct_code"),
        ("c", Kind.constant, "empty"),
    )
    left = [dataclasses.replace(column, name=name, kind=kind, reason=reason) for name, kind, reason in others]
    used = tuple(one for one in record.columns if one.used)
    told = dataclasses.replace(record, columns=(*used, *left))
    words = limits.limit(told, lang)
    reason = say("column.reason.long_text", lang)
    named = say("limit.unused.column", lang, name="words", reason=reason)
    before = limits.limit(dataclasses.replace(record, columns=used), lang)
    assert words == say("sentence.space", lang).join([before, say("limit.unused", lang, columns=named)])
    overfitted = dataclasses.replace(told, limit=Limit(code="overfitting", numbers={}))
    assert named not in limits.limit(overfitted, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("loss", ["squared", "absolute", "huber"])
def test_every_loss_of_a_number_is_explained(loss: str, lang: str) -> None:
    record = dataclasses.replace(records.regression(), loss=loss)
    words = sentences.loss(record, lang)
    assert sentences.error(record, facts.chosen(record).validation_error) in words


def test_a_ladder_without_the_constant_does_not_speak_of_one() -> None:
    record = records.regression()
    record = dataclasses.replace(record, ladder=record.ladder[1:], limit=Limit(code="small", numbers={}))
    said = (sentences.loss(record, "en"), limits.limit(record, "en"), *limits.evidence(record, "en"))
    assert all("the simplest set tried" in words for words in said[:3])
    assert len(tables.the_facts(record, "en")) == 3
    assert len(tables.the_facts(records.regression(), "en")) == 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_target_that_never_varies_leaves_no_share_to_speak_of(lang: str) -> None:
    record = records.tiny()
    flat = tuple(dataclasses.replace(rung, training=(0.0, 0.0), validation=(0.0, 0.0)) for rung in record.ladder)
    record = dataclasses.replace(record, ladder=flat, limit=Limit(code="nothing_to_learn", numbers={}))
    words = limits.limit(record, lang)
    assert words == limits.limit(dataclasses.replace(records.tiny(), limit=record.limit), lang)


def test_squared_error_after_softmax_is_explained() -> None:
    record = dataclasses.replace(records.classification(), loss="squared_after_softmax")
    assert sentences.error(record, facts.chosen(record).validation_error) in sentences.loss(record, "en")


def test_cross_entropy_is_explained_as_a_probability() -> None:
    record = records.classification()
    expected = math.exp(-facts.estimate(facts.chosen(record).validation).mean)
    assert f"{100 * expected:.1f}\u00a0%" in sentences.loss(record, "en")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("split", CODES["split."])
@pytest.mark.parametrize("stopped", CODES["notice."])
def test_split_and_ending(split: str, stopped: str, lang: str) -> None:
    record = dataclasses.replace(records.regression(), split=split, stopped=stopped)
    assert sentences.split(record, lang)
    assert sentences.notice(record, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("combined", CODES["combined."])
@pytest.mark.parametrize("why", CODES["combined.why."])
def test_combined(combined: str, why: str, lang: str) -> None:
    record = records.regression()
    choice = dataclasses.replace(record.choice, combined=combined, combined_why=why)
    words = sentences.combined(dataclasses.replace(record, choice=choice), lang)
    assert ("0.0219" in words) == (why in ("judged", "unfinished"))


def test_a_simpler_choice_gives_the_paired_difference() -> None:
    words = sentences.choice(records.diverged(), "en")
    assert "hard sigmoids" in words
    assert "0.0010\u00a0±\u00a00.0012" in words


def test_the_failed_rung_is_evidence() -> None:
    assert any("descent failed" in words for words in limits.evidence(records.diverged(), "en"))
    assert not any("descent failed" in words for words in limits.evidence(records.regression(), "en"))


def test_members_are_counted_by_their_ending() -> None:
    words = sentences.ended(records.diverged(), "en")
    assert "19 stopped early" in words
    assert "1 diverged" in words
    assert sentences.ended(records.tiny(), "en") == ""


def test_a_rule_of_the_users_own_keeps_its_name() -> None:
    assert sentences.method(records.hostile(), "en") == records.HOSTILE
    assert sentences.method(records.regression(), "zh") == "梯度下降"


def test_many_classes_are_not_all_listed() -> None:
    record = records.classification()
    target = dataclasses.replace(record.target, classes=tuple(range(40)))
    words = sentences.target(target, "en")
    assert "… and 34 more" in words
    assert "39" not in words


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("reason", "other"), [("integer_codes", "regression"), ("few_integers", "classification")])
def test_what_might_be_meant_otherwise_says_how_to_overrule_it(reason: str, other: str, lang: str) -> None:
    record = records.classification() if other == "regression" else records.regression()
    decided = dataclasses.replace(record.target, reason=reason)
    assert f"--task {other}" in sentences.target(decided, lang)
    assert "--task" not in sentences.target(record.target, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_differences_below_the_losses_precision_are_none(lang: str) -> None:
    record = records.diverged()
    tie, told = (
        dataclasses.replace(record, choice=dataclasses.replace(record.choice, difference=value, standard_error=2e-13))
        for value in (1.79e-12, 1.79e-3)
    )
    assert "±" not in sentences.choice(tie, lang)
    assert "±" in sentences.choice(told, lang)
    numbers = {"difference": -6.5e-13, "standard_error": 3.7e-13}
    assert sentences.difference(numbers, lang) == say("outcome.no_difference", lang)
    assert "±" in sentences.difference({"difference": -6.5e-3, "standard_error": 3.7e-13}, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("stopped", ["budget", "interrupted"])
def test_rungs_that_time_left_out_are_named(stopped: str, lang: str) -> None:
    record = dataclasses.replace(records.regression(), stopped=stopped, left_out=("hidden", "deep"))
    words = sentences.left_out(record, lang)
    assert say("rung.hidden", lang) in words
    assert say("rung.deep", lang) in words
    assert words in render(record, lang=lang)
    console = Console(file=io.StringIO(), width=3_000, color_system=None)
    show(record, console, lang=lang)
    assert isinstance(console.file, io.StringIO)
    assert words in console.file.getvalue()
    assert sentences.left_out(records.regression(), lang) == ""
