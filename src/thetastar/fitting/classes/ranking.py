"""ROC and precision-recall curves of one class against the rest, exact, with bands from resampled rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thetastar.arrays import Flags
from thetastar.fitting.classes.design import Clusters, effects
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
        together: The rows, where they go together; None if each is its own.
    """

    threshold: Floats
    hits: Floats
    alarms: Floats
    hit_squares: Floats
    alarm_squares: Floats
    together: _Together | None = None

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
        hits, _ = self._by_cluster(at)
        squares = self.hit_squares[at], self.hit_squares[-1] - self.hit_squares[at]
        return _limits(self.hits[at], self.hits[-1] - self.hits[at], squares, _rest(hits))

    def precision_limits(self, at: Places) -> tuple[Floats, Floats]:
        """Return the limits of the precision at some entries."""
        hits, alarms = self._by_cluster(at)
        squares = self.hit_squares[at], self.alarm_squares[at]
        sums = None if hits is None or alarms is None else (hits[:, :-1], alarms[:, :-1])
        return _limits(self.hits[at], self.alarms[at], squares, sums)

    def flagged_limits(self, at: Places) -> tuple[Floats, Floats]:
        """Return the limits of the share of rows flagged at some entries."""
        flagged, of_squares = self.hits + self.alarms, self.hit_squares + self.alarm_squares
        hits, alarms = self._by_cluster(at)
        squares = of_squares[at], of_squares[-1] - of_squares[at]
        sums = None if hits is None or alarms is None else _rest(hits + alarms)
        return _limits(flagged[at], flagged[-1] - flagged[at], squares, sums)

    def _by_cluster(self, at: Places) -> tuple[Floats, Floats] | tuple[None, None]:
        """Return hits and alarms of each cluster down to some entries, and of all rows, [clusters, entries + 1]."""
        return (None, None) if self.together is None else self.together.until(at)


@dataclass(frozen=True)
class _Together:
    """Rows that go together, in the order of ``Ordered``: each row's entry, weight, whether it is of the class."""

    entry: Places
    weight: Floats
    member: Flags
    clusters: Clusters

    def until(self, at: Places) -> tuple[Floats, Floats]:
        """Return hits and alarms of each cluster down to some entries, and of all rows, [clusters, entries + 1]."""
        rising = np.argsort(at)
        cell = np.searchsorted(at[rising], self.entry)  # the first of the entries that reaches down to the row
        back = np.append(np.argsort(rising), len(at))
        parts = self.weight * self.member, self.weight * ~self.member
        hits, alarms = (self.clusters.sums(part, cell, among=len(at) + 1).cumsum(1)[:, back] for part in parts)
        return hits, alarms


def _rest(sums: Floats | None) -> tuple[Floats, Floats] | None:
    """Return the sums down to some entries, and those of the rows below."""
    return None if sums is None else (sums[:, :-1], sums[:, -1:] - sums[:, :-1])


def _limits(
    inside: Floats, outside: Floats, squares: tuple[Floats, Floats], sums: tuple[Floats, Floats] | None
) -> tuple[Floats, Floats]:
    """Return the limits of shares, whose sums by cluster say how much less the rows tell."""
    together = squares[0] + squares[1].clip(0)
    if sums is not None:
        together = together * effects(*sums, inside_squares=squares[0], outside_squares=squares[1].clip(0))
    return limits(inside, outside, together)


@dataclass(frozen=True)
class Resampled:
    """The curves' coordinates at a few cuts, in every draw of the rows: [draws, cuts] each."""

    cuts: Places  # positions in ``Ordered``
    recall: Floats
    false_alarms: Floats
    precision: Floats
    widening: float = 1.0  # of what they show, as the clusters that were drawn are few


def order(probability: Floats, member: Flags, weights: Floats, clusters: Clusters | None = None) -> Ordered:
    """Order rows by their probability of a class. ``member`` says which rows are of it; both kinds must occur."""
    falling = np.argsort(-probability)  # ties are counted together, in whatever order they come
    threshold, weight, mine = probability[falling], weights[falling], member[falling]
    last = np.append(np.flatnonzero(np.diff(threshold)), len(threshold) - 1)

    together = None
    if clusters is not None:
        entry = np.searchsorted(last, np.arange(len(falling)))
        together = _Together(entry, weight, mine, Clusters(clusters.code[falling], clusters.count))

    def until(values: Floats) -> Floats:
        return np.asarray(np.cumsum(values)[last], dtype=np.float64)

    return Ordered(
        threshold=threshold[last],
        hits=until(weight * mine),
        alarms=until(weight * ~mine),
        hit_squares=until(weight**2 * mine),
        alarm_squares=until(weight**2 * ~mine),
        together=together,
    )


def resample(ordered: Ordered, *, cuts: int, random: np.random.Generator) -> Resampled:
    """Draw the rows again and again, between cuts that are even in recall, in false alarms and in the threshold."""
    scales = (ordered.recall, ordered.false_alarms, -ordered.threshold)
    places = [np.searchsorted(scale, np.linspace(scale[0], scale[-1], cuts)) for scale in scales]
    at = np.unique(np.concatenate([*places, [len(ordered.threshold) - 1]]))
    if ordered.together is not None:
        hits, alarms = _drawn_together(ordered.together, at, random)
    else:
        hits = _drawn(ordered.hits[at], ordered.hit_squares[at], random)
        alarms = _drawn(ordered.alarms[at], ordered.alarm_squares[at], random)
    flagged = hits + alarms
    precision = np.divide(hits, flagged, out=np.full_like(hits, np.nan), where=flagged > 0)
    widening = 1.0 if ordered.together is None else ordered.together.clusters.widening
    return Resampled(at, hits / hits[:, -1:], alarms / alarms[:, -1:], precision, widening)


def _drawn(sums: Floats, squares: Floats, random: np.random.Generator) -> Floats:
    """Return resampled cumulative sums [draws, cuts]."""
    return totals(np.diff(sums, prepend=0), np.diff(squares, prepend=0), draws=_DRAWS, random=random).cumsum(1)


def _drawn_together(together: _Together, at: Places, random: np.random.Generator) -> tuple[Floats, Floats]:
    """Return resampled cumulative hits and alarms, [draws, cuts] each: a cluster's rows get one weight together."""
    drawn = random.standard_exponential((_DRAWS, together.clusters.count))
    hits, alarms = together.until(at)
    return drawn @ hits[:, :-1], drawn @ alarms[:, :-1]


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
            widening=drawn.widening,
        ),
        average_precision=_measured(
            _average_precision(ordered.recall, ordered.precision),
            _average_precision(drawn.recall, drawn.precision),
            centre=_average_precision(recall, precision),
            widening=drawn.widening,
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


def _measured(value: Floats, drawn: Floats, *, centre: Floats, widening: float) -> Measured:
    low, high = around(value, drawn, centre=centre, widening=widening)
    return Measured(float(value), float(low), float(high))


def _short(values: Floats) -> tuple[float, ...]:
    """Round for drawing; longer digits only make the record larger."""
    return tuple(float(f"{value:.{_DIGITS}g}") for value in values.tolist())
