"""What was predicted and what came, along the time of the last fold."""

from __future__ import annotations

import numpy as np

from thetastar.data.windows import is_date, moments
from thetastar.fitting.held_out import HeldOutRows
from thetastar.fitting.record import Forecast
from thetastar.fitting.splitter import Splitter

__all__ = ["forecast_of"]

_SHOWN = 500  # moments: more lie closer together than can be seen


def forecast_of(judged: HeldOutRows, splitter: Splitter) -> Forecast | None:
    """Return the last fold's rows in order of time; rows of one moment are averaged. None without times or for classes.

    Args:
        judged: Every validation row and its prediction.
        splitter: With the times of all rows.
    """
    if splitter.times is None or judged.target.classes:
        return None
    last = judged.fold == judged.fold.max()
    when, place = np.unique(moments(splitter.times[judged.rows[last]]), return_inverse=True)
    weights = judged.weights[last]
    total = np.bincount(place, weights=weights)
    truth, prediction = (
        np.bincount(place, weights=weights * values[last]) / total for values in (judged.truth, judged.answers)
    )
    return Forecast(
        column=splitter.times.name,
        dates=is_date(splitter.times),
        time=tuple(when[-_SHOWN:].tolist()),
        truth=tuple(truth[-_SHOWN:].tolist()),
        prediction=tuple(prediction[-_SHOWN:].tolist()),
        several=bool(len(when) < last.sum()),
    )
