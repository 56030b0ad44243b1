"""Rows to predict that the function was found in, and how good predictions were, in words."""

from __future__ import annotations

import math

from thetastar.data import Target
from thetastar.fitting.new_rows.appraisal import Appraisal
from thetastar.fitting.new_rows.new_score import NewScore
from thetastar.fitting.new_rows.shared_rows import SharedRows
from thetastar.report.numbers import PERCENT, count, counted, interval, number, percent, percent_interval, plus_minus
from thetastar.report.words import say

__all__ = ["appraised"]

_PERCENT = 100


def appraised(appraisal: Appraisal, target: Target, lang: str) -> tuple[str, ...]:
    """Return sentences about rows that the function was found in, and about how good predictions were.

    Nothing of the first unless they are more than by chance, nothing of the second without a known target.

    Raises:
        UserError: if the language isn't in the catalogue.
    """
    lines = []
    if appraisal.shared is not None and appraisal.shared.beyond_chance:
        lines.append(_shared(appraisal.shared, target, lang))
    if appraisal.score is not None and appraisal.score.rows:
        lines.append(_score(appraisal.score, target, lang, of="all"))
        if appraisal.others is not None:
            lines.append(_score(appraisal.others, target, lang, of="others"))
    return tuple(lines)


def _shared(shared: SharedRows, target: Target, lang: str) -> str:
    words = say(
        "cli.shared" if shared.compared == shared.rows else "cli.shared.estimated",
        lang,
        found=count(shared.inputs),
        rows=counted("rows", shared.rows, lang),
        compared=counted("rows", shared.compared, lang),
        share=plus_minus(_PERCENT * shared.share, _PERCENT * shared.standard_error) + PERCENT,
        first=say(
            "cli.shared.rows.one" if len(shared.first) == 1 else "cli.shared.rows.many",
            lang,
            rows=say("list.comma", lang).join(map(count, shared.first)),
        ),
    )
    more = []
    if shared.repeated:
        more.append(say("cli.shared.chance", lang, share=percent(shared.repeated)))
    if shared.compared_rows:
        rows = counted("rows", shared.compared_rows, lang)
        more.append(say("cli.shared.same", lang, rows=rows, target=target.name, same=count(shared.same)))
    return say("sentence.space", lang).join([words, *more])


def _score(score: NewScore, target: Target, lang: str, *, of: str) -> str:
    if not score.rows:
        return say("cli.score.others.none", lang)
    right = score.right
    write, ends = (percent, percent_interval) if target.classes else (number, interval)
    words = [write(right.value), ends(right.low, right.high)]
    measured = target.task if math.isfinite(right.value) else "alike"  # R² is a share of the target's variance
    return say(
        f"cli.score.{of}.{measured}",
        lang,
        rows=counted("rows", score.rows, lang),
        target=target.name,
        right=" ".join(filter(None, words)),
        error=number(score.error),
    )
