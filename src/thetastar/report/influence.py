"""What the columns do to the answer, in sentences."""

from __future__ import annotations

from thetastar.fitting.record import Record
from thetastar.report import facts
from thetastar.report.lead import leading
from thetastar.report.numbers import count, counted, number, percent
from thetastar.report.words import say

__all__ = ["IMPORTANT_SHOWN", "alike", "effects", "importance", "interaction", "interaction_caption", "needs"]

IMPORTANT_SHOWN = 12  # columns, in the figure and in the terminal
MOST_ALIKE = 6  # are named of a group
MOST_NEEDED = 3  # are named under the headline


def needs(record: Record, lang: str) -> str:
    """Name the columns that the function needs most, as far as that is beyond chance; nothing if there are none."""
    found = record.evidence.importance
    names = [one.column for one in found if facts.needed(record, one)]
    return say("lead.needs", lang, columns=say("list.comma", lang).join(names[:MOST_NEEDED])) if names else ""


def effects(record: Record, lang: str) -> str:
    """Say how to read the columns' effects: in which unit, and what the diamond and the colours are."""
    classes = record.target.classes
    unit = "found.effects.two" if len(classes) == 2 else f"found.effects.{record.target.task}"
    keys = ["found.effects", unit]
    if any(effect.gap for effect in record.evidence.effects):
        keys.append("found.effects.gap")
    if facts.chosen(record).name in ("hidden", "deep"):
        keys.append("found.effects.average")
    name = leading(record) if classes else ""
    return say("sentence.space", lang).join(say(key, lang, target=record.target.name, name=name) for key in keys)


def importance(record: Record, lang: str) -> str:
    """Say what shuffling a column means, and how many columns are left out of the figure or tell nothing."""
    shown, columns = min(len(record.evidence.importance), IMPORTANT_SHOWN), len(record.evidence.importance)
    parts = [
        say(
            f"found.importance.{record.target.task}",
            lang,
            permutations=record.evidence.importance[0].permutations,
            folds=record.folds,
        )
    ]
    if columns > shown:
        parts.append(say("found.importance.more", lang, shown=shown, more=columns - shown))
    return say("sentence.space", lang).join(parts)


def alike(record: Record, lang: str) -> tuple[str, ...]:
    """Say which columns tell nearly the same, so that the bar of each is shorter than what they tell together."""
    return tuple(
        say(
            "found.alike",
            lang,
            columns=say("list.comma", lang).join([*group.columns[:MOST_ALIKE], *_rest(group.columns, lang)]),
            correlation=number(group.correlation, digits=2),
        )
        for group in record.evidence.alike
    )


def _rest(names: tuple[str, ...], lang: str) -> list[str]:
    """Say how many names are left out."""
    more = len(names) - MOST_ALIKE
    return [say("data.columns.more", lang, columns=counted("columns", more, lang))] if more > 0 else []


def interaction(record: Record, lang: str) -> str:
    """Say which two columns act together, and how much that is worth on unseen rows; or that none do beyond chance."""
    found = record.evidence.interaction
    if found is None:
        return ""
    one, other = (
        say(f"found.formula.cycle.{part}", lang, column=column) if part else column
        for column, part in zip(found.columns, found.parts, strict=True)
    )
    loss, pair = facts.estimate(facts.chosen(record).validation).mean, {"one": one, "other": other}
    rise = facts.interval(found.loss, tried=found.pairs)
    shares = {"rise": percent(rise.mean / loss), "low": percent(rise.low / loss), "high": percent(rise.high / loss)}
    key = "found.interaction" if facts.interaction(record) is not None else "found.interaction.none"
    return say(key, lang, **pair, **shares, pairs=count(found.pairs))


def interaction_caption(record: Record, lang: str) -> str:
    """Say how to read the map of an interaction."""
    found, classes = record.evidence.interaction, record.target.classes
    unit = say("found.interaction.unit", lang, target=record.target.name)
    if classes and found is not None:
        name = leading(record) if len(classes) == 2 else classes[found.output]
        unit = say("found.interaction.score", lang, name=name)
    return say("found.interaction.caption", lang, unit=unit)
