"""How a fit was asked for, so that it can be asked for again."""

from __future__ import annotations

from dataclasses import dataclass

from thetastar.fitting.codes import AskedBy

__all__ = ["Asked"]


@dataclass(frozen=True)
class Asked:
    """Who called the fit, and what the rest of a record doesn't tell: it knows the source, the recipe and the seed.

    Attributes:
        by: The command, an estimator, or ``thetastar.fitting.fit``.
        options: Of a command its options, word by word; of an estimator its arguments as code; without those that are
            at their default.
        data: What an estimator's ``fit`` was given besides X and y: sample_weight, groups, times.
    """

    by: AskedBy = "function"
    options: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
