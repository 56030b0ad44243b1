"""Budgets as people write them: 90, "90s", "2m", "1.5h"."""

from __future__ import annotations

import re

from thetastar.errors import BudgetError

__all__ = ["seconds"]

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(budget: str | float) -> float:
    """Return a budget in seconds.

    Args:
        budget: A number of seconds, or a number with the unit s, m or h.

    Raises:
        BudgetError: if it can't be read or is not positive.

    Example:
        >>> seconds("2m")
        120.0
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([smh]?)\s*", str(budget).lower())
    value = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if value <= 0:
        raise BudgetError(f"a budget is a positive time such as 90, '90s', '2m' or '1.5h'; seen {budget!r}")
    return value
