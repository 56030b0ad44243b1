"""Do the few whole numbers of a target stand for classes, or do they count or rate something?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from thetastar.arrays import Floats

__all__ = ["whole_number_reason"]

_MOST_CODES = 20  # whole numbers 0, 1, … or 1, 2, …, up to this many of them, may be codes for classes
_MOST_SCORES = 50  # more different whole numbers than this are nobody's classes
_REPEATS = 5  # rows that each of them should have on average
_EVEN = 5.0  # codes: none is more than so many times rarer than an even share, as the tails of counts and scores are
_DIP = 3.0  # or one is so many times rarer than a smaller and a larger one, where counts and scores have one peak
_BEYOND_CHANCE = 3.0  # standard errors


def whole_number_reason(values: Floats, counts: npt.NDArray[np.integer]) -> str:
    """Say what a target of numbers is, by its distinct values and how often each occurs.

    Returns:
        ``two_values`` or ``integer_codes`` for classes; ``few_integers`` for numbers that might be meant as classes;
        ``numeric`` for what can only be numbers.

    Example:
        >>> import numpy as np
        >>> whole_number_reason(np.array([1.0, 2.0, 3.0]), np.array([59, 71, 48]))  # cultivars of wine
        'integer_codes'
        >>> scores = np.array([3.0, 4, 5, 6, 7, 8])  # quality of wine
        >>> whole_number_reason(scores, np.array([10, 53, 681, 638, 199, 18]))
        'few_integers'
    """
    if not (np.isfinite(values) & (values == np.round(values))).all() or len(values) < 2:
        return "numeric"
    if len(values) == 2:
        return "two_values"
    if len(values) > _MOST_SCORES or counts.sum() < _REPEATS * len(values):
        return "numeric"
    numbered = bool((np.diff(values) == 1).all()) and values[0] in (0, 1) and len(values) <= _MOST_CODES
    return "integer_codes" if numbered and (_even(counts) or _dips(counts)) else "few_integers"


def _even(counts: npt.NDArray[np.integer]) -> bool:
    """Tell whether every value is about as frequent as the others."""
    return bool(counts.min() * len(counts) * _EVEN >= counts.sum())


def _dips(counts: npt.NDArray[np.integer]) -> bool:
    """Tell whether a value is much rarer than one below and one above it."""
    below, above = np.maximum.accumulate(counts), np.maximum.accumulate(counts[::-1])[::-1]
    peaks = np.minimum(below, above)  # the lower of the peaks on either side; the value itself where it has none
    deep = (peaks > _DIP * counts) & (peaks - counts > _BEYOND_CHANCE * np.sqrt(peaks + counts))
    return bool(deep.any())
