"""What follows from a record: means over folds, the chosen rung, shares and gaps that the sentences name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean, quantiles, stdev

from scipy.special import stdtrit

from thetastar.data import Column, Kind
from thetastar.fitting.classes import ClassQuality, Ranking, WorkingPoint
from thetastar.fitting.evidence import Importance, Interaction
from thetastar.fitting.record import Record, Rung
from thetastar.fitting.rungs.limit import Repeating

__all__ = [
    "Estimate",
    "Interval",
    "chosen",
    "estimate",
    "explained",
    "first",
    "interaction",
    "interval",
    "judged_classes",
    "left_out",
    "lower_in_training",
    "most_frequent",
    "paired",
    "point",
    "quantile_errors",
    "rare",
    "ranking",
    "repeating",
    "rung_above",
    "uneven",
    "used_columns",
]

CONFIDENCE = 0.95
RARE = 0.2  # a class with a smaller share of the rows is missed by who always names the other, and hardly shows it


@dataclass(frozen=True)
class Estimate:
    """A mean over folds and its standard error (nan when there are fewer than two finite folds)."""

    mean: float
    error: float


def estimate(folds: tuple[float, ...]) -> Estimate:
    """Return mean and standard error over folds; a fold that isn't finite makes the mean non-finite too.

    Example:
        >>> estimate((1.0, 2.0, 3.0)).mean
        2.0
    """
    if not folds or not all(math.isfinite(value) for value in folds):
        return Estimate(mean=math.nan, error=math.nan)
    error = stdev(folds) / math.sqrt(len(folds)) if len(folds) > 1 else math.nan
    return Estimate(mean=fmean(folds), error=error)


@dataclass(frozen=True)
class Interval:
    """A mean over folds, and where the mean of many more folds may lie."""

    mean: float
    low: float
    high: float

    @property
    def above_zero(self) -> bool:
        """Tell whether the whole interval is."""
        return self.low > 0


def interval(folds: tuple[float, ...], *, tried: int = 1) -> Interval:
    """Return the mean over folds with its 95 % interval by Student's t; without width if it can't be told.

    Of the most striking of several candidates the interval is wider, so that all of them hold at once (Bonferroni).

    Example:
        >>> interval((1.0, 2.0, 3.0)).high.__round__(2)
        4.48
    """
    found = estimate(folds)
    reach = float(stdtrit(len(folds) - 1, 1 - (1 - CONFIDENCE) / 2 / tried)) * found.error if len(folds) > 1 else 0.0
    return Interval(found.mean, found.mean - reach, found.mean + reach)


def rise(record: Record, one: Importance, *, tried: int = 1) -> Interval:
    """Return by how much the error (for classes: the loss) rises without a column."""
    return interval(one.error if record.target.task == "regression" else one.loss, tried=tried)


def needed(record: Record, one: Importance) -> bool:
    """Tell whether the function needs a column beyond chance, where as many are looked at as there are."""
    return rise(record, one, tried=len(record.evidence.importance)).above_zero


def interaction(record: Record) -> Interaction | None:
    """Return the strongest interaction of two columns if validation rows confirm it beyond chance."""
    found = record.evidence.interaction
    return found if found is not None and interval(found.loss, tried=found.pairs).above_zero else None


def paired(higher: tuple[float, ...], lower: tuple[float, ...]) -> Estimate:
    """Return the mean difference of two rungs over the folds they share, and its standard error."""
    return estimate(tuple(one - other for one, other in zip(higher, lower, strict=False)))


def chosen(record: Record) -> Rung:
    """Return the rung that was kept.

    Raises:
        ValueError: if the choice names a rung that isn't on the ladder.
    """
    for rung in record.ladder:
        if rung.name == record.choice.rung:
            return rung
    names = [rung.name for rung in record.ladder]
    raise ValueError(f"the record chose rung {record.choice.rung!r}, but its ladder has {names}")


def first(record: Record) -> Rung:
    """Return the lowest rung, which every other is compared with: the constant, unless the recipe left it out."""
    return record.ladder[0]


def rung_above(record: Record) -> Rung | None:
    """Return the next more flexible rung above the chosen one, or None at the top of the ladder."""
    position = record.ladder.index(chosen(record)) + 1
    return record.ladder[position] if position < len(record.ladder) else None


def lower_in_training(record: Record) -> tuple[Rung, Rung] | None:
    """Return a rung that descent failed on, and the lower rung that reached the smaller training loss."""
    for position, rung in enumerate(record.ladder):
        below = [other for other in record.ladder[:position] if math.isfinite(estimate(other.training).mean)]
        if rung.outcome == "optimization_failure" and below:
            return rung, min(below, key=lambda other: estimate(other.training).mean)
    return None


def explained(record: Record) -> float:
    """Return the share of the lowest rung's squared error (regression) or wrong rows (classes) that is gone."""
    power = 2 if record.target.task == "regression" else 1
    start, end = (
        estimate(tuple(error**power for error in rung.validation_error)).mean
        for rung in (first(record), chosen(record))
    )
    return 1 - end / start if start > 0 else math.nan


def repeating(record: Record) -> Repeating | None:
    """Return how repeating the last known value does beside the kept function, where that was measured."""
    found = record.series
    return Repeating(found.own_error, found.repeated_error) if found and found.repeated_error else None


def quantile_errors(record: Record) -> tuple[float, float]:
    """Return how far half and nine in ten of the held-out predictions are off at most, in the target's unit."""
    held_out = record.held_out
    errors = [abs(p - t) for t, p in zip(held_out.truth, held_out.prediction, strict=True) if math.isfinite(p - t)]
    if len(errors) < 2:
        return math.nan, math.nan
    tenths = quantiles(errors, n=10, method="inclusive")
    return tenths[4], tenths[8]


def used_columns(record: Record) -> int:
    """Return how many columns the function reads."""
    return sum(column.used for column in record.columns)


def most_frequent(record: Record) -> float:
    """Return the share of the held-out rows that are of the most frequent class; nan for a number."""
    counts = [sum(row) for row in record.held_out.confusion]
    return max(counts) / sum(counts) if counts else math.nan


def ranking(record: Record) -> Ranking | None:
    """Return how well the rarer of two classes is put first, where that was measured."""
    quality = record.classes
    return quality.rankings[0] if quality is not None and quality.positive >= 0 and quality.rankings else None


def left_out(record: Record) -> tuple[Column, ...]:
    """Return the columns that may tell more: not used though their values differ, and nobody asked to leave them out.

    The number or the code of a row tells nothing of another row, as none has the same. A text of several words may,
    though no other row has all of them: a title in a name, a maker in the name of a car.
    """
    unused = (column for column in record.columns if not column.used and not column.overruled)
    return tuple(column for column in unused if column.kind is Kind.text or column.reason == "all_distinct_text")


def rare(record: Record) -> bool:
    """Return whether one of two classes is so rare that the share of right answers says little."""
    found = ranking(record)
    return found is not None and found.share < RARE


def judged_classes(quality: ClassQuality) -> int:
    """Return how many classes have held-out rows: of a series, a class that only its first rows have has none."""
    return sum(score.rows > 0 for score in quality.scores)


def uneven(record: Record) -> bool:
    """Return whether one of several classes is so frequent that the share of right answers says little."""
    quality = record.classes
    return quality is not None and quality.positive < 0 and quality.constant_accuracy > 1 - RARE


def point(record: Record, name: str) -> WorkingPoint | None:
    """Return a working point of the threshold, if it was measured and can be reached."""
    curve = record.classes.thresholds if record.classes else None
    return next((one for one in curve.points if one.name == name), None) if curve else None
