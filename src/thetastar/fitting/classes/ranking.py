"""ROC and precision-recall curves of one class against the rest, exact, with bands from resampled rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thetastar.fitting.classes.intervals import Floats, around, limits, totals
from thetastar.fitting.classes.quality import Band, Measured, Ranking

__all__ = ["Ordered", "Places", "Resampled", "curve", "order", "rank", "resample"]

Places = npt.NDArray[np.intp]

_DRAWS = 400  # of the rows: the limits of an interval then vary by about a tenth of its width
_DIGITS = 6  # of what is drawn


@dataclass(frozen=True)
class Ordered:
    """Rows by falling probability of a class; entry i stands for flagging the rows down to the i-th distinct one.

    Attributes:
        threshold: Distinct probabilities, falling.
        hits: Weight of the class's rows flagged so far; ``hit_squares`` sums their squared weights.
        alarms: Weight of the other rows flagged so far; ``alarm_squares`` likewise.
    """

    threshold: Floats
    hits: Floats
    alarms: Floats
    hit_squares: Floats
    alarm_squares: Floats

    @property
    def recall(self) -> Floats:
        """Return the share of the class that is flagged."""
        return np.asarray(self.hits / self.hits[-1])

    @property
    def false_alarms(self) -> Floats:
        """Return the share of the other rows that is flagged."""
        return np.asarray(self.alarms / self.alarms[-1])

    @property
    def precision(self) -> Floats:
        """Return the share of the flagged rows that are of the class."""
        return np.asarray(self.hits / (self.hits + self.alarms))

    @property
    def flagged(self) -> Floats:
        """Return the share of all rows that is flagged."""
        return np.asarray((self.hits + self.alarms) / (self.hits[-1] + self.alarms[-1]))

    def recall_limits(self, at: Places) -> tuple[Floats, Floats]:
        """Return the limits of the recall at some entries."""
        total, squares = self.hits[-1], np.full(len(at), self.hit_squares[-1])
        return limits(self.hits[at], total - self.hits[at], squares)

    def precision_limits(self, at: Places) -> tuple[Floats, Floats]:
        """Return the limits of the precision at some entries."""
        return limits(self.hits[at], self.alarms[at], self.hit_squares[at] + self.alarm_squares[at])

    def flagged_limits(self, at: Places) -> tuple[Floats, Floats]:
        """Return the limits of the share of rows flagged at some entries."""
        flagged, total = self.hits + self.alarms, self.hits[-1] + self.alarms[-1]
        squares = np.full(len(at), self.hit_squares[-1] + self.alarm_squares[-1])
        return limits(flagged[at], total - flagged[at], squares)


@dataclass(frozen=True)
class Resampled:
    """The curves' coordinates at a few cuts, in every draw of the rows: [draws, cuts] each."""

    cuts: Places  # positions in ``Ordered``
    recall: Floats
    false_alarms: Floats
    precision: Floats


def order(probability: Floats, member: npt.NDArray[np.bool_], weights: Floats) -> Ordered:
    """Order rows by their probability of a class. ``member`` says which rows are of it; both kinds must occur."""
    falling = np.argsort(-probability)  # ties are counted together, in whatever order they come
    threshold, weight, mine = probability[falling], weights[falling], member[falling]
    last = np.append(np.flatnonzero(np.diff(threshold)), len(threshold) - 1)

    def until(values: Floats) -> Floats:
        return np.asarray(np.cumsum(values)[last], dtype=np.float64)

    return Ordered(
        threshold=threshold[last],
        hits=until(weight * mine),
        alarms=until(weight * ~mine),
        hit_squares=until(weight**2 * mine),
        alarm_squares=until(weight**2 * ~mine),
    )


