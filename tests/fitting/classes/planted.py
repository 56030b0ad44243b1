"""A table with 3 % positives whose probabilities are known: y is drawn from them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

SLOPE, INTERCEPT = 1.5, -4.3  # 3 % positives


def rare(rows: int, *, seed: int = 0) -> tuple[Floats, Codes, Floats]:
    """Return a column x, classes drawn from its logistic probabilities, and both classes' probabilities."""
    random = np.random.default_rng(seed)
    x = random.normal(size=rows)
    positive = 1 / (1 + np.exp(-(INTERCEPT + SLOPE * x)))
    truth = (random.random(rows) < positive).astype(np.int64)
    return x, truth, np.stack([1 - positive, positive], axis=1)


def population() -> tuple[float, float, float]:
    """Return the share of positives, the area under ROC and the average precision of infinitely many rows.

    Integrals over x on a fine grid, x being standard normal.
    """
    x = np.linspace(9, -9, 400_001)  # from the largest probability down
    mass = np.exp(-(x**2) / 2)
    mass /= mass.sum()
    positive = mass / (1 + np.exp(-(INTERCEPT + SLOPE * x)))
    hits, alarms = positive.cumsum(), (mass - positive).cumsum()
    precision = hits / (hits + alarms)
    area = ((hits - positive / 2) * (mass - positive)).sum() / (hits[-1] * alarms[-1])
    return float(hits[-1]), float(area), float((positive * precision).sum() / hits[-1])
