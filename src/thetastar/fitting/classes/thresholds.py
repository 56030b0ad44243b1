"""What the threshold trades between two classes, and the thresholds that people ask for."""

from __future__ import annotations

import numpy as np

from thetastar.fitting.classes.intervals import NOT_MEASURED, Floats, share
from thetastar.fitting.classes.quality import Measured, ThresholdCurve, WorkingPoint
from thetastar.fitting.classes.ranking import Ordered, Places, curve

__all__ = ["threshold_curve"]

_HALF = 0.5  # the threshold of the most probable of two classes
_FEWEST = 10  # rows found: a precision of fewer is luck, and the best of many thresholds has much of it
_PRECISIONS = {"precision_90": 0.9, "precision_50": 0.5}


def threshold_curve(ordered: Ordered, at: Places, *, position: int) -> ThresholdCurve:
    """Return precision, recall and the share flagged against the threshold, with bands, and the working points.

    Args:
        ordered: The rows by their probability of the class.
        at: The entries to draw, rising.
        position: The class.

    A working point that no threshold reaches (a precision of 90 %, say) is left out.
    """
    at = at[::-1]  # by rising threshold
    x = ordered.threshold[at]
    places: dict[str, int | None] = {"half": _at_half(ordered), "best_f1": int(np.argmax(_f1(ordered)))}
    places |= {"break_even": _break_even(ordered)}
    places |= {name: _at_precision(ordered, least) for name, least in _PRECISIONS.items()}
    return ThresholdCurve(
        position=position,
        precision=curve(x, ordered.precision[at], ordered.precision_limits(at)),
        recall=curve(x, ordered.recall[at], ordered.recall_limits(at)),
        flagged=curve(x, ordered.flagged[at], ordered.flagged_limits(at)),
        points=tuple(_point(ordered, name, place) for name, place in places.items() if place is not None),
    )


def _f1(ordered: Ordered) -> Floats:
    return np.asarray(2 * ordered.hits / (ordered.hits + ordered.alarms + ordered.hits[-1]))


def _at_half(ordered: Ordered) -> int:
    """Return the last place with a probability of a half; −1 if no row reaches it."""
    return int(np.searchsorted(-ordered.threshold, -_HALF, side="right")) - 1


def _break_even(ordered: Ordered) -> int:
    """Return where precision and recall are closest: as many rows are flagged as the class has."""
    return int(np.argmin(np.abs(ordered.hits + ordered.alarms - ordered.hits[-1])))


def _at_precision(ordered: Ordered, least: float) -> int | None:
    """Return the place of the largest recall with at least that precision, or None."""
    enough = ordered.hits**2 >= _FEWEST * ordered.hit_squares
    reached = np.flatnonzero((ordered.precision >= least) & enough)
    return int(reached[-1]) if reached.size else None


def _point(ordered: Ordered, name: str, place: int) -> WorkingPoint:
    """Measure one threshold; at place −1 nothing is flagged."""
    total = float(ordered.hits[-1])
    if place < 0:
        none = share(0.0, total, float(ordered.hit_squares[-1]))
        return WorkingPoint(name, _HALF, NOT_MEASURED, none, 0.0, 0.0)
    hits, alarms, at = float(ordered.hits[place]), float(ordered.alarms[place]), np.array([place])
    return WorkingPoint(
        name=name,
        threshold=_HALF if name == "half" else float(ordered.threshold[place]),
        precision=_measured(hits / (hits + alarms), ordered.precision_limits(at)),
        recall=_measured(hits / total, ordered.recall_limits(at)),
        f1=2 * hits / (hits + alarms + total),
        flagged=float(ordered.flagged[place]),
    )


def _measured(value: float, limits: tuple[Floats, Floats]) -> Measured:
    (low,), (high,) = limits
    return Measured(value, float(low), float(high))
