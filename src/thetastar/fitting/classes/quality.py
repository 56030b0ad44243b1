"""What is measured of a classifier, as plain values for the record.

Intervals are 95 % intervals over held-out rows, or over groups or blocks of them where rows depend on each other.
Shares are between 0 and 1. "Rows" are sums of row weights, so that a merged row counts as often as it stood there.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Band",
    "ClassQuality",
    "ClassScore",
    "Measured",
    "Ranking",
    "Reliability",
    "ReliabilityBin",
    "ThresholdCurve",
    "WorkingPoint",
]


@dataclass(frozen=True)
class Measured:
    """A value with its interval; all nan where there were no rows to measure it on."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ClassScore:
    """How one class fares when each row gets its most probable class."""

    position: int  # in target.classes
    rows: float
    precision: Measured  # of the rows given this class, the share that is right
    recall: Measured  # of the rows of this class, the share that is found
    f1: Measured  # their harmonic mean


@dataclass(frozen=True)
class Band:
    """A curve, thinned for drawing, with its interval at every x; ``low`` and ``high`` may be empty."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Ranking:
    """How well the probability of one class puts its rows before all others, at every threshold."""

    position: int  # in target.classes
    share: float  # of the rows that are of this class: the average precision of a blind order
    roc_area: Measured  # area under the ROC curve; .5 for a blind order
    average_precision: Measured  # Σ (recall step) · precision
    roc: Band  # x: share of the other rows that are flagged, y: recall
    precision_recall: Band  # x: recall, y: precision


@dataclass(frozen=True)
class WorkingPoint:
    """One threshold that a person may want: rows whose probability is at least this are flagged."""

    name: str  # half, best_f1, break_even, precision_90, precision_50
    threshold: float
    precision: Measured
    recall: Measured
    f1: float
    flagged: float  # share of all rows


@dataclass(frozen=True)
class ThresholdCurve:
    """What the threshold trades, for one of two classes."""

    position: int  # in target.classes
    precision: Band  # x: threshold
    recall: Band
    flagged: Band
    points: tuple[WorkingPoint, ...]


@dataclass(frozen=True)
class ReliabilityBin:
    """Rows of similar probability: what was said, and how often it came true."""

    rows: float
    predicted: float  # mean probability
    observed: Measured


@dataclass(frozen=True)
class Reliability:
    """Whether a probability of 30 % comes true in 30 % of rows."""

    position: int  # the class whose probability is meant; −1: that of the most probable class
    bins: tuple[ReliabilityBin, ...]  # of equal mass, by rising probability
    error: float  # expected calibration error: mean |said − came true| over the bins
    by_chance: float  # the mean error of probabilities that are right, over as many rows
    by_chance_most: float  # …which is exceeded in one case of twenty


@dataclass(frozen=True)
class ClassQuality:
    """Everything measured of a classifier on held-out rows. "Constant" answers the shares of the classes."""

    rows: float
    positive: int  # the class that thresholds are about: the rarer of two; −1 where there are more
    accuracy: Measured
    constant_accuracy: float
    balanced_accuracy: Measured  # mean recall of the classes; 1 / classes for any constant
    log_loss: Measured  # mean −ln(probability of the true class)
    constant_log_loss: float
    brier: Measured  # mean squared distance of the probability; summed over classes where there are more than two
    constant_brier: float
    scores: tuple[ClassScore, ...]  # every class
    rankings: tuple[Ranking, ...]  # the positive class, or each of the most frequent against the rest
    thresholds: ThresholdCurve | None  # only for two classes
    reliability: Reliability
    clusters: int = 0  # groups, or blocks of neighbouring rows, that the intervals count; 0 if they count rows
