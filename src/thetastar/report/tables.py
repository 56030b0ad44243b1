"""The record's tables as rows of finished words, the same ones on the page and in the terminal."""

from __future__ import annotations

import math
from dataclasses import dataclass

from thetastar.data import Column
from thetastar.fitting.record import Record
from thetastar.fitting.rungs.limit import Repeating
from thetastar.report import facts, sentences
from thetastar.report.numbers import count, counted, duration, number, percent, plus_minus
from thetastar.report.words import say

__all__ = [
    "ColumnRow",
    "Confusion",
    "ConfusionCell",
    "ConfusionRow",
    "Fact",
    "RungRow",
    "column_rows",
    "confusion",
    "rung_rows",
    "settings_code",
    "the_facts",
]

MOST_CLASSES = 12  # a confusion table wider than this can't be read


@dataclass(frozen=True)
class Fact:
    """One number worth a place under the headline."""

    value: str
    name: str
    note: str


@dataclass(frozen=True)
class ColumnRow:
    """How one column was understood."""

    name: str
    kind: str
    reason: str
    missing: str
    example: str
    used: bool


@dataclass(frozen=True)
class RungRow:
    """One rung of the ladder."""

    code: str
    name: str
    meaning: str
    parameters: str
    training: str
    validation: str
    error: str
    seconds: str
    outcome: str
    difference: str
    kept: bool


@dataclass(frozen=True)
class ConfusionCell:
    """How many rows of a true class were predicted as another, and their share of the true class."""

    rows: str
    share: float
    right: bool


@dataclass(frozen=True)
class ConfusionRow:
    """One true class."""

    name: str
    cells: tuple[ConfusionCell, ...]
    found: str


@dataclass(frozen=True)
class Confusion:
    """Which class is taken for which; ``classes`` holds the names of the columns shown."""

    classes: tuple[str, ...]
    rows: tuple[ConfusionRow, ...]
    total: str


def the_facts(record: Record, lang: str) -> tuple[Fact, ...]:
    """Return the numbers under the headline: error, the constant's error, the share explained, the function."""
    task, rung = record.target.task, facts.chosen(record)
    if facts.rare(record) and rung.name != "constant":
        return (*_rare_facts(record, lang), _error_fact(record, lang), _function_fact(record, lang))
    if rival := facts.repeating(record):
        return (_error_fact(record, lang), *_repeating_facts(record, rival, lang), _function_fact(record, lang))
    constant = facts.first(record).name == "constant"
    explained = Fact(
        value=percent(facts.explained(record)),
        name=say(f"fact.explained.{task}", lang),
        note=say("fact.explained.note", lang),
    )
    start = Fact(
        value=sentences.error(record, facts.first(record).validation_error),
        name=say(f"fact.constant.{task}" if constant else "fact.simplest", lang),
        note=say("fact.constant.note", lang),
    )
    function = _function_fact(record, lang)
    return (_error_fact(record, lang), start, *((explained,) if constant else ()), function)


def _error_fact(record: Record, lang: str) -> Fact:
    """Return the kept function's error."""
    task = record.target.task
    return Fact(
        value=sentences.error(record, facts.chosen(record).validation_error),
        name=say(f"fact.error.{task}", lang),
        note=say(f"fact.error.{task}.note", lang, target=record.target.name),
    )


def _repeating_facts(record: Record, rival: Repeating, lang: str) -> tuple[Fact, ...]:
    """Return the error of the forecast that costs nothing, and how much of its square the function takes away."""
    repeated = Fact(
        value=sentences.error(record, rival.repeated),
        name=say("fact.repeating", lang),
        note=say("fact.repeating.note", lang),
    )
    gone = Fact(
        value=percent(1 - rival.left),
        name=say("fact.explained.repeating", lang),
        note=say("fact.explained.repeating.note", lang),
    )
    return repeated, gone


