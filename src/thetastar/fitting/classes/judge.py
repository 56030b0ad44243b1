"""All that is measured of a classifier, from the held-out rows' probabilities."""

from __future__ import annotations

import numpy as np

from thetastar.arrays import Integers
from thetastar.fitting.classes.design import Clusters
from thetastar.fitting.classes.intervals import Floats, mean, shares
from thetastar.fitting.classes.quality import ClassQuality, Ranking, Reliability, ThresholdCurve
from thetastar.fitting.classes.ranking import Ordered, order, rank, resample
from thetastar.fitting.classes.reliability import reliability
from thetastar.fitting.classes.scores import balanced_accuracy, class_scores
from thetastar.fitting.classes.thresholds import threshold_curve

__all__ = ["judge_classes"]

_RANKED = 12  # classes that get curves of their own
_CUTS, _FEWER_CUTS = 120, 50  # points of a curve, of each of many curves
_TINY = float(np.finfo(np.float32).tiny)  # probabilities are float32: what has become 0 there was below this


def judge_classes(
    truth: Integers, probability: Floats, weights: Floats, *, cluster: Integers | None = None, seed: int
) -> ClassQuality | None:
    """Measure a classifier.

    Args:
        truth: Each row's class, [rows].
        probability: What the member that had not seen the row gave each class, [rows, classes].
        weights: [rows], positive.
        cluster: Which rows go together, so that intervals count these, [rows]; None if each is its own.
        seed: Of the resampling.

    Returns:
        The measures; None if there are no rows, or a probability isn't finite.
    """
    if not len(truth) or not np.isfinite(probability).all():
        return None
    answer = probability.argmax(1)
    right, mass = (truth == answer).astype(np.float64), weights.sum()
    clusters = None if cluster is None else Clusters.of(cluster)
    frequency = np.bincount(truth, weights, probability.shape[1]) / mass
    positive = _positive(frequency)
    rankings, thresholds = _rankings(truth, probability, weights, positive=positive, clusters=clusters, seed=seed)
    one = np.zeros(len(truth), dtype=np.int64)
    return ClassQuality(
        rows=float(mass),
        positive=positive,
        accuracy=shares(one, right, weights, groups=1, clusters=clusters)[0],
        constant_accuracy=float(frequency.max()),
        balanced_accuracy=balanced_accuracy(truth, answer, weights, clusters=clusters, seed=seed),
        log_loss=mean(-np.log(probability[np.arange(len(truth)), truth].clip(_TINY)), weights, clusters),
        constant_log_loss=float(-(frequency[frequency > 0] * np.log(frequency[frequency > 0])).sum()),
        brier=mean(_brier(truth, probability), weights, clusters),
        constant_brier=float(1 - (frequency**2).sum()) / (2 if positive >= 0 else 1),
        scores=class_scores(truth, answer, weights, classes=probability.shape[1], clusters=clusters),
        rankings=rankings,
        thresholds=thresholds,
        reliability=_reliability(truth, probability, weights, positive=positive, clusters=clusters, seed=seed),
        clusters=0 if cluster is None else len(np.unique(cluster)),
    )


def _positive(shares: Floats) -> int:
    """Return the rarer of two classes, the later one if they are equally frequent; −1 for more classes."""
    if len(shares) != 2:
        return -1
    return int(shares[1] <= shares[0])


def _brier(truth: Integers, probability: Floats) -> Floats:
    """Return each row's squared distance to the truth: of one probability for two classes, else summed over all."""
    true = probability[np.arange(len(truth)), truth]
    if probability.shape[1] == 2:
        return np.asarray((1 - true) ** 2)
    return np.asarray((probability**2).sum(1) - 2 * true + 1)


def _rankings(
    truth: Integers, probability: Floats, weights: Floats, *, positive: int, clusters: Clusters | None, seed: int
) -> tuple[tuple[Ranking, ...], ThresholdCurve | None]:
    """Return the positive class's curves, or those of the most frequent classes, each against all others."""
    random = np.random.default_rng(seed)
    counts = np.bincount(truth, weights, probability.shape[1])
    frequent = np.flatnonzero((counts > 0) & (counts < counts.sum()))
    frequent = np.sort(frequent[np.argsort(-counts[frequent], kind="stable")][:_RANKED])
    two = positive >= 0
    if two and not frequent.size:
        return (), None
    found: list[Ranking] = []
    thresholds = None
    for position in [positive] if two else frequent.tolist():
        ordered: Ordered = order(probability[:, position], truth == position, weights, clusters)
        drawn = resample(ordered, cuts=_CUTS if two else _FEWER_CUTS, random=random)
        found.append(rank(ordered, drawn, position=position, bands=two))
        if two:
            thresholds = threshold_curve(ordered, drawn.cuts, position=position)
    return tuple(found), thresholds


def _reliability(
    truth: Integers, probability: Floats, weights: Floats, *, positive: int, clusters: Clusters | None, seed: int
) -> Reliability:
    """Judge the probability of the positive class, or of the class that is answered."""
    if positive >= 0:
        said, came_true = probability[:, positive], truth == positive
    else:
        said, came_true = probability.max(1), truth == probability.argmax(1)
    hits = came_true.astype(np.float64)
    return reliability(said, hits, weights, position=positive, clusters=clusters, seed=seed)
