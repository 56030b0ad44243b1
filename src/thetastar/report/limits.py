"""What limits a result, in words, and the comparisons that this rests on."""

from __future__ import annotations

import math

from thetastar.fitting.record import Record
from thetastar.report import facts
from thetastar.report.numbers import counted, duration, number, percent, plus_minus
from thetastar.report.sentences import MOST_NAMES, baseline, error
from thetastar.report.words import say

__all__ = ["evidence", "limit"]


def limit(record: Record, lang: str) -> str:
    """Say in one sentence what limits the result."""
    rung = facts.chosen(record)
    validation = facts.estimate(rung.validation)
    least = record.limit.numbers.get("least_error", math.nan)
    words = say(
        _limit_key(record),
        lang,
        target=record.target.name,
        least=percent(least) if record.target.classes else number(least),
        error=error(record, rung.validation_error),
        rows=counted("rows", record.rows, lang),
        budget=duration(record.budget_seconds, lang),
        seconds=duration(record.seconds, lang),
        training=number(facts.estimate(rung.training).mean),
        validation=plus_minus(validation.mean, validation.error),
        baseline=baseline(record, lang),
        share=percent(_share_left(record)),
        **_beside_repeating(record),
    )
    return say("sentence.space", lang).join(filter(None, (words, _unused(record, lang))))


def _unused(record: Record, lang: str) -> str:
    """Name the columns that weren't used though they may tell more, where the columns that were tell too little."""
    left = facts.left_out(record) if record.limit.code in ("nothing_to_learn", "noise_or_features") else ()
    if not left:
        return ""
    names = [
        say("limit.unused.column", lang, name=column.name, reason=say(f"column.reason.{column.reason}", lang))
        for column in left[:MOST_NAMES]
    ]
    if len(left) > MOST_NAMES:
        names.append(say("data.columns.more", lang, columns=counted("columns", len(left) - MOST_NAMES, lang)))
    return say("limit.unused", lang, columns=say("list.comma", lang).join(names))


def _limit_key(record: Record) -> str:
    """Return which words say what limits the result."""
    code = record.limit.code
    if code == "noise":
        return f"limit.noise.{record.target.task}"
    return "limit.small.repeating" if code == "small" and facts.repeating(record) else f"limit.{code}"


def _share_left(record: Record) -> float:
    """Return the share that is left of what costs nothing: repeating's squared error, or the first rung's loss."""
    if rival := facts.repeating(record):
        return rival.left
    start = facts.estimate(facts.first(record).validation).mean  # 0 if the target is the same in every row
    return facts.estimate(facts.chosen(record).validation).mean / start if start else math.nan


def _beside_repeating(record: Record) -> dict[str, str]:
    """Return the errors of the kept function and of repeating, and their difference over the folds."""
    rival = facts.repeating(record)
    own, repeated = (rival.own, rival.repeated) if rival else ((), ())
    between = facts.paired(own, repeated)
    return {
        "own": error(record, own),
        "repeated": error(record, repeated),
        "difference": plus_minus(between.mean, between.error),
    }


def evidence(record: Record, lang: str) -> tuple[str, ...]:
    """Return the comparisons that the limiting sentence rests on, each with its numbers."""
    return (
        _constant_evidence(record, lang),
        *_repeating_evidence(record, lang),
        _gap_evidence(record, lang),
        _above_evidence(record, lang),
        *_failure_evidence(record, lang),
    )


def _constant_evidence(record: Record, lang: str) -> str:
    """Say the loss that every function starts from."""
    found = facts.estimate(facts.first(record).validation)
    written = plus_minus(found.mean, found.error)
    return say("limit.evidence.constant", lang, baseline=baseline(record, lang), constant=written)


def _repeating_evidence(record: Record, lang: str) -> tuple[str, ...]:
    """Compare with the forecast that costs nothing, where there is one."""
    if facts.repeating(record) is None:
        return ()
    return (say("limit.evidence.repeating", lang, **_beside_repeating(record)),)


def _gap_evidence(record: Record, lang: str) -> str:
    """Say how far training and validation loss of the kept rung lie apart."""
    rung = facts.chosen(record)
    training, validation = facts.estimate(rung.training), facts.estimate(rung.validation)
    gap = facts.paired(rung.validation, rung.training)
    return _capital(
        say(
            "limit.evidence.gap",
            lang,
            rung=say(f"rung.{rung.name}", lang),
            training=plus_minus(training.mean, training.error),
            validation=plus_minus(validation.mean, validation.error),
            gap=plus_minus(gap.mean, gap.error),
        )
    )


def _above_evidence(record: Record, lang: str) -> str:
    """Say what one more step of flexibility changes, paired over the folds."""
    rung, above = facts.chosen(record), facts.rung_above(record)
    if above is None:
        return say("limit.evidence.top", lang)
    training = facts.paired(above.training, rung.training)
    validation = facts.paired(above.validation, rung.validation)
    return say(
        "limit.evidence.above",
        lang,
        rung=say(f"rung.{above.name}", lang),
        training=plus_minus(training.mean, training.error),
        validation=plus_minus(validation.mean, validation.error),
    )


def _failure_evidence(record: Record, lang: str) -> tuple[str, ...]:
    """Name the rung that descent failed on, and the lower one that proves it."""
    failure = facts.lower_in_training(record)
    if failure is None:
        return ()
    rung, lower = failure
    words = say(
        "limit.evidence.failure",
        lang,
        rung=say(f"rung.{rung.name}", lang),
        lower=say(f"rung.{lower.name}", lang),
        training=number(facts.estimate(rung.training).mean),
        reached=number(facts.estimate(lower.training).mean),
    )
    return (words,)


def _capital(sentence: str) -> str:
    """Start a sentence with a capital letter."""
    return sentence[:1].upper() + sentence[1:]
