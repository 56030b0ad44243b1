"""Whole sentences about a record, the same ones on the page and in the terminal."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from thetastar.data import Target
from thetastar.fitting.classes import ClassQuality
from thetastar.fitting.record import Record
from thetastar.fitting.rungs.compare import RESOLUTION
from thetastar.fitting.rungs.limit import Repeating
from thetastar.report import facts
from thetastar.report.numbers import PERCENT, count, counted, duration, number, percent, plus_minus
from thetastar.report.words import knows, say

__all__ = [
    "MOST_NAMES",
    "baseline",
    "choice",
    "class_names",
    "combined",
    "difference",
    "ended",
    "error",
    "headline",
    "independence",
    "judged_classes",
    "left_out",
    "loss",
    "method",
    "notice",
    "positive",
    "reliability",
    "split",
    "target",
]

MOST_NAMES = 6  # a sentence lists this many classes before it says "and n more"


def headline(record: Record, lang: str) -> str:
    """Say in one sentence what was found, with its error on unseen rows in the target's unit."""
    task, rung = record.target.task, facts.chosen(record)
    nothing = rung.name == "constant"
    if not nothing and facts.rare(record):
        return _rare_headline(record, lang)
    rival = facts.repeating(record)
    if rival is not None and (not nothing or not rival.difference.below_zero):
        return _repeating_headline(record, rival, lang)
    key = f"headline.nothing.{task}" if nothing else f"headline.{task}"
    if not nothing and facts.uneven(record):
        key = "headline.uneven"
    return say(
        key,
        lang,
        target=record.target.name,
        columns=counted("columns", facts.used_columns(record), lang),
        error=error(record, rung.validation_error),
        right=percent(1 - facts.estimate(rung.validation_error).mean),
        always=percent(facts.most_frequent(record)) if task == "classification" else "",
        balanced=percent(record.classes.balanced_accuracy.value) if record.classes else "",
        classes=judged_classes(record.classes, lang) if record.classes else "",
        middle=_middle(record, lang) if nothing and task == "regression" else "",
    )


def judged_classes(quality: ClassQuality, lang: str) -> str:
    """Say which classes a mean over classes is taken over: those that have held-out rows, if others have none."""
    judged = facts.judged_classes(quality)
    if judged == len(quality.scores):
        return say("measure.balanced.over.all", lang)
    return say("measure.balanced.over.judged", lang, judged=count(judged), all=count(len(quality.scores)))


def _rare_headline(record: Record, lang: str) -> str:
    """Say how a rare class can be found; the share of right answers would sound good whatever the function does."""
    ranking, best = facts.ranking(record), facts.point(record, "best_f1")
    assert ranking is not None
    assert best is not None
    return say(
        "headline.rare",
        lang,
        target=record.target.name,
        columns=counted("columns", facts.used_columns(record), lang),
        name=positive(record),
        share=percent(ranking.share),
        threshold=number(best.threshold, digits=2),
        recall=percent(best.recall.value),
        precision=percent(best.precision.value),
    )


def _repeating_headline(record: Record, rival: Repeating, lang: str) -> str:
    """Say how a series can be predicted beside the forecast that costs nothing; a constant is no rival to that."""
    return say(
        "headline.repeating" if rival.difference.below_zero else "headline.nothing.repeating",
        lang,
        target=record.target.name,
        columns=counted("columns", facts.used_columns(record), lang),
        own=error(record, rival.own),
        repeated=error(record, rival.repeated),
    )


def positive(record: Record) -> str:
    """Name the class that thresholds are about, the rarer of two; empty where there is none."""
    position = record.classes.positive if record.classes else -1
    return str(record.target.classes[position]) if position >= 0 else ""


def reliability(record: Record, lang: str) -> str:
    """Say what the reliability diagram shows, with its error beside the error of probabilities that are right."""
    if record.classes is None:
        return ""
    found = record.classes.reliability
    right = found.error <= found.by_chance_most
    return say(
        "classes.reliability" if found.position < 0 else "classes.reliability.one",
        lang,
        name=positive(record),
        bins=count(len(found.bins)),
        error=percent(found.error),
        chance=percent(found.by_chance),
        most=percent(found.by_chance_most),
        verdict=say("classes.reliability.right" if right else "classes.reliability.wrong", lang),
    )


def error(record: Record, folds: tuple[float, ...]) -> str:
    """Write a rung's error over the folds: in the target's unit, or as a share of rows."""
    found = facts.estimate(folds)
    if record.target.task == "regression":
        return plus_minus(found.mean, found.error)
    if not math.isfinite(found.error):
        return percent(found.mean)
    return f"{plus_minus(100 * found.mean, 100 * found.error)}{PERCENT}"


def baseline(record: Record, lang: str) -> str:
    """Name what the kept function is compared with: the constant, unless the recipe left it out."""
    return say("baseline.constant" if facts.first(record).name == "constant" else "baseline.other", lang)


def notice(record: Record, lang: str) -> str:
    """Say how the fit ended."""
    return say(
        f"notice.{record.stopped}",
        lang,
        budget=duration(record.budget_seconds, lang),
        seconds=duration(record.seconds, lang),
    )


