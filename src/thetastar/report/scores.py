"""One held-out row as an example: the scores of its classes, what softmax makes of them, and the loss of that."""

from __future__ import annotations

import math
from dataclasses import dataclass

from thetastar.fitting.record import Record
from thetastar.report.numbers import number, percent
from thetastar.report.words import say

__all__ = ["ScoreExample", "score_example"]

_SHOWN = 5  # classes
_LEAST = 1e-12  # a probability below is shown as that: its score would be −∞


@dataclass(frozen=True)
class ScoreRow:
    """A class with its score and its probability, as text."""

    name: str
    score: str
    probability: str
    true: bool


@dataclass(frozen=True)
class ScoreExample:
    """The classes of one row, the most probable first, and in words what becomes of their scores."""

    rows: tuple[ScoreRow, ...]
    words: str


def score_example(record: Record, lang: str) -> ScoreExample | None:
    """Return the held-out row whose true class has the median probability; None for a number.

    Scores are told up to a constant that softmax does not see: here their mean is 0.
    """
    held = record.held_out
    if not held.probability:
        return None
    hits = [row[int(true)] for row, true in zip(held.probability, held.truth, strict=True)]
    place = sorted(range(len(hits)), key=hits.__getitem__)[len(hits) // 2]
    probabilities, true = held.probability[place], int(held.truth[place])
    logs = [math.log(max(probability, _LEAST)) for probability in probabilities]
    scores = [log - sum(logs) / len(logs) for log in logs]
    order = sorted(range(len(scores)), key=lambda code: -scores[code])
    shown = order[:_SHOWN] if true in order[:_SHOWN] else [*order[: _SHOWN - 1], true]
    rows = tuple(
        ScoreRow(
            name=str(record.target.classes[code]),
            score=number(scores[code], digits=3),
            probability=percent(probabilities[code]),
            true=code == true,
        )
        for code in shown
    )
    words = say(
        "loss.example.two" if len(scores) == 2 else "loss.example",
        lang,
        name=str(record.target.classes[order[0]]),
        true=str(record.target.classes[true]),
        probability=percent(probabilities[true]),
        loss=number(-logs[true], digits=3),
        difference=number(scores[order[0]] - scores[order[1]], digits=3),
    )
    return ScoreExample(rows, words)
