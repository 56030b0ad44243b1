"""Tables about classes as rows of finished words: measures, classes one by one, thresholds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from thetastar.fitting.classes import ClassQuality, ClassScore, Measured, WorkingPoint
from thetastar.fitting.record import Record
from thetastar.report import facts
from thetastar.report.numbers import count, interval, number, percent, percent_interval
from thetastar.report.sentences import judged_classes
from thetastar.report.words import say

__all__ = [
    "CLASSES_SHOWN",
    "ClassRow",
    "MeasureRow",
    "PointRow",
    "Rate",
    "class_rows",
    "measure_caption",
    "measure_rows",
    "point_rows",
]

CLASSES_SHOWN = 12
BLIND_AREA = 0.5  # area under the ROC curve of an order that knows nothing


@dataclass(frozen=True)
class Rate:
    """A written value and the ends of its interval, which may stand on a line of their own."""

    value: str = ""
    ends: str = ""

    def __str__(self) -> str:
        return f"{self.value} {self.ends}".strip()


@dataclass(frozen=True)
class MeasureRow:
    """One measure over all classes, beside what a constant answer reaches."""

    name: str
    meaning: str
    value: Rate
    constant: str


@dataclass(frozen=True)
class ClassRow:
    """One class; the last two rates are empty where the class has no curve of its own."""

    name: str
    rows: str
    precision: Rate
    recall: Rate
    f1: Rate
    average_precision: Rate
    roc_area: Rate


@dataclass(frozen=True)
class PointRow:
    """One threshold and what it brings."""

    name: str
    threshold: str
    recall: Rate
    precision: Rate
    f1: str
    flagged: str


def measure_rows(record: Record, lang: str) -> tuple[MeasureRow, ...]:
    """Return the measures, those first that say most: the order of a rare class's rows, or the right answers."""
    quality = record.classes
    if quality is None:
        return ()
    order, answers = _order_rows(record, lang), _answer_rows(quality, lang)
    probabilities = (
        _row("log_loss", _number(quality.log_loss), number(quality.constant_log_loss), lang),
        _row("brier", _number(quality.brier), number(quality.constant_brier), lang),
    )
    return (*order, *answers, *probabilities) if facts.rare(record) else (*answers, *order, *probabilities)


def measure_caption(record: Record, lang: str) -> str:
    """Say what the measures are of, and what their intervals count where rows go together."""
    caption, clusters = say("measure.caption", lang), record.classes.clusters if record.classes else 0
    if not clusters:
        return caption
    kind = "group" if record.split == "group" else "blocks"
    return say("sentence.space", lang).join([caption, say(f"measure.clusters.{kind}", lang, clusters=count(clusters))])


def class_rows(record: Record) -> tuple[ClassRow, ...]:
    """Return every class in its order; the most frequent first where there are more than can stand open."""
    quality = record.classes
    if quality is None:
        return ()
    areas = {one.position: one for one in quality.rankings} if quality.positive < 0 else {}
    many = len(quality.scores) > CLASSES_SHOWN
    scores = sorted(quality.scores, key=lambda score: -score.rows) if many else quality.scores
    rows = []
    for score in scores:
        ranking = areas.get(score.position)
        rows.append(
            ClassRow(
                name=str(record.target.classes[score.position]),
                rows=_rows(score),
                precision=_percent(score.precision),
                recall=_percent(score.recall),
                f1=_percent(score.f1),
                average_precision=_percent(ranking.average_precision) if ranking else Rate(),
                roc_area=_number(ranking.roc_area) if ranking else Rate(),
            )
        )
    return tuple(rows)


def point_rows(record: Record, lang: str) -> tuple[PointRow, ...]:
    """Return the thresholds that people ask for, from the lowest to the highest."""
    curve = record.classes.thresholds if record.classes else None
    points = sorted(curve.points, key=lambda point: point.threshold) if curve else []
    return tuple(_point_row(point, lang) for point in points)


def _order_rows(record: Record, lang: str) -> tuple[MeasureRow, ...]:
    """Return how well the rarer of two classes is put first."""
    ranking = facts.ranking(record)
    if ranking is None:
        return ()
    name = str(record.target.classes[ranking.position])
    precision = _percent(ranking.average_precision)
    return (
        _row("average_precision", precision, percent(ranking.share), lang, name=name),
        _row("roc_area", _number(ranking.roc_area), number(BLIND_AREA), lang, name=name),
    )


def _answer_rows(quality: ClassQuality, lang: str) -> tuple[MeasureRow, ...]:
    """Return how often the most probable class is right."""
    constant, over = percent(1 / facts.judged_classes(quality)), judged_classes(quality, lang)
    return (
        _row("accuracy", _percent(quality.accuracy), percent(quality.constant_accuracy), lang),
        _row("balanced", _percent(quality.balanced_accuracy), constant, lang, classes=over),
    )


def _row(code: str, value: Rate, constant: str, lang: str, *, name: str = "", classes: str = "") -> MeasureRow:
    meaning = say(f"measure.{code}.meaning", lang, name=name, classes=classes)
    return MeasureRow(name=say(f"measure.{code}", lang), meaning=meaning, value=value, constant=constant)


def _point_row(point: WorkingPoint, lang: str) -> PointRow:
    return PointRow(
        name=say(f"classes.point.{point.name}", lang),
        threshold=number(point.threshold),
        recall=_percent(point.recall),
        precision=_percent(point.precision),
        f1=percent(point.f1),
        flagged=percent(point.flagged),
    )


def _rows(score: ClassScore) -> str:
    """Write a sum of weights; where rows carry no weights it is a whole number."""
    return count(round(score.rows)) if math.isclose(score.rows, round(score.rows)) else number(score.rows)


def _percent(measured: Measured) -> Rate:
    return Rate(percent(measured.value), percent_interval(measured.low, measured.high))


def _number(measured: Measured) -> Rate:
    return Rate(number(measured.value), interval(measured.low, measured.high))
