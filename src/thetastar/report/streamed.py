"""What learning from the rows that memory can't hold came to, in words."""

from __future__ import annotations

from thetastar.fitting.record import Record, Streamed
from thetastar.report.numbers import count, counted, duration, number, percent, plus_minus
from thetastar.report.words import say

__all__ = ["streamed"]

_DIGITS = 4  # of a loss, as the change is often small


def streamed(record: Record, lang: str) -> str:
    """Say how θ went on over all rows of a file of which a sample was fitted; nothing where memory held all of it.

    Raises:
        UserError: if the language isn't in the catalogue.
    """
    found = record.streamed
    if found is None:
        return ""
    if found.skipped:
        return say(f"streamed.skipped.{found.skipped}", lang, of=count(found.of), problem=found.problem)
    words = [_words(found, lang), _errors(record, found, lang)]
    if found.stopped != "finished":
        words.append(say(f"streamed.{found.stopped}", lang))
    return say("sentence.space", lang).join(words)


def _words(found: Streamed, lang: str) -> str:
    seconds = max(found.seconds, 1e-9)
    return say(
        "streamed.kept" if found.kept else "streamed.refused",
        lang,
        rows=counted("rows", found.rows, lang),
        of=count(found.of),
        judges=counted("rows", found.judges, lang),
        how=say(f"streamed.how.{found.method}", lang),
        seconds=duration(found.seconds, lang),
        pace=count(round(found.rows / seconds)),
        speed=number(found.megabytes / seconds),
        before=number(found.before, digits=_DIGITS),
        after=number(found.after, digits=_DIGITS),
        difference=plus_minus(found.after - found.before, found.standard_error),
    )


def _errors(record: Record, found: Streamed, lang: str) -> str:
    """Say the same in the target's unit, or in rows put into a wrong class."""
    written = percent if record.target.classes else number
    before, after = written(found.before_error), written(found.after_error)
    return say(f"streamed.error.{record.target.task}", lang, before=before, after=after)