def resample(ordered: Ordered, *, cuts: int, random: np.random.Generator) -> Resampled:
    """Draw the rows again and again, between cuts that are even in recall, in false alarms and in the threshold."""
    scales = (ordered.recall, ordered.false_alarms, -ordered.threshold)
    places = [np.searchsorted(scale, np.linspace(scale[0], scale[-1], cuts)) for scale in scales]
    at = np.unique(np.concatenate([*places, [len(ordered.threshold) - 1]]))
    hits = _drawn(ordered.hits[at], ordered.hit_squares[at], random)
    alarms = _drawn(ordered.alarms[at], ordered.alarm_squares[at], random)
    flagged = hits + alarms
    precision = np.divide(hits, flagged, out=np.full_like(hits, np.nan), where=flagged > 0)
    return Resampled(at, hits / hits[:, -1:], alarms / alarms[:, -1:], precision)


def _drawn(sums: Floats, squares: Floats, random: np.random.Generator) -> Floats:
    """Return resampled cumulative sums [draws, cuts]."""
    return totals(np.diff(sums, prepend=0), np.diff(squares, prepend=0), draws=_DRAWS, random=random).cumsum(1)


def rank(ordered: Ordered, drawn: Resampled, *, position: int, bands: bool) -> Ranking:
    """Measure an order: areas with intervals, curves with bands if they are asked for."""
    at = drawn.cuts
    recall, false_alarms, precision = ordered.recall[at], ordered.false_alarms[at], ordered.precision[at]
    return Ranking(
        position=position,
        share=float(ordered.precision[-1]),
        roc_area=_measured(
            _roc_area(ordered.false_alarms, ordered.recall),
            _roc_area(drawn.false_alarms, drawn.recall),
            centre=_roc_area(false_alarms, recall),
        ),
        average_precision=_measured(
            _average_precision(ordered.recall, ordered.precision),
            _average_precision(drawn.recall, drawn.precision),
            centre=_average_precision(recall, precision),
        ),
        roc=_across(false_alarms, recall, drawn=(drawn.false_alarms, drawn.recall), least=ordered.recall_limits(at))
        if bands
        else curve(false_alarms, recall),
        precision_recall=_across(
            recall, precision, drawn=(drawn.recall, drawn.precision), least=ordered.precision_limits(at)
        )
        if bands
        else curve(recall, precision),
    )


def curve(x: Floats, y: Floats, limits: tuple[Floats, Floats] | None = None) -> Band:
    """Return a curve for drawing, with its limits if there are any."""
    low, high = limits or (y[:0], y[:0])
    return Band(_short(x), _short(y), _short(low), _short(high))


def _across(x: Floats, y: Floats, *, drawn: tuple[Floats, Floats], least: tuple[Floats, Floats]) -> Band:
    """Return a curve whose x varies between draws too: every draw is read off at the same x.

    The band is nowhere narrower than the interval of y at the threshold in question: at a curve's ends, where all
    rows are right or wrong, drawing the same rows again shows no doubt.
    """
    low, high = around(y, np.stack([np.interp(x, one, other) for one, other in zip(*drawn, strict=True)]))
    return curve(x, y, (np.minimum(low, least[0]), np.maximum(high, least[1])))


def _roc_area(false_alarms: Floats, recall: Floats) -> Floats:
    """Return the area under straight lines between the points and the origin, along the last axis."""
    widths = np.diff(false_alarms, axis=-1, prepend=0)
    before = np.concatenate([np.zeros_like(recall[..., :1]), recall[..., :-1]], axis=-1)
    return np.asarray((widths * (recall + before) / 2).sum(-1))


def _average_precision(recall: Floats, precision: Floats) -> Floats:
    """Return Σ (recall step) · precision along the last axis."""
    return np.asarray(np.nansum(np.diff(recall, axis=-1, prepend=0) * precision, axis=-1))


def _measured(value: Floats, drawn: Floats, *, centre: Floats) -> Measured:
    low, high = around(value, drawn, centre=centre)
    return Measured(float(value), float(low), float(high))


def _short(values: Floats) -> tuple[float, ...]:
    """Round for drawing; longer digits only make the record larger."""
    return tuple(float(f"{value:.{_DIGITS}g}") for value in values.tolist())