def _rare_facts(record: Record, lang: str) -> tuple[Fact, ...]:
    """Return how well a rare class is put first, and what the best threshold brings."""
    ranking, best = facts.ranking(record), facts.point(record, "best_f1")
    assert ranking is not None
    assert best is not None
    return (
        Fact(
            value=percent(ranking.average_precision.value),
            name=say("fact.average_precision", lang),
            note=say("fact.average_precision.note", lang, share=percent(ranking.share)),
        ),
        Fact(
            value=percent(best.recall.value),
            name=say("fact.found", lang, name=sentences.positive(record)),
            note=say(
                "fact.found.note",
                lang,
                precision=percent(best.precision.value),
                threshold=number(best.threshold, digits=2),
            ),
        ),
    )


def _function_fact(record: Record, lang: str) -> Fact:
    """Return which function was kept."""
    rung = facts.chosen(record)
    return Fact(
        value=say(f"rung.{rung.name}", lang),
        name=say("fact.function", lang),
        note=say(
            "fact.function.note",
            lang,
            parameters=counted("parameters", rung.parameters, lang),
            seconds=duration(record.seconds, lang),
        ),
    )


def column_rows(columns: tuple[Column, ...], lang: str) -> tuple[ColumnRow, ...]:
    """Return how each column was understood."""
    rows = []
    for column in columns:
        rows.append(
            ColumnRow(
                name=column.name,
                kind=say(f"kind.{column.kind.value}", lang),
                reason=say(f"column.reason.{column.reason}", lang),
                missing=count(column.missing) if column.missing else "",
                example=column.example,
                used=column.used,
            )
        )
    return tuple(rows)


def rung_rows(record: Record, lang: str) -> tuple[RungRow, ...]:
    """Return the ladder, one row a rung."""
    rows = []
    for rung in record.ladder:
        training, validation = facts.estimate(rung.training), facts.estimate(rung.validation)
        rows.append(
            RungRow(
                code=rung.name,
                name=say(f"rung.{rung.name}", lang),
                meaning=say(f"rung.{rung.name}.meaning", lang),
                parameters=count(rung.parameters),
                training=number(training.mean),
                validation=plus_minus(validation.mean, validation.error),
                error=sentences.error(record, rung.validation_error),
                seconds=duration(rung.seconds, lang),
                outcome=say(f"outcome.{rung.outcome}", lang),
                difference=sentences.difference(rung.numbers, lang),
                kept=rung.name == record.choice.rung,
            )
        )
    return tuple(rows)


def confusion(record: Record) -> Confusion | None:
    """Return the confusion table of the most frequent classes, or None for regression."""
    table = record.held_out.confusion
    if not table:
        return None
    by_rows = sorted(range(len(table)), key=lambda position: -sum(table[position]))
    shown = sorted(by_rows[:MOST_CLASSES])
    names = tuple(str(record.target.classes[position]) for position in shown)
    rows = tuple(_confusion_row(table[true], true, shown, name) for true, name in zip(shown, names, strict=True))
    return Confusion(classes=names, rows=rows, total=count(sum(map(sum, table))))


def settings_code(settings: dict[str, str | float | int | bool]) -> str:
    """Print what was settled for a rung on one line, floats with four digits."""
    return ", ".join(f"{key}={_short(value)}" for key, value in settings.items())


def _short(value: str | float | int | bool) -> str:
    """Print one setting as code."""
    return f"{value:.4g}" if isinstance(value, float) and math.isfinite(value) else repr(value)


def _confusion_row(counts: tuple[int, ...], true: int, shown: list[int], name: str) -> ConfusionRow:
    """Return one true class's counts with their shares."""
    total = sum(counts)
    cells = tuple(
        ConfusionCell(rows=count(counts[guess]), share=counts[guess] / total if total else 0.0, right=guess == true)
        for guess in shown
    )
    return ConfusionRow(name=name, cells=cells, found=percent(counts[true] / total) if total else number(math.nan))