def target(decided: Target, lang: str) -> str:
    """Say what is predicted, which task that makes, and how to overrule it where it might be meant otherwise."""
    classes = decided.classes
    why = say("data.target.why", lang, reason=say(f"target.reason.{decided.reason}", lang))
    what = say(
        f"data.target.{decided.task}",
        lang,
        target=decided.name,
        classes=count(len(classes)),
        names=class_names(classes, lang),
    )
    hint = f"data.target.hint.{decided.reason}"
    parts = (what, why, say(hint, lang)) if knows(hint) else (what, why)
    return say("sentence.space", lang).join(parts)


def class_names(classes: Sequence[object], lang: str) -> str:
    """List classes, a handful by name."""
    names = [str(name) for name in classes[:MOST_NAMES]]
    if len(classes) > MOST_NAMES:
        names.append(say("data.target.more", lang, more=count(len(classes) - MOST_NAMES)))
    return say("list.comma", lang).join(names)


def split(record: Record, lang: str) -> str:
    """Say how training and validation rows were told apart."""
    return say(f"split.{record.split}", lang, folds=count(record.folds))


def independence(record: Record, lang: str) -> str:
    """Say whether rows near each other are independent, and what follows; nothing where the split was given."""
    found = record.independence
    if found is None:
        return ""
    in_unit = percent if record.target.classes else number
    return say(
        f"independence.dependent.{found.kind}" if found.dependent else f"independence.{found.decision}",
        lang,
        column=found.order,
        target=record.target.name,
        keys=_keys(found.keys, lang),
        rung=say(f"rung.{found.rung}", lang) if found.rung else "",
        random=in_unit(found.random_error),
        blocked=in_unit(found.blocked_error),
        errors=number(found.statistic, digits=2),
    )


def loss(record: Record, lang: str) -> str:
    """Say what the loss means, in the target's unit or as a probability."""
    rung, constant = facts.chosen(record), facts.first(record)
    validation = facts.estimate(rung.validation)
    if record.loss == "cross_entropy":
        start = facts.estimate(constant.validation).mean
        return say(
            "loss.cross_entropy.meaning",
            lang,
            validation=plus_minus(validation.mean, validation.error),
            baseline=baseline(record, lang),
            probability=percent(math.exp(-validation.mean)),
            constant=percent(math.exp(-start)),
        )
    return say(
        f"loss.{record.loss}.meaning",
        lang,
        validation=plus_minus(validation.mean, validation.error),
        error=error(record, rung.validation_error),
        baseline=baseline(record, lang),
        constant=error(record, constant.validation_error),
        target=record.target.name,
    )


def difference(numbers: dict[str, float], lang: str) -> str:
    """Write a paired difference with its standard error, or nothing where it wasn't measured."""
    value = numbers.get("difference", math.nan)
    if not math.isfinite(value):
        return ""
    if abs(value) < RESOLUTION:
        return say("outcome.no_difference", lang)
    written = plus_minus(value, numbers.get("standard_error", math.nan))
    return say("outcome.difference", lang, difference=written)


def choice(record: Record, lang: str) -> str:
    """Say which rung was kept and why."""
    kept = record.choice
    key = "choice.tie" if abs(kept.difference) < RESOLUTION else "choice.simpler"
    key = "choice.same" if kept.rung == kept.lowest else key
    return say(
        key,
        lang,
        rung=say(f"rung.{kept.rung}", lang),
        lowest=say(f"rung.{kept.lowest}", lang),
        difference=plus_minus(kept.difference, kept.standard_error),
    )


def left_out(record: Record, lang: str) -> str:
    """Name the rungs that were asked for and not fitted, as time or Ctrl-C ended the climb; empty if there are none."""
    if not record.left_out:
        return ""
    names = say("list.comma", lang).join(say(f"rung.{name}", lang) for name in record.left_out)
    interrupted = record.stopped == "interrupted"
    return say("ladder.left_out.interrupted" if interrupted else "ladder.left_out", lang, rungs=names)


def combined(record: Record, lang: str) -> str:
    """Say whether the folds' members are averaged or one function was trained again, and why."""
    kept = record.choice
    return say(
        f"combined.why.{kept.combined_why}",
        lang,
        combined=say(f"combined.{kept.combined}", lang),
        ensemble=number(kept.ensemble_loss),
        retrained=number(kept.retrained_loss),
        error=number(kept.judge_standard_error, digits=2),
    )


def ended(record: Record, lang: str) -> str:
    """Say how many members ran to the end, stopped early, diverged and so on; empty where none was trained."""
    ends = Counter(curve.stopped for curve in record.curves if curve.purpose != "probe")
    if not ends:
        return ""
    parts = [say(f"ended.{code}", lang, number=count(times)) for code, times in ends.most_common()]
    return say("ended.title", lang, list=say("list.semicolon", lang).join(parts))


def method(record: Record, lang: str) -> str:
    """Name the rule that walked the path on the error surface; a rule of the user's own keeps its name."""
    code = record.surface.method if record.surface else "gradient_descent"
    return say(f"method.{code}", lang) if knows(f"method.{code}") else code


def _keys(keys: tuple[str, ...], lang: str) -> str:
    """List the columns that a table is sorted by, a handful by name."""
    names = list(keys[:MOST_NAMES])
    if len(keys) > MOST_NAMES:
        names.append(say("independence.more", lang, number=count(len(keys) - MOST_NAMES)))
    return say("list.comma", lang).join(names)


def _middle(record: Record, lang: str) -> str:
    """Write the constant that is answered, or name which average it is where the record holds no formula."""
    if record.formula is not None and record.formula.intercept:
        return number(record.formula.intercept[0])
    return say(f"headline.average.{record.loss}", lang)
